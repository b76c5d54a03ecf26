package otelsession_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	apitrace "go.opentelemetry.io/otel/trace"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/otelsession"
)

func TestASignInIsARootSpanLinkedToAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, vendor := record(t), &acme{waiting: func() { time.Sleep(time.Second) }}
		engine := newEngine(t, vendor, r.Observer())
		tracer := r.tracers.Tracer("test")
		want := map[apitrace.SpanID]bool{}
		var all sync.WaitGroup
		for i := range 5 {
			ctx, span := tracer.Start(t.Context(), "call")
			want[span.SpanContext().SpanID()] = true
			if i == 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Millisecond)
				defer cancel()
			}
			all.Go(func() {
				defer span.End()
				if _, err := call(ctx, engine); (err == nil) != (i > 0) {
					t.Errorf("call %d: error %v", i, err)
				}
			})
		}
		all.Go(func() { wantCall(t.Context(), t, engine) }) // without a span
		all.Wait()

		login := r.one("session.login")
		if login.Parent().IsValid() {
			t.Error("the sign-in has a parent")
		}
		if login.EndTime().Sub(login.StartTime()) != time.Second {
			t.Errorf("the sign-in took %v, want 1s", login.EndTime().Sub(login.StartTime()))
		}
		for _, link := range login.Links() {
			if !want[link.SpanContext.SpanID()] {
				t.Errorf("a link to an unknown span, or the second one to the same")
			}
			delete(want, link.SpanContext.SpanID())
		}
		if len(want) != 0 {
			t.Errorf("%d calls that waited are not linked", len(want))
		}
		if got := value(login, "session.waiters"); got != "6" {
			t.Errorf("waiters %q, want 6", got)
		}
		if vendor.span("login").SpanID() != login.SpanContext().SpanID() {
			t.Error("the driver's call is not within the span of the sign-in")
		}
		for _, span := range r.ended("call") {
			if got := events(span); got != "session.wait" {
				t.Errorf("events of a call: %q", got)
			}
		}
		r.want(1, "session.logins", "outcome", "ok")
		r.want(5, "session.acquire.wait", "outcome", "ok")
		r.want(1, "session.acquire.wait", "outcome", "error")
	})
}

func TestCallsThatFindASessionRecordNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, vendor := record(t), &acme{}
		engine := newEngine(t, vendor, r.Observer())
		for range 10 {
			wantCall(t.Context(), t, engine)
		}
		r.want(1, "session.logins", "outcome", "ok")
		r.want(1, "session.acquire.wait", "outcome", "ok")
		if got := len(r.spans.Started()); got != 1 {
			t.Errorf("%d spans, want 1", got)
		}
	})
}

func TestARefusedSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, vendor := record(t), &acme{refuse: map[string]int{"login": http.StatusUnauthorized}}
		engine := newEngine(t, vendor, r.Observer())
		for range 3 {
			if _, err := call(t.Context(), engine); !errors.Is(err, session.ErrRejected) {
				t.Errorf("got error %v", err)
			}
		}
		login := r.one("session.login")
		if login.Status().Code != codes.Error || value(login, "session.reason") != "rejected" {
			t.Errorf("status %v, reason %q", login.Status(), value(login, "session.reason"))
		}
		r.want(1, "session.logins", "outcome", "rejected")
		r.want(0, "session.logins", "outcome", "ok")
	})
}

func TestARevokedSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, vendor := record(t), &acme{}
		engine := newEngine(t, vendor, r.Observer())
		wantCall(t.Context(), t, engine)
		time.Sleep(10 * time.Minute)
		vendor.set(func() { vendor.alive = nil })
		ctx, span := r.tracers.Tracer("test").Start(t.Context(), "call")
		wantCall(ctx, t, engine)
		span.End()
		if got := events(r.one("call")); got != "session.invalidate session.wait session.replay" {
			t.Errorf("events of the call: %q", got)
		}
		r.want(1, "session.refreshes", "outcome", "ok")
		r.want(1, "session.invalidations", "reason", "refused")
		r.want(1, "session.replays")
		r.want(1, "session.age")
		refresh := r.one("session.refresh")
		if len(refresh.Links()) != 1 || refresh.Links()[0].SpanContext.SpanID() != span.SpanContext().SpanID() {
			t.Errorf("links of the refresh: %v", refresh.Links())
		}
	})
}

func TestARefreshThatFailsIsFollowedByASignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, vendor := record(t), &acme{}
		engine := newEngine(t, vendor, r.Observer())
		wantCall(t.Context(), t, engine)
		vendor.set(func() {
			vendor.alive = nil
			vendor.refuse = map[string]int{"refresh": http.StatusBadRequest}
		})
		wantCall(t.Context(), t, engine)
		r.want(1, "session.refreshes", "outcome", "rejected")
		r.want(2, "session.logins", "outcome", "ok")
		if got := r.one("session.refresh").Status().Code; got != codes.Error {
			t.Errorf("status of the refresh: %v", got)
		}
		if got := len(r.ended("session.login")); got != 2 {
			t.Errorf("%d sign-ins have ended, want 2", got)
		}
	})
}

func TestSessionsFromTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, vendor, store := record(t), &acme{}, &session.MemoryStore{}
		for range 3 {
			engine := newEngine(t, vendor, r.Observer(), session.WithStore(store))
			wantCall(t.Context(), t, engine)
		}
		r.want(1, "session.logins", "outcome", "ok")
		r.want(2, "session.adoptions")
		if got := len(r.spans.Ended()); got != 1 {
			t.Errorf("%d spans have ended, want 1", got)
		}
	})
}

// broken is a store that fails.
type broken struct{ session.MemoryStore }

func (*broken) Lock(context.Context, string) (func(), error) { return nil, errors.New("broken") }

func TestFailuresOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record(t)
		wantCall(t.Context(), t, newEngine(t, &acme{}, r.Observer(), session.WithStore(&broken{})))
		r.want(1, "session.store.failures", "operation", "lock")
		r.want(1, "session.logins", "outcome", "ok")
	})
}

func TestClosingDuringASignInEndsItsSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record(t)
		engine := newEngine(t, &acme{waiting: func() { time.Sleep(time.Second) }}, r.Observer())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := call(t.Context(), engine); !errors.Is(err, session.ErrClosed) {
				t.Errorf("got error %v", err)
			}
		}()
		synctest.Wait()
		if err := engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		<-done
		r.one("session.login")
	})
}

// TestEveryStartedSpanEnds drives an Observer by hand, with calls that tell
// late, or never, that they have waited.
func TestEveryStartedSpanEnds(t *testing.T) {
	r := record(t)
	o := r.Observer()
	event := func(kind session.EventKind, flight uint64) session.Event {
		return session.Event{Kind: kind, Vendor: "acme", Flight: flight}
	}
	over := event(session.EventSignIn, 1)
	over.Waiters = 2
	o.Observe(t.Context(), event(session.EventWait, 1)) // gave up before the driver was called
	o.Start(t.Context(), event(session.EventSignIn, 1))
	o.Observe(t.Context(), over)
	if got := len(r.spans.Ended()); got != 0 {
		t.Errorf("%d spans have ended while a call is to be linked", got)
	}
	o.Start(t.Context(), event(session.EventSignIn, 2)) // without the second call
	if got := len(r.spans.Ended()); got != 1 {
		t.Errorf("%d spans have ended, want 1", got)
	}
	o.Observe(t.Context(), event(session.EventWait, 1)) // late
	o.Observe(t.Context(), event(session.EventSignIn, 2))
	o.Observe(t.Context(), event(session.EventWait, 2))
	o.Start(t.Context(), event(session.EventRefresh, 3))
	o.Start(t.Context(), event(session.EventSignIn, 3)) // without a word of the refresh
	o.Observe(t.Context(), event(session.EventSignIn, 3))
	if started, ended := len(r.spans.Started()), len(r.spans.Ended()); started != 4 || ended != 4 {
		t.Errorf("%d of %d spans have ended, want 4 of 4", ended, started)
	}
}

func TestASpanEndsWithTheSignInNotWithTheLastToHaveWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record(t)
		o := r.Observer()
		event := session.Event{Kind: session.EventSignIn, Vendor: "acme", Flight: 1, Waiters: 1}
		o.Start(t.Context(), event)
		time.Sleep(time.Second)
		o.Observe(t.Context(), event)
		time.Sleep(time.Minute)
		o.Observe(t.Context(), session.Event{Kind: session.EventWait, Vendor: "acme", Flight: 1})
		if login := r.one("session.login"); login.EndTime().Sub(login.StartTime()) != time.Second {
			t.Errorf("the sign-in took %v, want 1s", login.EndTime().Sub(login.StartTime()))
		}
	})
}

func TestASignInHasNoParent(t *testing.T) {
	r := record(t)
	ctx, span := r.tracers.Tracer("test").Start(t.Context(), "call")
	defer span.End()
	event := session.Event{Kind: session.EventSignIn, Vendor: "acme", Flight: 1}
	o := r.Observer()
	o.Start(ctx, event)
	o.Observe(ctx, event)
	if login := r.one("session.login"); login.Parent().IsValid() || login.SpanContext().TraceID() == span.SpanContext().TraceID() {
		t.Error("the sign-in is within the trace of a call")
	}
}

func TestAnObserverIsSafeForConcurrentUse(t *testing.T) {
	r := record(t)
	o := r.Observer()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for flight := range uint64(50) {
				event := session.Event{Kind: session.EventSignIn, Vendor: "acme", Flight: flight, Waiters: 1}
				o.Start(t.Context(), event)
				o.Observe(t.Context(), event)
				event.Kind = session.EventWait
				o.Observe(t.Context(), event)
			}
		})
	}
	all.Wait()
	r.want(400, "session.logins", "outcome", "ok")
}

func TestNilProvidersRecordNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, err := otelsession.New(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		vendor := &acme{}
		tracers := trace.NewTracerProvider()
		ctx, span := tracers.Tracer("test").Start(t.Context(), "call")
		defer span.End()
		wantCall(ctx, t, newEngine(t, vendor, in.Observer()))
		if vendor.span("login").IsValid() {
			t.Error("there is a span for the sign-in")
		}
		if got := len(span.(trace.ReadOnlySpan).Events()); got != 0 {
			t.Errorf("the call has %d events", got)
		}
	})
}
