package session

import (
	"context"
	"errors"
	"time"
)

// signOutTime is how long ending a session may take.
const signOutTime = 5 * time.Second

// Close ends the session: it refuses further calls with [ErrClosed], ends a
// sign-in under way, waits for the calls that have begun until ctx ends, signs
// out within 5 s, even if ctx has ended, and closes idle connections. A session
// that other processes use through a [Store] is not signed out; see
// [WithSharedSignOut].
//
// Close returns the error of signing out, if any, and that of ctx if calls or
// the driver were still busy when it ended. Later and concurrent calls wait for
// the first one and return nil or the error of their ctx.
func (e *Engine) Close(ctx context.Context) error {
	last, quiet, first := e.shut()
	if !first {
		select {
		case <-e.closing:
			return nil
		case <-ctx.Done():
			return e.fail("sign out", nil, contextError(ctx))
		}
	}
	defer close(e.closing)
	var errs []error
	select {
	case <-quiet:
	case <-ctx.Done():
		errs = append(errs, e.fail("sign out", nil, contextError(ctx)))
	}
	for _, l := range append(e.desert(), last) {
		if l != nil {
			errs = append(errs, e.signOut(context.WithoutCancel(ctx), l, "closed"))
		}
	}
	if e.set.owned != nil {
		e.set.owned.CloseIdleConnections()
	}
	return errors.Join(errs...)
}

// shut refuses calls from now on. It returns the session to sign out, if it is
// ours to end, and a channel that is closed when nothing runs any more; first
// is false if Close was called before.
func (e *Engine) shut() (last *live, quiet <-chan struct{}, first bool) {
	e.mu.Lock()
	if e.closing != nil {
		e.mu.Unlock()
		return nil, nil, false
	}
	e.closing = make(chan struct{})
	e.closed.Store(true)
	f := e.flight
	e.stopKeepalive()
	last, e.last = e.live.Swap(nil), nil
	if last != nil {
		e.retire(last, false)
		if !e.endable(last) || last.expired(e.set.now()) && last.grant.Refresh.IsZero() {
			last = nil
		}
	}
	e.mu.Unlock()
	if f != nil {
		f.cancel(ErrClosed)
		e.finish(context.Background(), f, result{op: "sign in", kind: EventSignIn, failure: &failure{class: closing, kind: ErrClosed}})
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	done := make(chan struct{})
	e.quiet = done
	e.quieten()
	return last, done, true
}

// desert returns the replaced sessions that calls still use and that are to be
// signed out all the same.
func (e *Engine) desert() []*live {
	e.mu.Lock()
	defer e.mu.Unlock()
	var rest []*live
	for _, l := range e.retired {
		if l.ending {
			l.ending = false
			l.grace.Stop()
			rest = append(rest, l)
		}
	}
	e.retired, e.quiet = nil, nil
	return rest
}

// endable reports whether a session is ours to sign out.
func (e *Engine) endable(l *live) bool {
	_, ok := e.driver.(Revoker)
	return ok && (e.set.signOutAll || !l.adopted && !l.shared)
}

// signOut ends a session at the vendor. That the vendor does not know it any
// more is no error.
func (e *Engine) signOut(ctx context.Context, l *live, reason string) (err error) {
	revoker, ok := e.driver.(Revoker)
	if !ok {
		return nil
	}
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, signOutTime)
	defer cancel()
	w := &wire{engine: e, grant: l.grant}
	err = e.guard(func() error {
		client, err := w.client()
		if err != nil {
			return err
		}
		return revoker.SignOut(ctx, client, l.grant)
	})
	if refused(err) {
		err, reason = nil, "gone"
	}
	if err != nil {
		err = e.fail("sign out", nil, err)
	}
	if l.shared && e.set.store != nil {
		e.forgetShared(ctx, l.grant.Token)
	}
	e.emit(ctx, Event{
		Kind: EventSignOut, Subject: l.grant.Subject, Generation: l.gen,
		Duration: time.Since(begun), Reason: reason, Err: err,
	})
	return err
}

// guard calls f; a panic becomes an error.
func (e *Engine) guard(f func() error) (err error) {
	defer recoverTo(&err)
	return f()
}
