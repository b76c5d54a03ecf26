package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// errDemo says that a vendor did something else than is expected; the listing
// says what.
var errDemo = errors.New("something differs from what is expected; see above")

// Results of a trial.
const (
	resultOK     = "ok"
	resultFailed = "failed"
)

// demoCommand returns the command that tries every vendor.
func (a *app) demoCommand() *cobra.Command {
	return a.listingFlags(&cobra.Command{
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
		Example:           "  latchkey demo\n  latchkey demo --json",
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context()) },
	})
}

func (a *app) demo(ctx context.Context) error {
	server := sandbox.New()
	defer server.Close()
	if err := server.Err(); err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	var lines []demoLine
	failed := false
	for _, s := range subjects {
		t := newTrial(server.Vendor(s.vendor), s)
		t.run(ctx, server.Clock(), func(step string) { a.err.progress(string(s.vendor), step) })
		if err := ctx.Err(); err != nil {
			return err
		}
		lines = append(lines, t.line())
		failed = failed || len(t.faults) > 0
	}
	a.err.clear()
	if err := a.printDemo(lines); err != nil {
		return err
	}
	if failed {
		return errDemo
	}
	return nil
}

// A demoLine is what demo says of one vendor.
type demoLine struct {
	Vendor     string   `json:"vendor"`
	Operations int      `json:"operations"`
	Documented int      `json:"documented"`
	Observed   int      `json:"observed"`
	Inferred   int      `json:"inferred"`
	Logins     int      `json:"logins"`
	Refreshes  int      `json:"refreshes"`
	Replays    int      `json:"replays"`
	Result     string   `json:"result"`
	Faults     []string `json:"faults,omitempty"`
}

// line returns what became of a trial.
func (t *trial) line() demoLine {
	c := t.certainties()
	l := demoLine{
		Vendor: string(t.vendor), Operations: len(t.operations), Documented: c[0], Observed: c[1], Inferred: c[2],
		Logins: t.standin.Logins(), Refreshes: t.standin.Refreshes(), Replays: int(t.replays.Load()), Result: resultOK, Faults: t.faults,
	}
	if len(t.faults) > 0 {
		l.Result = resultFailed
	}
	return l
}

// printDemo prints one line per vendor, and below them what went wrong.
func (a *app) printDemo(lines []demoLine) error {
	if a.flags.json {
		return a.out.json(lines)
	}
	table := [][]string{{"VENDOR", "OPERATIONS", "DOCUMENTED", "OBSERVED", "INFERRED", "LOGINS", "REFRESHES", "REPLAYS", "RESULT"}}
	for _, l := range lines {
		row := []string{l.Vendor}
		for _, n := range []int{l.Operations, l.Documented, l.Observed, l.Inferred, l.Logins, l.Refreshes, l.Replays} {
			row = append(row, strconv.Itoa(n))
		}
		table = append(table, append(row, a.out.paint(l.Result)))
	}
	a.out.columns(table)
	for _, l := range lines {
		for _, fault := range l.Faults {
			fmt.Fprintf(a.out.w, "%s: %s\n", l.Vendor, fault)
		}
	}
	return nil
}
