package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// errDemo says that a vendor did something else than is expected; the table
// says what.
var errDemo = errors.New("something differs from what is expected; see the table")

// demoCommand returns the command that tries every vendor.
func (*app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Try the clients of all vendors against stand-ins for them, without an account",
		Long: `Starts stand-ins for the four vendors in this process and does with each client:

  sign in, with a second factor where the vendor has one
  call every operation once
  let the session expire and call again: one renewal, no failed call
  call 50 times at once with a new client: one sign-in
  call 10 times with a wrong password: one sign-in, no more
  sign out

It prints one line per vendor and exits with 1 if anything differs from that.`,
		Example: "  latchkey demo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := sandbox.New()
			defer server.Close()
			if err := server.Err(); err != nil {
				return fmt.Errorf("starting the sandbox: %w", err)
			}
			out := newScreen(cmd.OutOrStdout())
			var trials []*trial
			for _, s := range subjects {
				t := newTrial(server.Vendor(s.vendor), s)
				trials = append(trials, t)
				t.run(cmd.Context(), server.Clock(), func(step string) { out.progress(string(s.vendor), step) })
				if err := cmd.Context().Err(); err != nil {
					out.clear()
					return errors.New("interrupted")
				}
			}
			out.clear()
			out.table(trials)
			for _, t := range trials {
				if len(t.faults) > 0 {
					return errDemo
				}
			}
			return nil
		},
	}
}
