package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// A State says how a session stands.
type State string

// States of a session. Only a live one gives access.
const (
	Live      State = "live"
	Expired   State = "expired"
	LoggedOut State = "logged out" // by its owner
	Revoked   State = "revoked"    // by Revoke, by a change of password, or by a refresh token used twice
	Replaced  State = "replaced"   // by a later login, under OneSessionPerUser
)

// A tokenKind says what a token is good for.
type tokenKind uint8

const (
	bearer  tokenKind = iota // gives access
	refresh                  // is exchanged for a new bearer
)

// A session is what a login opens. It ends at expires, or when it was not used
// for idle.
type session struct {
	id      string // shown in lists and events; never on the wire
	created time.Time
	used    time.Time
	idle    time.Duration // 0: no idle limit
	expires time.Time     // zero: no fixed end
	state   State
	tokens  []string // oldest first
}

// A token stands for a session on the wire.
type token struct {
	session *session
	kind    tokenKind
	expires time.Time // zero: with its session
	spent   bool      // a refresh token that was exchanged
}

// A table holds the sessions of a stand-in, ended ones included.
type table struct {
	tokens   map[string]*token
	sessions []*session // oldest first
	sweepAt  int        // number of sessions at which ended ones are forgotten
}

// Bounds on what a table remembers of the past.
const (
	minSweep         = 1024 // sessions
	tokensPerSession = 64
)

// open adds a session.
func (t *table) open(now time.Time, idle time.Duration, expires time.Time) *session {
	if t.tokens == nil {
		t.tokens = make(map[string]*token)
		t.sweepAt = minSweep
	}
	if len(t.sessions) >= t.sweepAt {
		t.sweep(now)
	}
	s := &session{id: randomHex(4), created: now, used: now, idle: idle, expires: expires, state: Live}
	t.sessions = append(t.sessions, s)
	return s
}

// add gives a session a token.
func (t *table) add(s *session, value string, kind tokenKind, expires time.Time) {
	if len(s.tokens) >= tokensPerSession {
		delete(t.tokens, s.tokens[0])
		s.tokens = s.tokens[1:]
	}
	s.tokens = append(s.tokens, value)
	t.tokens[value] = &token{session: s, kind: kind, expires: expires}
}

// sweep forgets the sessions that are over.
func (t *table) sweep(now time.Time) {
	kept := t.sessions[:0]
	for _, s := range t.sessions {
		if s.stateAt(now) == Live {
			kept = append(kept, s)
			continue
		}
		for _, value := range s.tokens {
			delete(t.tokens, value)
		}
	}
	clear(t.sessions[len(kept):])
	t.sessions = kept
	t.sweepAt = max(minSweep, 2*len(kept))
}

// endAll gives every live session the state, and returns those that had none
// before.
func (t *table) endAll(now time.Time, state State) []*session {
	var ended []*session
	for _, s := range t.sessions {
		if s.stateAt(now) == Live {
			s.state = state
			ended = append(ended, s)
		}
	}
	return ended
}

// stateAt returns the state at a time, which may be past the expiry.
func (s *session) stateAt(now time.Time) State {
	if s.state == Live && !s.end().IsZero() && !now.Before(s.end()) {
		return Expired
	}
	return s.state
}

// end returns when the session expires if it is not used any more; zero for never.
func (s *session) end() time.Time {
	if s.idle <= 0 {
		return s.expires
	}
	idle := s.used.Add(s.idle)
	if s.expires.IsZero() || idle.Before(s.expires) {
		return idle
	}
	return s.expires
}

// usable tells whether the token gives what it is good for.
func (t *token) usable(now time.Time) bool {
	return t.session.stateAt(now) == Live && !t.spent && (t.expires.IsZero() || now.Before(t.expires))
}

// randomHex returns n random bytes as lower-case hexadecimal digits.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// A SessionInfo describes a session without its tokens.
type SessionInfo struct {
	ID       string    // eight digits, the same as in [Event]; not what is sent
	Created  time.Time // by the clock of the server, as all times here
	LastUsed time.Time
	Expires  time.Time // when it ends if it is not used again; zero for never
	State    State
}
