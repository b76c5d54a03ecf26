// Command latchkey signs in to vendor APIs and shows what the clients do.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code: 0 for success, 1 if what was tried failed, 2 for
// wrong usage.
func run(ctx context.Context, args []string) int {
	root := &cobra.Command{
		Use:           "latchkey",
		Short:         "Typed clients for vendor APIs that make you log in",
		Version:       rest.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	failed := false
	root.AddCommand(demoCommand(&failed))
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "latchkey:", err)
		if failed {
			return 1
		}
		fmt.Fprintln(os.Stderr, "Run latchkey --help for what it can do.")
		return 2
	}
	return 0
}
