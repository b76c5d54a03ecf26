// Command latchkey signs in to vendor APIs, calls them, and shows what the
// clients do.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second interruption ends the program at once
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code.
func run(ctx context.Context, args []string) int {
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	a.err.clear()
	if err == nil {
		return exitSuccess
	}
	code := exitCode(ctx, err)
	if !a.started {
		code = exitUsage // cobra did not get as far as a command
	}
	if code == exitInterrupted {
		err = errors.New("interrupted")
	}
	a.err.fail(err.Error())
	if code == exitUsage && !a.started {
		a.err.note("Run latchkey --help for what it can do.")
	}
	return code
}
