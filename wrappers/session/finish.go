package session

import (
	"context"
	"time"
)

// replacedGrace is how long calls may go on in a session that has been
// replaced before it is signed out.
const replacedGrace = 60 * time.Second

// await waits for a flight, but not longer than ctx. The caller is one of its
// waiters already.
func (e *Engine) await(ctx context.Context, f *flight) (*live, error) {
	begun := time.Now()
	err := e.result(ctx, f)
	e.emit(ctx, Event{Kind: EventWait, Flight: f.id, Duration: time.Since(begun), Err: err})
	if err != nil {
		return nil, err
	}
	return f.live, nil
}

// result waits for the result of a flight, or for what keeps it from coming.
func (e *Engine) result(ctx context.Context, f *flight) error {
	for {
		select {
		case <-f.done:
			return f.err
		default:
		}
		select {
		case <-f.done:
			return f.err
		case <-f.inquiry.asked(e):
			if err := f.inquiry.error(e); err != nil {
				return err
			} // it has been answered meanwhile
		case <-ctx.Done():
			return e.fail("call", nil, contextError(ctx))
		}
	}
}

// finish ends a flight with its result and reports whether the result counts:
// it does not if the flight is over already.
func (e *Engine) finish(ctx context.Context, f *flight, r result) bool {
	now := e.set.now()
	e.mu.Lock()
	if f.over {
		e.mu.Unlock()
		return false
	}
	f.over = true
	e.flight = nil
	counts := r.failure != nil || !e.closed.Load()
	if !counts {
		r.failure = &failure{class: closing, kind: ErrClosed}
	}
	if r.failure == nil {
		e.publish(r, now)
		f.live = r.live
	} else {
		f.err = e.noteFailure(f, r, now)
	}
	e.mu.Unlock()
	e.report(ctx, f, r)
	close(f.done)
	return counts
}

// publish puts a new session in place. The caller holds e.mu.
func (e *Engine) publish(r result, now instant) {
	e.gen++
	r.live.gen = e.gen
	switch dead := e.last != nil && e.last.dead.Load(); {
	case !dead:
		e.stolen = 0 // the one before came to its end in peace
	case r.kind == EventAdopt:
		e.stolen = 0 // it was ended by another engine that shares the account
		e.budget.giveBack(e.set.every)
	}
	e.gate, e.last = nil, r.live
	old := e.live.Swap(r.live)
	if old != nil {
		e.retire(old, r.kind != EventRefresh && !old.expired(now))
	}
	e.startKeepalive(r.live)
}

// noteFailure shuts the gate as the failure demands, and returns the error for
// those who wait. The caller holds e.mu.
func (e *Engine) noteFailure(f *flight, r result, now instant) error {
	if e.gate == nil {
		e.gate = &gate{}
	}
	err := e.gate.fail(e.failureError(r), *r.failure, now, f.version)
	if l := e.live.Load(); l != nil {
		switch {
		case e.gate.until > now.mono:
			l.renewAt.Store(e.gate.until)
		case !e.gate.latched():
			l.renewAt.Store(now.plus(ambiguousSpacing).mono)
		}
	}
	return err
}

// report tells what a flight came to.
func (e *Engine) report(ctx context.Context, f *flight, r result) {
	event := Event{Kind: r.kind, Flight: f.id, Duration: r.elapsed, Waiters: int(f.waiters.Load())}
	if r.failure == nil {
		event.Generation, event.Subject = r.live.gen, r.live.grant.Subject
		e.emit(ctx, event)
		return
	}
	event.Reason, event.Err = r.failure.class.String(), f.err
	e.emit(ctx, event)
	event.Duration, event.Waiters = 0, 0
	e.mu.Lock()
	latched, waiting := e.gate.latched(), e.gate != nil && e.gate.latch == nil && e.gate.until != 0
	e.mu.Unlock()
	switch {
	case latched:
		event.Kind = EventLatched
		e.emit(ctx, event)
	case waiting:
		event.Kind = EventBackoff
		e.emit(ctx, event)
	}
}

// retire takes a session out of use. It is signed out once the last call in it
// has ended if signOut says so and it is ours to end. The caller holds e.mu.
func (e *Engine) retire(l *live, signOut bool) {
	l.retired.Store(true)
	l.ending = signOut && e.endable(l)
	if l.leases.Load() > 0 {
		e.retired = append(e.retired, l)
		if l.ending {
			l.grace = time.AfterFunc(replacedGrace, func() { e.drained(l) })
		}
		return
	}
	e.end(l)
}

// drained notes that the last call in a retired session has ended, or has had
// time enough.
func (e *Engine) drained(l *live) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, other := range e.retired {
		if other == l {
			e.retired = append(e.retired[:i:i], e.retired[i+1:]...)
			e.end(l)
			e.quieten()
			return
		}
	}
}

// end signs a retired session out, if that is to be done. The caller holds
// e.mu.
func (e *Engine) end(l *live) {
	if l.grace != nil {
		l.grace.Stop()
	}
	if !l.ending {
		return
	}
	l.ending = false
	e.running++
	go func() {
		defer e.finished()
		_ = e.signOut(context.Background(), l, "replaced")
	}()
}

// finished notes that a goroutine of the engine has ended.
func (e *Engine) finished() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	e.quieten()
}

// quieten tells Close when nothing runs any more. The caller holds e.mu.
func (e *Engine) quieten() {
	if e.quiet != nil && e.running == 0 && len(e.retired) == 0 {
		close(e.quiet)
		e.quiet = nil
	}
}
