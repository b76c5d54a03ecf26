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
	version  string  // of the credentials that shut it
	cause    *Error  // of the back-off
	steps    int     // failures in a row
	attempts []int64 // monotonic; failed attempts that the vendor may have counted
}

// check returns why the engine may not sign in, or nil. An explicit attempt
// passes a gate that was shut by a refusal, as long as not too many attempts
// failed lately; nothing but reset passes a lock-out with a known end.
func (g *gate) check(now int64, explicit bool) error {
	err := g.peek(now)
	if err == nil || g.latched() && g.until == 0 && explicit && g.recent(now) < attemptLimit {
		if g != nil {
			g.latch = nil
		}
		return nil
	}
	return err
}

// peek returns why a call may not sign in, or nil.
func (g *gate) peek(now int64) error {
	switch {
	case g == nil, g.until != 0 && g.until <= now, g.until == 0 && g.latch == nil:
		return nil
	case g.latch != nil:
		return g.latch
	default:
		return &Error{Vendor: g.cause.Vendor, Op: g.cause.Op, Kind: g.cause.Kind, Err: &BackoffError{
			After: time.Duration(g.until - now), Cause: rootCause(g.cause),
		}}
	}
}

// latched reports whether the gate is shut by more than a back-off.
func (g *gate) latched() bool { return g != nil && g.latch != nil }

// fail notes a failure and returns the error for those who waited.
func (g *gate) fail(e *Error, f failure, now instant, version string) error {
	g.version = version
	switch f.class {
	case canceled, closing:
		return e
	case transient:
		g.steps++
		return g.wait(e, max(backoff(g.steps), f.after), now.mono)
	case ambiguous:
		g.note(now.mono)
		if g.recent(now.mono) >= attemptLimit {
			g.latch = &Error{Vendor: e.Vendor, Op: e.Op, Kind: ErrRejected, Err: &unclearError{rootCause(e)}}
			g.until = 0
			return g.latch
		}
		g.steps++
		return g.wait(e, max(ambiguousSpacing, f.after), now.mono)
	case locked:
		g.note(now.mono)
		g.latch, g.until = e, 0
		if !f.until.IsZero() {
			g.until = now.plus(max(time.Duration(f.until.UnixNano()-now.wall), time.Second)).mono
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
func (g *gate) wait(e *Error, after time.Duration, now int64) error {
	g.cause, g.until = e, saturate(now, int64(after))
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
