package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"
)

// While somebody else has the lock, it is tried again after a random time up
// to pollFirst, which grows to pollMost.
const (
	pollFirst = 10 * time.Millisecond
	pollMost  = 200 * time.Millisecond
)

// unlockTime is how long letting go of a lock may take. If it fails, the lease
// ends it.
const unlockTime = time.Second

// A hold is a lock that was taken.
type hold struct {
	store *Store
	name  string
	owner string
}

// Lock implements session.Store. It tries again and again, so there is no
// order among those who wait. The lock goes by itself when the process, or its
// way to Redis, is dead for the time of the lease.
func (s *Store) Lock(ctx context.Context, key string) (unlock func(), err error) {
	h := &hold{store: s, name: s.lockName(key), owner: rand.Text()}
	for most := pollFirst; ; most = min(most*3/2, pollMost) {
		left, err := h.take(ctx)
		if err != nil {
			return nil, err
		}
		if left < 0 {
			return h.keep(ctx), nil
		}
		if err := pause(ctx, most, left); err != nil {
			return nil, fmt.Errorf("redis: lock: %w", err)
		}
	}
}

// pause waits for a random time up to most, or until the lease of the other
// owner is over.
func pause(ctx context.Context, most, left time.Duration) error {
	wait := most/2 + mathrand.N(most/2) //nolint:gosec // it spreads load, nobody gains by guessing it
	if left > 0 {
		wait = min(wait, left)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take takes the lock if it is free. It returns a negative duration if it was,
// or else how long the other owner may have it at the least.
func (h *hold) take(ctx context.Context) (time.Duration, error) {
	value, err := h.store.do(ctx, call{
		name: "lock", script: h.store.scripts.lock, key: h.name, args: []any{h.owner, h.store.lease.Milliseconds()},
		undo: func() { h.release(ctx) },
	})
	if err != nil {
		return 0, err
	}
	left, ok := value.(int64)
	if !ok {
		return 0, fmt.Errorf("redis: lock: %w", errUnclear)
	}
	return time.Duration(left) * time.Millisecond, nil
}

// keep extends the lease until the function that it returns is called.
func (h *hold) keep(ctx context.Context) (unlock func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.extend(ctx)
	}()
	return sync.OnceFunc(func() {
		cancel()
		<-done
		h.release(ctx)
	})
}

// extend extends the lease at a third of it, until ctx ends or the lock is
// lost. It goes on while Redis cannot be reached: the lease may not be over
// when it can be again.
func (h *hold) extend(ctx context.Context) {
	s := h.store
	ticker := time.NewTicker(max(s.lease/3, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		value, err := s.do(ctx, call{name: "extend lock", script: s.scripts.extend, key: h.name, args: []any{h.owner, s.lease.Milliseconds()}})
		if err == nil && value == int64(0) {
			if s.logger != nil {
				s.logger.LogAttrs(ctx, slog.LevelWarn, "redisstore.lost", slog.String("lock", h.name))
			}
			return
		}
	}
}

// release lets the lock go if it is still ours.
func (h *hold) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTime)
	defer cancel()
	_, _ = h.store.do(ctx, call{name: "unlock", script: h.store.scripts.unlock, key: h.name, args: []any{h.owner}})
}
