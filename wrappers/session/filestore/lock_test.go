package filestore_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestGoroutinesExcludeEachOther(t *testing.T) {
	store, dir := newStore(t)
	other := openStore(t, dir)
	var holders, most atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 20 {
				mine := store
				if i%4 == 0 {
					mine = other // another Store of the same process
				}
				unlock, err := mine.Lock(t.Context(), key)
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n > most.Load() {
					most.Store(n)
				}
				holders.Add(-1)
				unlock()
				unlock()
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d goroutines had the lock at once", most.Load())
	}
	if n := store.Turns() + other.Turns(); n != 0 {
		t.Errorf("%d turns are kept although nobody wants them", n)
	}
}

func TestLocksOfOtherKeysAreFree(t *testing.T) {
	store, _ := newStore(t)
	for _, name := range []string{key, "other", "", "../../etc/passwd", "a/b", "con", "\x00", "ключ"} {
		unlock, err := store.Lock(t.Context(), name)
		if err != nil {
			t.Fatalf("key %q: %v", name, err)
		}
		defer unlock()
	}
}

func TestLockEndsWithTheContext(t *testing.T) {
	store, dir := newStore(t)
	unlock, err := store.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	why := errors.New("enough")
	for name, waiter := range map[string]interface {
		Lock(context.Context, string) (func(), error)
	}{"same store": store, "other store": openStore(t, dir)} {
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := waiter.Lock(ctx, key)
			ended <- err
		}()
		cancel(why)
		if err := <-ended; !errors.Is(err, why) {
			t.Errorf("%s: got error %v, want the cause of the context", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Lock(ctx, "free"); !errors.Is(err, context.Canceled) {
		t.Errorf("a free lock is taken although the context has ended: %v", err)
	}
}

// Scenario 76 of fleets, without the vendor.
func TestProcessesExcludeEachOther(t *testing.T) { countTogether(t, "count") }

// countTogether has processes count under the lock, and wants no step lost.
func countTogether(t *testing.T, task string) {
	t.Helper()
	_, dir := newStore(t)
	var all []*process
	for range processes {
		all = append(all, start(t, task, dir))
	}
	for _, p := range all {
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
	data, err := os.ReadFile(dir + ".count")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(data), strconv.Itoa(processes*rounds); got != want {
		t.Errorf("counted to %s under the lock, want %s", got, want)
	}
}

// CompareAndSwap is atomic between processes, without the lock.
func TestProcessesDoNotOverwriteEachOther(t *testing.T) {
	store, dir := newStore(t)
	put(t, store, "0")
	var all []*process
	for range processes {
		all = append(all, start(t, "add", dir))
	}
	for _, p := range all {
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got, want := token(t, store), strconv.Itoa(processes*rounds); got != want {
		t.Errorf("counted to %s in the record, want %s", got, want)
	}
}

func TestF31LockOfADeadProcessIsFree(t *testing.T) {
	store, dir := newStore(t)
	holder := start(t, "hold", dir)
	holder.await(t, "locked")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Lock(ctx, key); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the lock of a living process is free: %v", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	unlock, err := store.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
