package session

import (
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A Grant is a session as a [Driver] got it from the vendor. It is not changed
// after the Driver returned it. It prints without its secrets.
type Grant struct {
	// Token is what calls are signed with.
	Token rest.Secret
	// Refresh is what a [Refresher] renews the session with; if it is empty,
	// the session is renewed by signing in.
	Refresh rest.Secret
	// Lifetime is how long Token is good, counted from the moment the request
	// for it was sent. Zero, less than zero and more than ten years mean that
	// it is not known; less than ten seconds count as ten.
	Lifetime time.Duration
	// RefreshLifetime is how long Refresh is good, as Lifetime.
	RefreshLifetime time.Duration
	// Idle is how long the session lives after the last call in it, or zero if
	// calls have no influence on that.
	Idle time.Duration
	// Subject is whose session it is, for logs; it is not secret.
	Subject string
	// Extra holds what else the vendor's calls need, by the Driver's names.
	Extra map[string]rest.Secret
}

const (
	shortest = 10 * time.Second
	longest  = 10 * 365 * 24 * time.Hour
)

// plausible returns a lifetime as the engine counts with it; zero is unknown.
func plausible(d time.Duration) time.Duration {
	if d <= 0 || d > longest {
		return 0
	}
	return max(d, shortest)
}

// canRefresh reports whether the session can be renewed without signing in.
func (g *Grant) canRefresh(obtained, now instant) bool {
	if g == nil || g.Refresh.IsZero() {
		return false
	}
	life := plausible(g.RefreshLifetime)
	return life == 0 || !obtained.plus(life).passed(now)
}
