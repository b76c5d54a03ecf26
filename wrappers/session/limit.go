package session

import (
	"context"
	"sync"
	"time"
)

// A limit ends a call of the driver when its time is over: first by the
// context, then without the driver.
type limit struct {
	mu      sync.Mutex
	timer   *time.Timer
	cancel  context.CancelCauseFunc
	desert  func() // ends the flight although the driver goes on
	expired bool
	stopped bool
}

// limitTime begins to count the time of a call of the driver.
func (e *Engine) limitTime(f *flight, cancel context.CancelCauseFunc, r result) *limit {
	r.failure = &failure{class: ambiguous, kind: ErrTransient, err: errTimeout}
	l := &limit{cancel: cancel, desert: func() { e.finish(context.Background(), f, r) }}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer = time.AfterFunc(e.set.loginTime, l.fire)
	return l
}

func (l *limit) fire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.stopped:
	case l.expired:
		l.desert()
	default:
		l.expired = true
		l.cancel(errTimeout)
		l.timer.Reset(hangGrace)
	}
}

// restart counts anew.
func (l *limit) restart(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.expired && !l.stopped {
		l.timer.Reset(d)
	}
}

func (l *limit) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	l.timer.Stop()
}
