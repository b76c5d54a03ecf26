package session

import (
	"math/rand/v2"
	"time"
)

// An expiry tells when a session ends and when to renew it. A zero idle means
// that the session does not end by lack of use.
type expiry struct {
	hard instant       // from here on the session is not used
	soft instant       // from here on it is renewed beside the calls
	idle time.Duration // since the last use, from which on it is not used
}

// expiryOf returns when a session that was asked for at sent ends. The spread
// is from -1 to 1; it moves the renewal so that engines that signed in together
// do not renew together. A margin of zero means the usual one.
func expiryOf(g *Grant, sent instant, margin time.Duration, spread float64) expiry {
	x := expiry{hard: instant{never, never}, soft: instant{never, never}, idle: idleLimit(plausibleIdle(g.Idle))}
	if life := plausible(g.Lifetime); life > 0 {
		x.hard = sent.plus(life)
		if margin >= 0 {
			x.soft = sent.plus(life - renewalMargin(life, margin, spread))
		}
	}
	return x
}

// renewalMargin returns how long before its end a session is renewed: a tenth
// of its lifetime, between 10 s and 5 min, or half of a lifetime of up to a
// minute.
func renewalMargin(life, margin time.Duration, spread float64) time.Duration {
	least := shortest
	switch {
	case margin > 0:
		margin = min(margin, life/2)
		least = min(least, margin)
	case life <= time.Minute:
		margin = life / 2
		least = 0
	default:
		margin = min(max(life/10, shortest), 5*time.Minute)
	}
	return max(margin+time.Duration(spread*float64(margin)/10), least)
}

// idleLimit returns how long after its last use a session is still tried: the
// vendor's limit less 5 % or 30 s. It is 10 s at least, whatever the vendor
// says: otherwise each call might need a sign-in.
func idleLimit(idle time.Duration) time.Duration {
	switch {
	case idle <= 0:
		return 0
	case idle <= time.Minute:
		return max(idle/2, shortest)
	default:
		return idle - max(30*time.Second, idle/20)
	}
}

func plausibleIdle(d time.Duration) time.Duration {
	if d <= 0 || d > longest {
		return 0
	}
	return d
}

// spread returns a random number from -1 to 1.
func spread() float64 {
	return 2*rand.Float64() - 1 //nolint:gosec // it spreads load, nobody gains by guessing it
}
