package sandbox

import (
	"slices"
	"time"
)

// An EventKind says what happened.
type EventKind string

// Kinds of events.
const (
	EventLogin        EventKind = "login"        // a session was opened
	EventChallenged   EventKind = "challenged"   // a login waits for its second factor
	EventRefused      EventKind = "refused"      // a login was refused: credentials, code or lock-out
	EventRefresh      EventKind = "refresh"      // tokens were renewed
	EventReuse        EventKind = "reuse"        // a refresh token came a second time; its session ends
	EventLogout       EventKind = "logout"       // a session was ended by its owner
	EventExpired      EventKind = "expired"      // a call came on an expired session or token
	EventUnauthorized EventKind = "unauthorized" // a call was refused for want of a live session or key
	EventReplaced     EventKind = "replaced"     // a session was ended by a later login
	EventRevoked      EventKind = "revoked"      // a session was ended by the vendor
	EventFault        EventKind = "fault"        // a Fault was applied
	EventBug          EventKind = "bug"          // a request was answered with StatusClientBug
	EventCall         EventKind = "call"         // a request was answered; comes last
)

// An Event is something that happened in a stand-in.
type Event struct {
	Time      time.Time // by the clock of the server
	Vendor    Vendor
	Kind      EventKind
	Session   string // ID of [SessionInfo], "" if none is concerned
	Operation string // operationId, "" outside a described operation
	Status    int    // HTTP status of the answer, for EventCall; 0 if the connection was cut instead
}

// On calls f for each event from now on, until stop is called. Calls come from
// the goroutines that serve requests, one at a time, before the answer is sent.
// f may call the methods of the stand-in except Revoke, must return soon, and
// guards what it shares with others.
func (st *Standin) On(f func(Event)) (stop func()) {
	listener := &f
	st.listening.Lock()
	defer st.listening.Unlock()
	st.listeners = append(slices.Clone(st.listeners), listener)
	return func() {
		st.listening.Lock()
		defer st.listening.Unlock()
		st.listeners = slices.DeleteFunc(slices.Clone(st.listeners), func(l *func(Event)) bool { return l == listener })
	}
}

// tell hands events to the listeners.
func (st *Standin) tell(events ...Event) {
	st.listening.Lock()
	listeners := st.listeners
	st.listening.Unlock()
	if len(listeners) == 0 {
		return
	}
	st.telling.Lock()
	defer st.telling.Unlock()
	for _, e := range events {
		for _, listener := range listeners {
			(*listener)(e)
		}
	}
}
