package otelsession

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// An Observer is a session.Observer and a session.Starter for one engine: it
// tells sign-ins apart by numbers that each engine counts for itself. See
// [Instruments.Observer].
type Observer struct {
	in      *Instruments
	mu      sync.Mutex
	flights map[uint64]*flight // by number; those that are over go when another begins
}

var (
	_ session.Observer = (*Observer)(nil)
	_ session.Starter  = (*Observer)(nil)
)

// A flight is a sign-in or refresh, and the calls that wait for it. Calls tell
// that they have waited after it is over, and its span ends only then, with the
// time at which it was over: a span that has ended takes no links.
type flight struct {
	span   trace.Span // nil if there is none, or it has ended
	waits  int        // that were seen
	left   int        // that are to come, once it is over
	overAt time.Time  // zero while it goes on
}

// Start implements session.Starter: it begins a span.
func (o *Observer) Start(ctx context.Context, event session.Event) context.Context {
	if !o.in.traces {
		return ctx
	}
	ctx, span := o.in.tracer.Start(ctx, string(event.Kind), trace.WithNewRoot(), trace.WithAttributes(vendor(event)))
	o.mu.Lock()
	f, ended := o.flight(event.Flight)
	if f.span != nil {
		ended = append(ended, f.take())
	}
	*f = flight{span: span, waits: f.waits}
	o.mu.Unlock()
	end(ended)
	return ctx
}

// Observe implements session.Observer.
func (o *Observer) Observe(ctx context.Context, event session.Event) {
	o.in.measure(ctx, event)
	if !o.in.traces {
		return
	}
	switch event.Kind {
	case session.EventSignIn, session.EventRefresh:
		end(o.over(event))
		return
	case session.EventWait:
		end(o.link(ctx, event))
	default: // only an event
	}
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.AddEvent(string(event.Kind), trace.WithAttributes(details(event)...))
	}
}

// flight returns the flight with a number, and those before it, which it
// forgets. The caller holds o.mu.
func (o *Observer) flight(number uint64) (f *flight, before []*flight) {
	if f = o.flights[number]; f != nil {
		return f, nil
	}
	for other, old := range o.flights {
		if other < number {
			delete(o.flights, other)
			before = append(before, old)
		}
	}
	f = &flight{}
	o.flights[number] = f
	return f, before
}

// over notes what became of a flight. It returns what is to be ended.
func (o *Observer) over(event session.Event) []*flight {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := o.flights[event.Flight]
	if f == nil || f.span == nil {
		return nil
	}
	f.span.SetAttributes(details(event)...)
	if event.Err != nil {
		f.span.SetStatus(codes.Error, event.Err.Error())
	}
	f.overAt, f.left = time.Now(), event.Waiters-f.waits
	if f.left > 0 {
		return nil
	}
	return []*flight{f.take()}
}

// link links a flight to a call that has waited for it. It returns what is to
// be ended.
func (o *Observer) link(ctx context.Context, event session.Event) []*flight {
	o.mu.Lock()
	defer o.mu.Unlock()
	f, ended := o.flight(event.Flight)
	f.waits++
	if f.span == nil {
		return ended
	}
	if link := trace.LinkFromContext(ctx); link.SpanContext.IsValid() {
		f.span.AddLink(link)
	}
	if !f.overAt.IsZero() {
		if f.left--; f.left <= 0 {
			ended = append(ended, f.take())
		}
	}
	return ended
}

// take returns a flight with its span, which is to be ended, and leaves the
// flight without: its sign-in may follow its refresh.
func (f *flight) take() *flight {
	taken := *f
	f.span = nil
	return &taken
}

// end ends the spans of flights.
func end(flights []*flight) {
	for _, f := range flights {
		switch {
		case f.span == nil:
		case f.overAt.IsZero():
			f.span.End()
		default:
			f.span.End(trace.WithTimestamp(f.overAt))
		}
	}
}

// details returns what an event tells besides what happened, without secrets.
func details(event session.Event) []attribute.KeyValue {
	attributes := make([]attribute.KeyValue, 0, 5)
	number := func(key string, value int) {
		if value != 0 {
			attributes = append(attributes, attribute.Int(key, value))
		}
	}
	number("session.generation", int(event.Generation)) //nolint:gosec // counts sessions
	number("session.attempt", event.Attempt)
	number("session.waiters", event.Waiters)
	if event.Reason != "" {
		attributes = append(attributes, attribute.String("session.reason", event.Reason))
	}
	if event.Duration != 0 {
		attributes = append(attributes, attribute.Float64("session.seconds", event.Duration.Seconds()))
	}
	return attributes
}
