package session

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// useInterval is how often the last use of a session is written to the store.
const useInterval = time.Minute

var errMarked = errors.New("refused a short while ago, as noted in the store")

// renewShared takes a session that another process has put into the store, or
// gets one and puts it there: lock, load, decide, renew, store, and only then
// use it.
func (e *Engine) renewShared(ctx context.Context, f *flight) result {
	key := e.storeKey()
	last := e.previous(f)
	lockCtx, cancel := context.WithTimeout(ctx, 2*e.set.loginTime+e.set.promptTime)
	defer cancel()
	unlock, err := e.lock(lockCtx, key)
	if err != nil {
		return e.storeFailed(ctx, f, last, "lock", err)
	}
	defer unlock()
	record, version, err := e.load(ctx, key)
	if err != nil {
		return e.storeFailed(ctx, f, last, "load", err)
	}
	now := e.set.now()
	if e.isMarked(record, f, now) {
		return result{op: "sign in", kind: EventSignIn, failure: &failure{class: rejected, kind: ErrRejected, err: errMarked}}
	}
	found, err := e.restore(record, now)
	if err != nil {
		return result{op: "sign in", kind: EventSignIn, failure: &failure{class: transient, kind: ErrDriver, err: err}}
	}
	if found != nil && !found.expired(now) && !sameSession(found, last) {
		found.version = version
		return result{op: "sign in", kind: EventAdopt, live: found}
	}
	r := e.obtain(ctx, f, newest(found, last))
	return e.keepResult(ctx, f, key, version, found, r)
}

// previous returns the session that is to be replaced, or that was before.
func (e *Engine) previous(f *flight) *live {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.ahead != nil {
		return f.ahead
	}
	return e.last
}

// sameSession reports whether the stored session is the one that is to be
// replaced: it has its token, and is dead or has not been renewed since.
func sameSession(found, last *live) bool {
	if last == nil || !found.grant.Token.Equal(last.grant.Token) {
		return false
	}
	sameMoment := found.sent.wall/int64(time.Millisecond) <= last.sent.wall/int64(time.Millisecond)
	return last.dead.Load() || sameMoment && !found.lastUseAfter(last)
}

// newest returns the session whose refresh token to use: the stored one, unless
// it is known to be spent.
func newest(found, last *live) *live {
	if found == nil {
		return nil // whoever has cleared the store knows more than we do
	}
	if last != nil && last.spent.Load() && found.grant.Refresh.Equal(last.grant.Refresh) {
		return nil
	}
	return found
}

// keepResult puts what obtain has got into the store.
func (e *Engine) keepResult(ctx context.Context, f *flight, key string, version Version, found *live, r result) result {
	var record *Record
	switch {
	case r.failure == nil:
		record = e.record(r.live)
	case r.failure.class == rejected && e.set.marker > 0:
		record = &Record{Vendor: e.driver.Vendor(), Rejected: e.set.now().time(), Credentials: f.version}
	case found == nil || !e.isUseless(found):
		return r
	}
	version, err := e.swap(ctx, key, version, record)
	switch {
	case err == nil && r.failure == nil:
		r.live.shared, r.live.version = true, version
	case err == nil:
	case r.failure == nil && e.set.storePolicy == FailClosed:
		e.storeEvent(ctx, f, "save", err)
		_ = e.signOut(context.WithoutCancel(ctx), r.live, "not stored")
		return result{op: r.op, kind: r.kind, failure: &failure{class: transient, kind: ErrStore, err: err}}
	default:
		e.storeEvent(ctx, f, "save", err)
	}
	return r
}

// isUseless reports whether neither the token nor the refresh token of the
// stored session is good for anything.
func (e *Engine) isUseless(found *live) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := e.last
	known := last != nil && last.grant.Token.Equal(found.grant.Token)
	if found.spent.Load() && known {
		last.spent.Store(true)
	}
	dead := known && last.dead.Load() || found.expired(e.set.now())
	return dead && (found.spent.Load() || found.grant.Refresh.IsZero())
}

// isMarked reports whether the store says that these credentials were refused
// a short while ago.
func (e *Engine) isMarked(r *Record, f *flight, now instant) bool {
	if e.set.marker == 0 || f.forget || r == nil || r.Rejected.IsZero() || r.Credentials != f.version {
		return false
	}
	return remembered(r.Rejected, now).elapsed(now) < e.set.marker
}

// storeFailed goes on without the store, if that is allowed. A refresh token
// that others may hold is not used then: the first to use it would take it from
// the others.
func (e *Engine) storeFailed(ctx context.Context, f *flight, last *live, what string, err error) result {
	if errors.Is(context.Cause(ctx), ErrClosed) {
		return result{op: "sign in", kind: EventSignIn, failure: &failure{class: closing, kind: ErrClosed}}
	}
	e.storeEvent(ctx, f, what, err)
	if e.set.storePolicy == FailClosed {
		return result{op: "sign in", kind: EventSignIn, failure: &failure{class: transient, kind: ErrStore, err: err}}
	}
	if last != nil && last.shared {
		last = nil
	}
	return e.obtain(ctx, f, last)
}

func (e *Engine) storeEvent(ctx context.Context, f *flight, what string, err error) {
	event := Event{Kind: EventStore, Reason: what, Err: e.fail("call", ErrStore, err)}
	if f != nil {
		event.Flight = f.id
	}
	e.emit(ctx, event)
}

// lock, load and swap call the store; a panic becomes an error.
func (e *Engine) lock(ctx context.Context, key string) (unlock func(), err error) {
	defer recoverTo(&err)
	return e.set.store.Lock(ctx, key)
}

func (e *Engine) load(ctx context.Context, key string) (record *Record, version Version, err error) {
	defer recoverTo(&err)
	record, version, err = e.set.store.Load(ctx, key)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, "", nil
	case errors.Is(err, ErrCorrupt):
		e.storeEvent(ctx, nil, "corrupt", err)
		return nil, version, nil
	default:
		return record, version, err
	}
}

// swap writes the record; if somebody has changed it without the lock, it looks
// at the version once more, since what we have is newer.
func (e *Engine) swap(ctx context.Context, key string, old Version, record *Record) (version Version, err error) {
	defer recoverTo(&err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
	defer cancel()
	version, err = e.set.store.CompareAndSwap(ctx, key, old, record)
	if !errors.Is(err, ErrConflict) {
		return version, err
	}
	if _, old, err = e.load(ctx, key); err != nil {
		return "", err
	}
	return e.set.store.CompareAndSwap(ctx, key, old, record)
}

// noteUse writes the last use of a shared session to the store, at most once
// per minute and beside the call.
func (e *Engine) noteUse(l *live) {
	used := l.usedAt.Load()
	at := l.savedAt.Load()
	if used-at < int64(useInterval) || !l.savedAt.CompareAndSwap(at, used) {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed.Load() {
		return
	}
	e.running++
	go func() {
		defer e.finished()
		e.saveUse(l)
	}()
}

func (e *Engine) saveUse(l *live) {
	ctx, cancel := context.WithTimeout(context.Background(), signOutTime)
	defer cancel()
	key := e.storeKey()
	err := e.guard(func() error {
		record, version, err := e.set.store.Load(ctx, key)
		if err != nil || !record.Token.Equal(l.grant.Token) {
			return err
		}
		used := l.lastUse().time()
		if !used.After(record.LastUse) {
			return nil
		}
		record.LastUse = used
		_, err = e.set.store.CompareAndSwap(ctx, key, version, record)
		return err
	})
	if err != nil && !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound) {
		e.storeEvent(ctx, nil, "last use", err)
	}
}

// forgetShared removes a session that was signed out from the store, unless
// another has taken its place.
func (e *Engine) forgetShared(ctx context.Context, token rest.Secret) {
	key := e.storeKey()
	err := e.guard(func() error {
		record, version, err := e.set.store.Load(ctx, key)
		if err != nil || !record.Token.Equal(token) {
			return err
		}
		_, err = e.set.store.CompareAndSwap(ctx, key, version, nil)
		return err
	})
	if err != nil && !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound) {
		e.storeEvent(ctx, nil, "clear", err)
	}
}
