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
	// Writing to a pipe that nobody reads fails, but does not end the program: a
	// sign-in may be under way, or a session has to be ended.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code.
func run(ctx context.Context, args []string) int {
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	root := a.rootCommand()
	root.SetArgs(longFlags(root, args))
	cmd, err := root.ExecuteContextC(ctx)
	a.err.clear()
	if err == nil {
		err = a.out.w.failed()
	}
	if err == nil {
		return exitSuccess
	}
	code := exitCode(ctx, err)
	switch {
	case isClosedPipe(a.out.w.failed()):
		return exitClosedPipe // whoever read the output has had enough
	case code == exitInterrupted:
		err = errors.New("interrupted")
	case !a.started && a.out.w.failed() == nil:
		code = exitUsage // cobra did not get as far as a command
	}
	a.err.fail(explain(err))
	if code == exitUsage && (!a.started || cmd == root) {
		a.err.note("Run " + cmd.CommandPath() + " --help for what it takes.")
	}
	return code
}
