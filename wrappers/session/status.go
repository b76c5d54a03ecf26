package session

import "time"

// A State is what an engine is doing.
type State string

// States of an engine.
const (
	StateEmpty      State = "empty"      // no session; the next call signs in
	StateSigningIn  State = "signing in" // calls wait
	StateActive     State = "active"
	StateRefreshing State = "refreshing" // active, and being renewed ahead of its end
	StateLatched    State = "latched"    // no session, and none will be opened by calls; see Status.Err
	StateBackoff    State = "back-off"   // no session, and none will be opened for a while; see Status.Err
	StateClosed     State = "closed"
)

// A Status says what state an engine is in. It holds no secret.
type Status struct {
	State      State
	Subject    string    // whose session; may be empty
	Generation uint64    // of the session, from 1; 0 if there is none
	Since      time.Time // when the session was opened; zero if there is none
	Expires    time.Time // when it ends at the latest; zero if that is not known
	Idle       time.Duration
	Err        error // why no session can be opened now, or the last renewal failed; nil if nothing is wrong
}

// Status returns the state of the engine. It sends nothing.
func (e *Engine) Status() Status {
	now := e.set.now()
	s := Status{State: StateEmpty, Subject: e.subject()}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.gate.peek(now); err != nil {
		s.Err = err
	}
	l := e.live.Load()
	usable := l != nil && !l.expired(now)
	if usable {
		s.Generation, s.Since, s.Idle = l.gen, l.minted.time(), l.expiry.idle
		if l.expiry.hard.wall != never {
			s.Expires = l.expiry.hard.time()
		}
	}
	switch {
	case e.closed.Load():
		s.State = StateClosed
	case usable && e.flight != nil:
		s.State = StateRefreshing
	case usable:
		s.State = StateActive
	case e.flight != nil:
		s.State = StateSigningIn
	case s.Err != nil && e.gate.latch != nil:
		s.State = StateLatched
	case s.Err != nil:
		s.State = StateBackoff
	}
	return s
}
