// Peerbench compares the session engine with what other libraries offer for the
// same job, in one run and on one machine, and prints a table:
//
//	go run .            about a minute
//	go run . -quick     about fifteen seconds
//
// All that is measured happens in memory. Times are medians of many short rounds
// that take turns. Allocations are exact, and so are the counts of latchkey,
// which the tests check; those of others may differ a little from run to run.
// Compare the columns of a row, not numbers of different runs.
//
// Who is compared:
//
//   - no session: the transport underneath, for calls that need no session
//   - by hand: a mutex around a token, and after a 401 a sign-in and the request
//     once more
//   - x/oauth2: Transport with ReuseTokenSource
//   - aws: CredentialsCache, told of a 401 by Invalidate
//   - azcore: BearerTokenPolicy, in the pipeline that it needs
//   - google: CachedTokenProvider of cloud.google.com/go/auth
//   - client-go: CachedTokenSource with ResettableTokenSourceWrapTransport
//   - latchkey: [session.Engine.Transport]
//
// The pipeline of azcore also has policies for retries, logging and telemetry,
// which are switched off but still cost something. The caches of aws and google
// have no RoundTripper of their own that sets a plain header; theirs is written
// as that of x/oauth2 is. All of them were made for servers that do not count
// failed sign-ins, which explains some numbers.
//
// The exit status is 1 if a goal was missed that does not depend on the machine:
// allocations, locks, sign-ins and failed calls.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "measure less, for a first impression")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	rows, err := measure(ctx, os.Stdout, newPlan(*quick))
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "peerbench:", err)
		os.Exit(2)
	case !conclude(os.Stdout, rows):
		os.Exit(1)
	}
}

// A plan says how much is measured.
type plan struct {
	single, parallel, read effort
	readTurns              int // in which reads are measured
	lockCalls              int
	loginTime              time.Duration // in storms
	slowLogin              time.Duration // while others lose patience
}

func newPlan(quick bool) plan {
	if quick {
		return plan{
			single: effort{25, 2000}, parallel: effort{15, 6400}, read: effort{5, 20_000}, readTurns: 3,
			lockCalls: 64_000, loginTime: 5 * time.Millisecond, slowLogin: 300 * time.Millisecond,
		}
	}
	return plan{
		single: effort{150, 4000}, parallel: effort{100, 12_800}, read: effort{15, 40_000}, readTurns: 9,
		lockCalls: 320_000, loginTime: 20 * time.Millisecond, slowLogin: time.Second,
	}
}

// measure measures everything and writes what it is about.
func measure(ctx context.Context, w io.Writer, p plan) ([]*row, error) {
	fmt.Fprintf(w, "%s %s/%s, %d processors, %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), versions())
	var rows []*row
	for _, some := range []func(context.Context, plan) ([]*row, error){callRows, parallelRows, readRows, lockRows, countRows, patienceRows} {
		more, err := some(ctx, p)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// conclude writes the table and reports whether the goals were met that do not
// depend on the machine.
func conclude(w io.Writer, rows []*row) bool {
	var names []string
	for _, p := range peers() {
		names = append(names, p.name)
	}
	write(w, names, rows)
	all, exact := missed(rows)
	fmt.Fprintf(w, "\nGoals missed: %d, of which %d do not depend on the machine.\n", all, exact)
	return exact == 0
}
