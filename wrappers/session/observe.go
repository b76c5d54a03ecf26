package session

import (
	"context"
	"log/slog"
	"time"
)

// An EventKind is what happened to a session; it is the message in the log.
type EventKind string

// What happens to sessions.
const (
	EventSignIn     EventKind = "session.login"      // the driver signed in, or failed to
	EventRefresh    EventKind = "session.refresh"    // the driver refreshed the session, or failed to
	EventAdopt      EventKind = "session.adopt"      // a session was taken over from the store
	EventChallenge  EventKind = "session.challenge"  // a second factor was asked for
	EventWait       EventKind = "session.wait"       // a call had to wait for a sign-in; the context is the call's
	EventInvalidate EventKind = "session.invalidate" // the vendor refused the session, it is dropped
	EventReplay     EventKind = "session.replay"     // a request is sent again in another session
	EventBudget     EventKind = "session.budget"     // the vendor refused the session, which is kept, see ErrBudget
	EventStolen     EventKind = "session.stolen"     // see ErrStolen
	EventLatched    EventKind = "session.latched"    // no further sign-ins until the program does something
	EventBackoff    EventKind = "session.backoff"    // no further sign-ins for a while
	EventStore      EventKind = "session.store"      // the store failed
	EventTouch      EventKind = "session.touch"      // an idle session was extended, or not
	EventSignOut    EventKind = "session.logout"     // the session was ended, or could not be
)

// An Event is something that happened to a session. It holds no secret.
type Event struct {
	Kind       EventKind
	Vendor     string
	Subject    string        // whose session; may be empty
	Generation uint64        // of the session, counted per engine from 1; 0 if there is none
	Flight     uint64        // the sign-in that the event belongs to, counted per engine from 1; 0 if none
	Attempt    int           // of the request or of the answer to a challenge, from 1
	Waiters    int           // calls that waited for the sign-in
	Duration   time.Duration // how long it took, or the age of the session that was dropped
	Reason     string        // one word, such as "rejected", "refused" or "expired"; may be empty
	Err        error         // nil if it went well
}

// An Observer is told what happens to sessions. It is called where it happens,
// from several goroutines, and must return soon; it must not call the engine.
// Should it panic, the engine goes on.
type Observer interface {
	Observe(ctx context.Context, event Event)
}

// A Starter is an [Observer] that is told before the driver signs in or
// refreshes too. The driver gets the context that Start returns. The context
// given has no values of any caller, since the sign-in is for all who wait.
type Starter interface {
	Start(ctx context.Context, event Event) context.Context
}

// emit logs an event and tells the observer.
func (e *Engine) emit(ctx context.Context, event Event) {
	if e.set.logger == nil && e.set.observer == nil {
		return
	}
	defer func() { _ = recover() }() // somebody waits for what is done here
	event.Vendor = e.driver.Vendor()
	if event.Subject == "" {
		event.Subject = e.subject()
	}
	if e.set.logger != nil {
		e.log(ctx, event)
	}
	if e.set.observer != nil {
		e.set.observer.Observe(ctx, event)
	}
}

func (e *Engine) log(ctx context.Context, event Event) {
	level := event.level()
	if !e.set.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs, slog.String("vendor", event.Vendor))
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	number := func(key string, value int) {
		if value != 0 {
			attrs = append(attrs, slog.Int(key, value))
		}
	}
	text("subject", event.Subject)
	number("gen", int(event.Generation)) //nolint:gosec // counts sessions
	number("flight", int(event.Flight))  //nolint:gosec // counts sign-ins
	number("attempt", event.Attempt)
	number("waiters", event.Waiters)
	text("reason", event.Reason)
	if event.Duration != 0 {
		attrs = append(attrs, slog.Duration("duration", event.Duration))
	}
	if event.Err != nil {
		attrs = append(attrs, slog.String("error", event.Err.Error()))
	}
	e.set.logger.LogAttrs(ctx, level, string(event.Kind), attrs...)
}

// level returns how much an event matters to an operator.
func (event Event) level() slog.Level {
	switch event.Kind {
	case EventLatched:
		return slog.LevelError
	case EventWait, EventTouch, EventReplay:
		return slog.LevelDebug
	case EventBackoff, EventBudget, EventStolen, EventStore:
		return slog.LevelWarn
	case EventSignIn, EventRefresh, EventAdopt, EventChallenge, EventInvalidate, EventSignOut:
	}
	if event.Err != nil {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// subject returns whose session it is, as far as the driver tells.
func (e *Engine) subject() string {
	if l := e.live.Load(); l != nil && l.grant.Subject != "" {
		return l.grant.Subject
	}
	if who, ok := e.driver.(Identity); ok {
		return who.Subject()
	}
	return ""
}
