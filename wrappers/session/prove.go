package session

import (
	"context"
	"time"
)

// proveTime is how long calls wait for another one to find out whether a
// session is good.
const proveTime = 5 * time.Second

// acquireAgain returns a session to send a request once more in. One that was
// taken over from the store may be as dead as the one before: the first call to
// be sent again tries it, and the others wait for what becomes of that, since
// none of them could be sent a third time. Done is to be called after the
// verdict.
func (e *Engine) acquireAgain(ctx context.Context) (l *live, now instant, done func(), err error) {
	done = func() {}
	for first := true; ; first = false {
		l, now, err = e.acquire(ctx, false)
		if err != nil || !l.adopted || l.good.Load() {
			return l, now, done, err
		}
		busy := e.prove()
		if busy == nil {
			return l, now, e.proved, nil
		}
		if !first {
			return l, now, done, nil // it has waited once
		}
		e.leave(l)
		e.waitFor(ctx, busy)
	}
}

// prove makes the caller the one that tries the session, or returns a channel
// that is closed when another one has.
func (e *Engine) prove() (busy <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.proving == nil {
		e.proving = make(chan struct{})
		return nil
	}
	return e.proving
}

// proved lets those who wait go on.
func (e *Engine) proved() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.proving)
	e.proving = nil
}

// waitFor waits for another call, but not for long.
func (e *Engine) waitFor(ctx context.Context, busy <-chan struct{}) {
	timer := time.NewTimer(proveTime)
	defer timer.Stop()
	select {
	case <-busy:
	case <-timer.C:
	case <-ctx.Done():
	}
}
