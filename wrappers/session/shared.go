package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// useInterval is how often the last use of a session is written to the store.
const useInterval = time.Minute

// claimTries is how often a write is tried that somebody else comes before.
const claimTries = 5

var (
	errMarked  = errors.New("refused a short while ago, as noted in the store")
	errForeign = fmt.Errorf("%w: of another vendor", ErrCorrupt)
)

// A stash is the stored session while a flight holds the lock.
type stash struct {
	key     string
	version Version
	record  *Record // what is stored now; nil if nothing is
	found   *live   // the session in it; nil if there is none
	refresh rest.Secret
	claimed bool // refresh has been taken out of the record
}

// renewShared takes a session that another process has put into the store, or
// gets one and puts it there: lock, load, decide, renew, store, and only then
// use it.
func (e *Engine) renewShared(ctx context.Context, f *flight) result {
	s := &stash{key: e.storeKey()}
	last := e.previous(f)
	lockCtx, cancel := context.WithTimeout(ctx, 2*e.set.loginTime+e.set.promptTime)
	defer cancel()
	unlock, err := e.lock(lockCtx, s.key)
	if err != nil {
		return e.storeFailed(ctx, f, last, "lock", err)
	}
	defer e.unlock(ctx, f, unlock)
	s.record, s.version, err = e.load(ctx, s.key)
	if err != nil {
		return e.storeFailed(ctx, f, last, "load", err)
	}
	now := e.set.now()
	if until := e.markedUntil(s.record, f, now); !until.IsZero() {
		err := fmt.Errorf("%w: not tried again before %s", errMarked, until.UTC().Format("15:04:05 MST"))
		return result{op: "sign in", kind: EventSignIn, failure: &failure{class: rejected, kind: ErrRejected, err: err}}
	}
	s.found, err = e.restore(s.record, now)
	if err != nil {
		return result{op: "sign in", kind: EventSignIn, failure: &failure{class: transient, kind: ErrDriver, err: err}}
	}
	if s.found != nil && !s.found.expired(now) && !sameSession(s.found, last) && !outlived(s.found, last) {
		return result{op: "sign in", kind: EventAdopt, live: s.found}
	}
	r := e.obtain(ctx, f, newest(s.found, last), func() bool { return e.claim(ctx, f, s) })
	return e.keepResult(ctx, f, s, r)
}

// claim takes the refresh token out of the store before it is sent, so that
// nobody uses it a second time should this process die before it has stored the
// next one. It reports whether the token may be sent.
func (e *Engine) claim(ctx context.Context, f *flight, s *stash) bool {
	if s.found == nil || s.record.Refresh.IsZero() {
		return true // only this engine knows the token
	}
	for range claimTries {
		next := *s.record
		next.Refresh = rest.Secret{}
		version, err := e.swap(ctx, s.key, s.version, &next)
		if err == nil {
			s.refresh, s.claimed = s.record.Refresh, true
			s.record, s.version = &next, version
			return true
		}
		if !errors.Is(err, ErrConflict) {
			e.storeEvent(ctx, f, "claim", err)
			return false
		}
		// Somebody has written the last use, which takes no lock.
		record, version, err := e.load(ctx, s.key)
		if err != nil || record == nil || !record.Refresh.Equal(s.record.Refresh) {
			return false
		}
		s.record, s.version = record, version
	}
	return false
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

// outlived reports whether the stored session is one from before a time in
// which the store was away and this engine went on by itself.
func outlived(found, last *live) bool {
	return last != nil && !last.shared && last.sent.wall >= found.sent.wall
}

// newest returns the session whose refresh token to use: one that only this
// engine knows, else the stored one, unless it is known to be spent. If there is
// none in the store, whoever has removed it knew why.
func newest(found, last *live) *live {
	if last != nil && !last.shared && !last.unsure {
		return last
	}
	if found != nil && last != nil && last.spent.Load() && found.grant.Refresh.Equal(last.grant.Refresh) {
		return nil
	}
	return found
}

// keepResult puts what obtain has got into the store.
func (e *Engine) keepResult(ctx context.Context, f *flight, s *stash, r result) result {
	next := e.afterwards(f, s, r)
	if next == s.record {
		return r
	}
	_, err := e.overwrite(ctx, s.key, s.version, next)
	switch {
	case err == nil && r.failure == nil:
		r.live.shared = true
	case err == nil:
		// nothing to share
	case r.failure == nil && e.set.storePolicy == FailClosed:
		e.storeEvent(ctx, f, "save", err)
		_ = e.signOut(context.WithoutCancel(ctx), r.live, "not stored")
		return result{op: r.op, kind: r.kind, failure: &failure{class: transient, kind: ErrStore, err: err}}
	default:
		// It may have been written all the same, for others to take over.
		if r.failure == nil {
			r.live.unsure = true
		}
		e.storeEvent(ctx, f, "save", err)
	}
	return r
}

// afterwards returns what is to be stored after a flight; nil is nothing.
func (e *Engine) afterwards(f *flight, s *stash, r result) *Record {
	switch {
	case r.failure == nil:
		return e.record(r.live)
	case e.set.marker > 0 && (r.failure.class == rejected || r.failure.class == ambiguous):
		return e.marked(s.record, f, r.failure.class)
	case s.claimed && r.op == "refresh" && r.failure.class == transient:
		next := *s.record
		next.Refresh = s.refresh // it was not used
		return &next
	case s.found != nil && e.isUseless(s.found):
		return nil
	default:
		return s.record
	}
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

// markedUntil returns until when the store says that these credentials are not
// to be tried, since they were refused a short while ago or tried too often; the
// zero time if it does not say so.
func (e *Engine) markedUntil(r *Record, f *flight, now instant) (until time.Time) {
	if e.set.marker == 0 || f.forget || r == nil || r.Credentials != f.version {
		return time.Time{}
	}
	within := func(at time.Time, span time.Duration) bool {
		past := remembered(at, now).elapsed(now)
		if past < span {
			until = now.time().Add(span - past)
		}
		return past < span
	}
	if !f.explicit && !r.Rejected.IsZero() && within(r.Rejected, e.set.marker) {
		return until
	}
	if n := len(r.Attempts); n >= attemptLimit && within(r.Attempts[n-attemptLimit], attemptWindow) {
		return until
	}
	return time.Time{}
}

// marked returns what to store after an attempt to sign in that the vendor has
// refused, or may have counted. Of an unclear one it leaves the session as it
// was.
func (e *Engine) marked(old *Record, f *flight, c class) *Record {
	now := e.set.now().time()
	next := &Record{Vendor: e.driver.Vendor()}
	if old != nil {
		*next = *old
	}
	if next.Credentials != f.version {
		next.Rejected, next.Credentials = time.Time{}, f.version
	}
	recent := append(slices.Clone(next.Attempts), now)
	next.Attempts = recent[max(0, len(recent)-attemptLimit):]
	if c == rejected {
		return &Record{Vendor: next.Vendor, Rejected: now, Attempts: next.Attempts, Credentials: f.version}
	}
	return next
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
	if last != nil && (last.shared || last.unsure) {
		last = nil
	}
	return e.obtain(ctx, f, last, nil)
}

func (e *Engine) storeEvent(ctx context.Context, f *flight, what string, err error) {
	event := Event{Kind: EventStore, Reason: what, Err: e.fail("call", ErrStore, err)}
	if f != nil {
		event.Flight = f.id
	}
	e.emit(ctx, event)
}

// lock, unlock, load and swap call the store; a panic becomes an error.
func (e *Engine) lock(ctx context.Context, key string) (unlock func(), err error) {
	defer recoverTo(&err)
	return e.set.store.Lock(ctx, key)
}

func (e *Engine) unlock(ctx context.Context, f *flight, unlock func()) {
	if err := e.guard(func() error { unlock(); return nil }); err != nil {
		e.storeEvent(ctx, f, "unlock", err)
	}
}

func (e *Engine) load(ctx context.Context, key string) (record *Record, version Version, err error) {
	defer recoverTo(&err)
	ctx, cancel := context.WithTimeout(ctx, e.storeTime())
	defer cancel()
	record, version, err = e.set.store.Load(ctx, key)
	if err == nil && record != nil && record.Vendor != e.driver.Vendor() {
		record, err = nil, errForeign
	}
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

func (e *Engine) swap(ctx context.Context, key string, old Version, record *Record) (version Version, err error) {
	defer recoverTo(&err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.storeTime())
	defer cancel()
	return e.set.store.CompareAndSwap(ctx, key, old, record)
}

// storeTime is how long one answer of the store may take while calls wait for
// it: a little longer than a sign-in, so that a store that takes as long has the
// last word.
func (e *Engine) storeTime() time.Duration { return e.set.loginTime + hangGrace }

// overwrite writes the record even if somebody has changed it without the
// lock: what we have is newer.
func (e *Engine) overwrite(ctx context.Context, key string, old Version, record *Record) (version Version, err error) {
	for range claimTries {
		version, err = e.swap(ctx, key, old, record)
		if !errors.Is(err, ErrConflict) {
			return version, err
		}
		if _, old, err = e.load(ctx, key); err != nil {
			return "", err
		}
	}
	return version, err
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
