package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
)

// lock takes a lock that is free.
func lock(t *testing.T, s session.Store, key string) (unlock func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	unlock, err := s.Lock(ctx, key)
	if err != nil {
		t.Fatalf("Lock: %v", err)
	}
	t.Cleanup(unlock)
	return unlock
}

// isLocked reports whether a lock is not to be had at once.
func isLocked(t *testing.T, s session.Store, key string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	unlock, err := s.Lock(ctx, key)
	if err == nil {
		unlock()
		return false
	}
	wantIs(t, err, context.DeadlineExceeded)
	return true
}

// owner returns who has the lock of the key "k".
func (b *backend) owner(t *testing.T) string {
	t.Helper()
	return b.client.Get(t.Context(), b.prefix+"{k}:lock").Val()
}

func TestOneHolderAtATime(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		keys := []rest.Secret{newKey()}
		stores := []*redisstore.Store{b.store(t, keys), b.store(t, keys)}
		var inside, most, turns atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 4 {
					unlock, err := stores[i%2].Lock(context.Background(), "k")
					if err != nil {
						t.Errorf("Lock: %v", err)
						return
					}
					most.Store(max(most.Load(), inside.Add(1)))
					turns.Add(1)
					time.Sleep(time.Millisecond)
					inside.Add(-1)
					unlock()
					unlock() // no harm
				}
			})
		}
		all.Wait()
		if most.Load() != 1 || turns.Load() != 32 {
			t.Errorf("%d turns, up to %d at a time", turns.Load(), most.Load())
		}
		if owner := b.owner(t); owner != "" {
			t.Errorf("the lock is left with owner %q", owner)
		}
	})
}

func TestLocksOfOtherAccountsAndPrefixesAreFree(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		lock(t, s, "a")
		if !isLocked(t, s, "a") {
			t.Error("a second lock of the same key")
		}
		lock(t, s, "b")
		lock(t, b.store(t, []rest.Secret{newKey()}, redisstore.WithPrefix(b.prefix+"other:")), "a")
	})
}

func TestWaitingForALockEndsWithItsContext(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		unlock := lock(t, s, "k")
		mine := errors.New("mine")
		ctx, cancel := context.WithCancelCause(t.Context())
		waited := make(chan error)
		go func() {
			_, err := s.Lock(ctx, "k")
			waited <- err
		}()
		cancel(mine)
		wantIs(t, <-waited, mine)
		if _, err := s.Lock(ctx, "k"); err == nil {
			t.Error("a context that has ended gets a lock")
		}
		unlock()
		eventually(t, "free", func() bool { return b.owner(t) == "" })
	})
}

func TestTheLeaseIsExtendedWhileTheLockIsHeld(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		keys := []rest.Secret{newKey()}
		lease, rounds := 300*time.Millisecond, 4
		if b.mini == nil { // where time passes by itself
			lease, rounds = 1500*time.Millisecond, 2
		}
		s := b.store(t, keys, redisstore.WithLease(lease))
		unlock := lock(t, s, "k")
		name := b.prefix + "{k}:lock"
		owner := b.owner(t)
		for range rounds {
			if b.mini != nil {
				b.mini.FastForward(lease / 2)
			}
			low := b.client.PTTL(t.Context(), name).Val()
			eventually(t, "extended", func() bool {
				now := b.client.PTTL(t.Context(), name).Val()
				extended := now > low
				low = min(low, now)
				return extended
			})
		}
		if got := b.owner(t); got != owner {
			t.Errorf("owner %q instead of %q", got, owner)
		}
		unlock()
		if got := b.owner(t); got != "" {
			t.Errorf("owner %q after unlock", got)
		}
	})
}

// TestF31TheLockOfADeadHolderGoes: the lease runs out, nobody extends it.
func TestF31TheLockOfADeadHolderGoes(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		name := b.prefix + "{k}:lock"
		b.client.Set(t.Context(), name, "a process that is dead", time.Second)
		if !isLocked(t, s, "k") {
			t.Error("the lock of another one is taken")
		}
		if b.mini != nil {
			b.mini.FastForward(time.Second)
		}
		lock(t, s, "k")
	})
}

func TestTheLeaseIsLongerThanASignIn(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		lock(t, b.store(t, []rest.Secret{newKey()}), "k")
		if left := b.client.PTTL(t.Context(), b.prefix+"{k}:lock").Val(); left <= 35*time.Second || left > 40*time.Second {
			t.Errorf("lease of %v, want 40 s", left)
		}
	})
}

// TestSplitBrain is scenario 82: a holder stands still for longer than its lease. Another one
// takes over; what the first one then does changes nothing.
func TestSplitBrain(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		keys := []rest.Secret{newKey()}
		stale, next := b.store(t, keys), b.store(t, keys)
		version := put(t, stale, "k", "a")
		unlockStale := lock(t, stale, "k")
		b.client.Del(t.Context(), b.prefix+"{k}:lock") // as at the end of the lease

		unlockNext := lock(t, next, "k")
		owner := b.owner(t)
		if _, err := next.CompareAndSwap(t.Context(), "k", version, record("b")); err != nil {
			t.Fatal(err)
		}
		_, err := stale.CompareAndSwap(t.Context(), "k", version, record("c"))
		wantIs(t, err, session.ErrConflict)
		_, err = stale.CompareAndSwap(t.Context(), "k", version, nil)
		wantIs(t, err, session.ErrConflict)
		unlockStale()
		if got := b.owner(t); got != owner {
			t.Errorf("the stale holder let the lock of its successor go: owner %q, was %q", got, owner)
		}
		wantToken(t, next, "b")
		unlockNext()
	})
}

func TestALostLockIsNoticed(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		log := &logged{}
		s := b.store(t, []rest.Secret{newKey()}, redisstore.WithLease(60*time.Millisecond), redisstore.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
		unlock := lock(t, s, "k")
		b.client.Set(t.Context(), b.prefix+"{k}:lock", "another one", time.Minute)
		eventually(t, "noticed", func() bool { return strings.Contains(log.text(), "redisstore.lost") })
		unlock()
		if got := b.owner(t); got != "another one" {
			t.Errorf("owner %q, want the one that took the lock", got)
		}
	})
}

// logged is a log that can be read while it is written.
type logged struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

func (l *logged) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
