// Peerbench compares the session engine with what other libraries offer for the
// same job, in one run and on one machine, and prints a table:
//
//	go run .            about a minute
//	go run . -quick     about fifteen seconds
//
// All that is measured happens in memory. Times are medians of many short rounds
// that take turns; allocations and counts are exact. Compare the columns of a
// row, not numbers of different runs.
//
// Who is compared:
//
//   - no session: the transport underneath, for calls that need no session
//   - by hand: a mutex around a token, and after a 401 a sign-in and the request
//     once more
//   - x/oauth2: Transport with ReuseTokenSource
//   - aws: CredentialsCache, told of a 401 by Invalidate
//   - google: CachedTokenProvider of cloud.google.com/go/auth
//   - client-go: CachedTokenSource with ResettableTokenSourceWrapTransport
//   - latchkey: [session.Engine.Transport]
//
// The caches of aws and google have no RoundTripper of their own that sets a
// plain header; theirs is written as that of x/oauth2 is. Their vendors never
// count failed sign-ins, which explains some of the numbers.
//
// The exit status is 1 if a goal was missed.
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
	missed, err := run(ctx, os.Stdout, *quick)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "peerbench:", err)
		os.Exit(2)
	case missed > 0:
		os.Exit(1)
	}
}

// A plan says how much is measured.
type plan struct {
	single, parallel effort
	acquire          time.Duration // of BenchmarkAcquire, per round
	acquireRounds    int
	lockCalls        int
	loginTime        time.Duration // in storms
	slowLogin        time.Duration // while others lose patience
}

func newPlan(quick bool) plan {
	if quick {
		return plan{
			single: effort{25, 2000}, parallel: effort{15, 6400}, acquire: 30 * time.Millisecond, acquireRounds: 3,
			lockCalls: 64_000, loginTime: 5 * time.Millisecond, slowLogin: 300 * time.Millisecond,
		}
	}
	return plan{
		single: effort{150, 4000}, parallel: effort{60, 12_800}, acquire: 100 * time.Millisecond, acquireRounds: 7,
		lockCalls: 320_000, loginTime: 20 * time.Millisecond, slowLogin: time.Second,
	}
}

// run measures everything, writes the table and returns how many goals were
// missed.
func run(ctx context.Context, w io.Writer, quick bool) (missed int, err error) {
	p := newPlan(quick)
	fmt.Fprintf(w, "%s %s/%s, %d processors, %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), versions())
	var rows []*row
	for _, measure := range []func(context.Context, plan) ([]*row, error){callRows, parallelRows, readRows, lockRows, countRows, patienceRows} {
		more, err := measure(ctx, p)
		if err != nil {
			return 0, err
		}
		rows = append(rows, more...)
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
	var names []string
	for _, p := range peers() {
		names = append(names, p.name)
	}
	missed = write(w, names, rows)
	fmt.Fprintf(w, "\n%d goals missed.\n", missed)
	return missed, nil
}
