package session

import (
	"context"
	"time"
)

// WithClock replaces both clocks of the machine, in nanoseconds.
func WithClock(clock func() (wall, mono int64)) Option {
	return func(s *settings) {
		s.clock = func() instant {
			wall, mono := clock()
			return instant{wall: wall, mono: mono}
		}
	}
}

// SoftAndHard returns when a session with this lifetime is renewed and when it
// ends, after it was asked for.
func SoftAndHard(lifetime, margin time.Duration, spread float64) (soft, hard time.Duration) {
	x := expiryOf(&Grant{Lifetime: lifetime}, instant{0, 1}, margin, spread)
	return time.Duration(x.soft.wall), time.Duration(x.hard.wall)
}

// Spread is the random number that moves renewals apart.
func Spread() float64 { return spread() }

// IdleLimit is how long after its last use a session is used again.
func IdleLimit(idle time.Duration) time.Duration { return idleLimit(plausibleIdle(idle)) }

// RetryAfter is the parser of that header.
var RetryAfter = retryAfter

// Backoff is the wait after n failures in a row.
var Backoff = backoff

// AcquireAndLeave finds the session that is there, and leaves it again.
func AcquireAndLeave(e *Engine) {
	if l, _, err := e.acquire(context.Background(), false); err == nil {
		e.leave(l)
	}
}
