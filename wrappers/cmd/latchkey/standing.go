package main

import (
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// States of an account.
const (
	stateSignedIn  = "signed in"
	stateExpired   = "expired"
	stateRefused   = "refused"
	stateNone      = "not signed in"
	stateKey       = "key"
	stateNotStored = "signs in for each run"
)

// A state says how a session that is kept stands, as far as is known without
// asking the vendor.
type state struct {
	State   string    `json:"state"`
	Since   time.Time `json:"since,omitzero"`
	Until   time.Time `json:"until,omitzero"`          // if it is not used again
	Idle    string    `json:"idle_limit,omitempty"`    // such as "15m0s"
	Renewed bool      `json:"renews_itself,omitempty"` // there is a refresh token that is good until Until
}

// standing judges what is stored; r may be nil.
func standing(r *session.Record, now time.Time) state {
	if r == nil {
		return state{State: stateNone}
	}
	if r.Token.IsZero() {
		if !r.Rejected.IsZero() {
			return state{State: stateRefused, Since: r.Rejected}
		}
		return state{State: stateNone}
	}
	s := state{State: stateSignedIn, Since: r.Obtained}
	if r.Lifetime > 0 {
		s.Until = r.Obtained.Add(r.Lifetime)
	}
	if r.Idle > 0 {
		s.Idle = r.Idle.String()
		if end := r.LastUse.Add(r.Idle); s.Until.IsZero() || end.Before(s.Until) {
			s.Until = end
		}
	}
	if !r.Refresh.IsZero() {
		end := time.Time{}
		if r.RefreshLifetime > 0 {
			end = r.Obtained.Add(r.RefreshLifetime)
		}
		if end.IsZero() || end.After(s.Until) && end.After(now) {
			s.Until, s.Renewed = end, true
		}
	}
	if !s.Until.IsZero() && !s.Until.After(now) {
		s.State = stateExpired
	}
	return s
}

// until returns the end of the session in words.
func (s state) until() string {
	if s.Until.IsZero() {
		return ""
	}
	return ", until " + clock(s.Until)
}

// until returns the end of a session in words: the earlier one of two.
func until(hard time.Time, idle time.Duration) string {
	switch {
	case !hard.IsZero():
		return ", until " + clock(hard)
	case idle > 0:
		return ", until " + idle.String() + " after the last call"
	default:
		return ""
	}
}

// clock shows a time as people read it: without the date if it is today's.
func clock(t time.Time) string {
	t = t.Local()
	if t.Format(time.DateOnly) == time.Now().Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}
