package session

import (
	"context"
	"time"
)

// A keeper extends an idle session. It is guarded by Engine.mu.
type keeper struct {
	timer *time.Timer
	live  *live
	seen  int64 // last use of the session when it was touched
	left  int   // touches before the next call of the program
}

// startKeepalive begins to extend a session, if that is wanted and possible.
// The caller holds e.mu.
func (e *Engine) startKeepalive(l *live) {
	e.stopKeepalive()
	if _, ok := e.driver.(Toucher); !ok || e.set.touches == 0 || l.expiry.idle == 0 || e.closed.Load() {
		return
	}
	k := &keeper{live: l, left: e.set.touches, seen: l.usedAt.Load()}
	k.timer = time.AfterFunc(touchAfter(l, l.lastUse(), e.set.now()), func() { e.keepAlive(k) })
	e.keep = k
}

// stopKeepalive ends it. The caller holds e.mu.
func (e *Engine) stopKeepalive() {
	if e.keep != nil {
		e.keep.timer.Stop()
		e.keep = nil
	}
}

// touchAfter returns when to extend a session: after two thirds of the time it
// may be idle.
func touchAfter(l *live, used, now instant) time.Duration {
	return max(l.expiry.idle*2/3-used.elapsed(now), time.Second)
}

// keepAlive extends the session if it has been idle for long enough.
func (e *Engine) keepAlive(k *keeper) {
	now := e.set.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.keep != k || e.live.Load() != k.live {
		return
	}
	used := k.live.lastUse()
	if used.mono != k.seen {
		k.seen, k.left = used.mono, e.set.touches
	}
	if used.elapsed(now) < k.live.expiry.idle*2/3 {
		k.timer.Reset(touchAfter(k.live, used, now))
		return
	}
	if k.left == 0 {
		return
	}
	k.left--
	e.running++
	go e.touch(k, now)
}

// touch makes the call that extends a session, and plans the next one if that
// went well.
func (e *Engine) touch(k *keeper, now instant) {
	defer e.finished()
	toucher, ok := e.driver.(Toucher)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), signOutTime)
	defer cancel()
	w := &wire{engine: e, grant: k.live.grant}
	err := e.guard(func() error {
		client, err := w.client()
		if err != nil {
			return err
		}
		return toucher.Touch(ctx, client, k.live.grant)
	})
	if err != nil {
		err = e.fail("call", nil, err)
	}
	e.emit(ctx, Event{Kind: EventTouch, Subject: k.live.grant.Subject, Generation: k.live.gen, Err: err})
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil || e.keep != k {
		return
	}
	if k.live.usedAt.Load() == k.seen {
		k.live.use(now)
		k.seen = k.live.usedAt.Load()
	}
	k.timer.Reset(touchAfter(k.live, k.live.lastUse(), e.set.now()))
}
