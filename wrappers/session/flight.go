package session

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// hangGrace is how long a driver may go on after its context has ended before
// those who wait are told that it failed.
const hangGrace = 5 * time.Second

var (
	errTimeout  = errors.New("no answer in time")
	errAborted  = errors.New("the driver ended its goroutine")
	errNoGrant  = errors.New("the driver returned neither a session nor an error")
	errNoHeader = errors.New("the driver writes no header for the session")
	errBadValue = errors.New("the session cannot be written into a header")
)

// A flight is one sign-in or refresh, for all who wait for it. Its context is
// not theirs: it goes on when they leave, within its own time.
type flight struct {
	id       uint64
	explicit bool
	forget   bool   // ignore refusals noted in the store
	ahead    *live  // the session that is renewed before its end, or nil
	version  string // of the credentials when it began
	cancel   context.CancelCauseFunc
	waiters  atomic.Int32
	done     chan struct{} // closed when live and err are set
	over     bool          // guarded by Engine.mu
	live     *live
	err      error
	inquiry  inquiry
}

// A result is what a flight came to.
type result struct {
	op      string // "sign in" or "refresh"
	kind    EventKind
	live    *live
	failure *failure
	elapsed time.Duration
}

// begin starts a flight. The caller holds e.mu.
func (e *Engine) begin(f *flight) {
	e.flights++
	f.id, f.done = e.flights, make(chan struct{})
	f.forget, e.forget = e.forget, false
	ctx, cancel := context.WithCancelCause(context.Background())
	f.cancel = cancel
	e.flight = f
	e.running++
	go e.fly(ctx, f)
}

// fly runs a flight. Whatever the driver does, it ends the flight.
func (e *Engine) fly(ctx context.Context, f *flight) {
	r := result{op: "sign in", kind: EventSignIn, failure: &failure{class: ambiguous, kind: ErrDriver, err: errAborted}}
	defer func() {
		if value := recover(); value != nil {
			r.failure.err = panicError(value)
		}
		if !e.finish(ctx, f, r) && r.failure == nil && e.endable(r.live) {
			_ = e.signOut(context.Background(), r.live, "orphaned") // nobody will ever use it
		}
		f.cancel(nil)
		e.finished()
	}()
	r = e.renew(ctx, f)
}

// renew gets a session from the store or from the vendor.
func (e *Engine) renew(ctx context.Context, f *flight) result {
	if e.set.store != nil {
		return e.renewShared(ctx, f)
	}
	e.mu.Lock()
	last := e.last
	e.mu.Unlock()
	return e.obtain(ctx, f, last, nil)
}

// obtain gets a session from the vendor, by the refresh token of last if there
// is one that may be good and that claim lets it use, else by signing in.
func (e *Engine) obtain(ctx context.Context, f *flight, last *live, claim func() bool) result {
	refresher, ok := e.driver.(Refresher)
	ok = ok && last != nil && !last.spent.Load() && last.grant.canRefresh(last.sent, e.set.now())
	if ok && (claim == nil || claim()) {
		r := e.drive(ctx, f, "refresh", EventRefresh, last.grant, func(ctx context.Context, client *rest.Client, _ Challenger) (*Grant, error) {
			return refresher.Refresh(ctx, client, last.grant)
		})
		if r.failure == nil || r.failure.class == transient && !mayHaveTaken(r.failure.err) || r.failure.class == closing {
			return r
		}
		last.spent.Store(true) // refused, or perhaps taken
		e.emit(ctx, Event{Kind: EventRefresh, Flight: f.id, Duration: r.elapsed, Reason: r.failure.class.String(), Err: e.failureError(r)})
	}
	return e.drive(ctx, f, "sign in", EventSignIn, nil, e.driver.SignIn)
}

// mayHaveTaken reports whether a server error leaves open if the vendor has
// used up the refresh token: all but 503, which says that nothing was done.
func mayHaveTaken(err error) bool {
	answer := (*rest.Error)(nil)
	if !errors.As(err, &answer) {
		return false
	}
	status := statusOf(answer)
	return status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable
}

type driverFunc func(ctx context.Context, client *rest.Client, answer Challenger) (*Grant, error)

// drive calls the driver and judges what it returns.
func (e *Engine) drive(ctx context.Context, f *flight, op string, kind EventKind, sign *Grant, call driverFunc) result {
	begun, asked := time.Now(), e.set.now()
	r := result{op: op, kind: kind}
	w := &wire{engine: e, grant: sign}
	ctx, cancel := context.WithCancelCause(e.start(ctx, Event{Kind: kind, Flight: f.id}))
	defer cancel(nil)
	limit := e.limitTime(f, cancel, r)
	defer limit.stop()
	grant, err := e.call(ctx, w, &prompter{engine: e, flight: f, wire: w, limit: limit}, call)
	r.elapsed = time.Since(begun)
	now := e.set.now()
	if err == nil {
		r.live, err = e.prepare(grant, w.sent(asked), now)
	}
	if err != nil {
		r.failure = judgeFailure(ctx, err, w, now)
	}
	return r
}

// call calls the driver; a panic becomes an error.
func (e *Engine) call(ctx context.Context, w *wire, answer Challenger, call driverFunc) (grant *Grant, err error) {
	defer recoverTo(&err)
	client, err := w.client()
	if err != nil {
		return nil, err
	}
	return call(ctx, client, answer)
}

// prepare makes a session that calls can be signed with.
func (e *Engine) prepare(grant *Grant, sent, now instant) (l *live, err error) {
	defer recoverTo(&err)
	if grant == nil {
		return nil, &driverError{errNoGrant}
	}
	l = newLive(grant, e.driver, sent, now, e.set.margin)
	if len(l.headers()) == 0 {
		return nil, &driverError{errNoHeader}
	}
	if !l.sendable() {
		return nil, &driverError{errBadValue}
	}
	return l, nil
}

// sendable reports whether calls can be signed with the session: a line break
// in it, say, would make all of them fail before they are sent.
func (l *live) sendable() bool {
	for _, h := range l.headers() {
		for _, value := range h.values {
			if strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) >= 0 {
				return false
			}
		}
	}
	return true
}

// judgeFailure classifies an error of the driver, and replaces it where the
// engine itself has ended the call: the errors of our context are none of the
// callers'.
func judgeFailure(ctx context.Context, err error, w *wire, now instant) *failure {
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrClosed) {
		return &failure{class: closing, kind: ErrClosed}
	}
	if errors.Is(cause, errTimeout) && isContext(err) {
		err = errTimeout
	}
	f := classify(err, w, now.time())
	if broken := (*driverError)(nil); errors.As(err, &broken) {
		f.kind, f.err = ErrDriver, broken.err
	}
	return &f
}

// failureError returns the error for a failure.
func (e *Engine) failureError(r result) *Error {
	return e.fail(r.op, r.failure.kind, r.failure.err)
}

// start tells the observer that the driver is about to be called.
func (e *Engine) start(ctx context.Context, event Event) (started context.Context) {
	starter, ok := e.set.observer.(Starter)
	if !ok {
		return ctx
	}
	defer func() {
		if recover() != nil || started == nil {
			started = ctx
		}
	}()
	event.Vendor, event.Subject = e.driver.Vendor(), e.subject()
	return starter.Start(ctx, event)
}

// driverError is a breach of the driver's contract.
type driverError struct{ err error }

func (d *driverError) Error() string { return d.err.Error() }
func (d *driverError) Unwrap() error { return d.err }

// recoverTo turns a panic into an error.
func recoverTo(err *error) {
	if value := recover(); value != nil {
		*err = &driverError{panicError(value)}
	}
}
