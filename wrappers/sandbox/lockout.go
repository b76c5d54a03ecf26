package sandbox

import "time"

// A lockout counts refused logins. The zero value never locks.
type lockout struct {
	max      int           // refused logins before the lock; 0: never
	window   time.Duration // how long it lasts
	failures int
	until    time.Time
}

// locked tells whether logins are refused now.
func (l *lockout) locked(now time.Time) bool {
	return now.Before(l.until)
}

// fail counts a refused login, and locks at the last one allowed.
func (l *lockout) fail(now time.Time) {
	l.failures++
	if l.max > 0 && l.failures >= l.max {
		l.failures = 0
		l.until = now.Add(l.window)
	}
}

// succeed forgets the refused logins before it.
func (l *lockout) succeed() {
	l.failures = 0
}
