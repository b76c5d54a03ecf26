package session

import (
	"math/rand/v2"
	"time"
)

const (
	backoffFirst     = time.Second
	backoffMost      = 5 * time.Minute
	ambiguousSpacing = 30 * time.Second
	attemptWindow    = 15 * time.Minute
	attemptLimit     = 3 // failed attempts that the vendor may count, per window
)

// A gate decides whether the engine may sign in. It is what keeps the account
// from being locked. The zero gate is open.
type gate struct {
	latch    *Error  // why it is shut; nil if it is not
	until    int64   // monotonic; end of a lock-out or of a back-off; 0 if it has none
	wall     int64   // end of a lock-out by the wall clock, which goes on while the machine sleeps; 0 if it has none
	version  string  // of the credentials that shut it
	cause    *Error  // of the back-off
	steps    int     // failures in a row
	attempts []int64 // monotonic; failed attempts that the vendor may have counted
}

// forCredentials returns the gate for credentials of that version. Others than
// those that shut it open it, but the attempts made with the old ones count on:
// they are of the same account.
func (g *gate) forCredentials(version string) *gate {
	if g == nil || g.version == version {
		return g
	}
	return &gate{version: version, attempts: g.attempts}
}

// check returns why the engine may not sign in, or nil. An explicit attempt
// passes a gate that was shut by a refusal, as long as not too many attempts
// failed lately; nothing but reset passes a lock-out with a known end.
func (g *gate) check(now instant, explicit bool) error {
	err := g.peek(now)
	if err == nil || g.latched() && g.until == 0 && explicit && g.recent(now.mono) < attemptLimit {
		if g != nil {
			g.latch, g.until, g.wall = nil, 0, 0
		}
		return nil
	}
	return err
}

// peek returns why a call may not sign in, or nil.
func (g *gate) peek(now instant) error {
	switch {
	case g == nil, g.over(now), g.until == 0 && g.latch == nil:
		return nil
	case g.latch != nil:
		return g.latch
	default:
		return &Error{Vendor: g.cause.Vendor, Op: g.cause.Op, Kind: g.cause.Kind, Err: &BackoffError{
			After: time.Duration(g.until - now.mono), Cause: rootCause(g.cause),
		}}
	}
}

// over reports whether the gate was shut for a time that has passed.
func (g *gate) over(now instant) bool {
	return g.until != 0 && g.until <= now.mono || g.wall != 0 && g.wall <= now.wall
}

// latched reports whether the gate is shut by more than a back-off.
func (g *gate) latched() bool { return g != nil && g.latch != nil }

// fail notes a failure and returns the error for those who waited.
func (g *gate) fail(e *Error, f failure, now instant, version string) error {
	g.version, g.wall = version, 0
	switch f.class {
	case canceled, closing:
		return e
	case transient:
		g.steps++
		return g.wait(e, max(backoff(g.steps), f.after), now)
	case ambiguous:
		g.note(now.mono)
		if g.recent(now.mono) >= attemptLimit {
			g.latch = &Error{Vendor: e.Vendor, Op: e.Op, Kind: ErrRejected, Err: &unclearError{rootCause(e)}}
			g.until = 0
			return g.latch
		}
		g.steps++
		return g.wait(e, max(ambiguousSpacing, f.after), now)
	case locked:
		g.note(now.mono)
		g.latch, g.until = e, 0
		if !f.until.IsZero() { // not sooner than after another failure, if that comes again and again
			g.steps++
			end := now.plus(max(f.until.Sub(now.time()), backoff(g.steps)))
			g.until, g.wall = end.mono, end.wall
		}
	case rejected, challengeFailed:
		g.note(now.mono)
		g.latch, g.until = e, 0
	case challenged:
		g.latch, g.until = e, 0
	}
	return g.latch
}

// wait begins a back-off.
func (g *gate) wait(e *Error, after time.Duration, now instant) error {
	g.cause, g.until, g.wall = e, saturate(now.mono, int64(after)), 0
	return g.peek(now)
}

func (g *gate) note(now int64) {
	g.attempts = append(g.attempts, now)
	if len(g.attempts) > attemptLimit {
		g.attempts = g.attempts[1:]
	}
}

// recent counts the failed attempts within the window.
func (g *gate) recent(now int64) int {
	n := 0
	for _, at := range g.attempts {
		if now-at < int64(attemptWindow) {
			n++
		}
	}
	return n
}

// rootCause returns what led to e.
func rootCause(e *Error) error {
	if e.Err != nil {
		return e.Err
	}
	return e.Kind
}

// backoff returns a random wait before the next attempt after n failures in a
// row, from 1 s to 5 min.
func backoff(n int) time.Duration {
	most := backoffMost
	if n < 10 {
		most = min(backoffFirst<<(n-1), backoffMost)
	}
	return backoffFirst + time.Duration(rand.Int64N(int64(most-backoffFirst)+1)) //nolint:gosec // it spreads load, nobody gains by guessing it
}

// unclearError is the cause of a refusal that nobody has pronounced.
type unclearError struct{ err error }

func (e *unclearError) Error() string {
	return "three attempts within 15 minutes came to no clear end, the last one: " + causeText(e.err)
}

func (e *unclearError) Unwrap() error { return e.err }
