package keyringstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
	"github.com/latchkey-go/latchkey/wrappers/session/keyringstore"
	"github.com/latchkey-go/latchkey/wrappers/session/storetest"
)

func TestMain(m *testing.M) {
	keyring.MockInit() // never the key ring of whoever runs the tests
	goleak.VerifyTestMain(m)
}

const key = "0123456789abcdef"

func newStore(t *testing.T, opts ...keyringstore.Option) *keyringstore.Store {
	t.Helper()
	store, err := keyringstore.New(t.Name(), &session.MemoryStore{}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func record(token string) *session.Record {
	return &session.Record{Vendor: "acme", Subject: "me", Token: rest.NewSecret(token), Obtained: time.UnixMilli(1_800_000_000_000), Lifetime: time.Hour}
}

func put(t *testing.T, store session.Store, old session.Version, token string) session.Version {
	t.Helper()
	version, err := store.CompareAndSwap(t.Context(), key, old, record(token))
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func token(t *testing.T, store session.Store) string {
	t.Helper()
	found, _, err := store.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return found.Token.Reveal()
}

func wantIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got error %v, want one that is %v", err, target)
	}
}

func TestStore(t *testing.T) {
	service := 0
	storetest.Test(t, func(t *testing.T) (one, other session.Store) {
		service++
		dir := filepath.Join(t.TempDir(), "locks")
		open := func() session.Store {
			locks, err := filestore.New(dir)
			if err != nil {
				t.Fatal(err)
			}
			store, err := keyringstore.New(fmt.Sprint("service ", service), locks)
			if err != nil {
				t.Fatal(err)
			}
			return store
		}
		return open(), open()
	})
}

func TestNewNeedsAServiceAndLocks(t *testing.T) {
	if _, err := keyringstore.New("", &session.MemoryStore{}); err == nil {
		t.Error("no error without a service")
	}
	if _, err := keyringstore.New("acme", nil); err == nil {
		t.Error("no error without locks")
	}
}

func TestServicesAndKeysAreApart(t *testing.T) {
	store := newStore(t)
	put(t, store, "", "one")
	other, err := keyringstore.New("another service", &session.MemoryStore{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = other.Load(t.Context(), key)
	wantIs(t, err, session.ErrNotFound)
	_, _, err = store.Load(t.Context(), "other")
	wantIs(t, err, session.ErrNotFound)
	if got := token(t, store); got != "one" {
		t.Errorf("token %q, want one", got)
	}
}

func TestDamagedSecretsCanBeReplaced(t *testing.T) {
	for name, text := range map[string]string{
		"empty":        "",
		"other":        "something else",
		"short":        "V {}",
		"half":         strings.Repeat("A", 26) + ` {"v":1,"t":"abc`,
		"newer record": strings.Repeat("A", 26) + ` {"v":99,"t":"abc"}`,
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			if err := keyring.Set(t.Name(), key, text); err != nil {
				t.Fatal(err)
			}
			_, version, err := store.Load(t.Context(), key)
			wantIs(t, err, session.ErrCorrupt)
			if version == "" || strings.Contains(fmt.Sprint(version, err), "abc") {
				t.Fatalf("version %q and error %v", version, err)
			}
			_, err = store.CompareAndSwap(t.Context(), key, "", record("new"))
			wantIs(t, err, session.ErrConflict)
			put(t, store, version, "new")
			if got := token(t, store); got != "new" {
				t.Errorf("token %q, want new", got)
			}
		})
	}
}

// Two Stores with the same locks count together by compare and swap.
func TestSwapIsAtomic(t *testing.T) {
	locks, err := filestore.New(filepath.Join(t.TempDir(), "locks"))
	if err != nil {
		t.Fatal(err)
	}
	ring := &slowRing{}
	var wg sync.WaitGroup
	var done atomic.Int32
	for range 4 {
		store, err := keyringstore.New(t.Name(), locks, keyringstore.WithInteraction())
		if err != nil {
			t.Fatal(err)
		}
		store.SetRing(ring)
		wg.Go(func() {
			for range 20 {
				for {
					_, version, err := store.Load(t.Context(), key)
					if err != nil && !errors.Is(err, session.ErrNotFound) {
						t.Error(err)
						return
					}
					_, err = store.CompareAndSwap(t.Context(), key, version, record("one"))
					if err == nil {
						done.Add(1)
						break
					}
					if !errors.Is(err, session.ErrConflict) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if int(done.Load()) != ring.sets || ring.most > 1 {
		t.Errorf("%d swaps succeeded, %d were made; %d calls of the key ring at once", done.Load(), ring.sets, ring.most)
	}
}

// A locker counts who has which lock.
type locker struct {
	mu   sync.Mutex
	held map[string]int
}

func (l *locker) add(key string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[key] += n
}

func (l *locker) Lock(_ context.Context, key string) (unlock func(), err error) {
	l.add(key, 1)
	return func() { l.add(key, -1) }, nil
}

// A guardedRing notes which locks are held while it is asked.
type guardedRing struct {
	slowRing
	locks *locker
	seen  []map[string]int
}

func (r *guardedRing) see() {
	r.locks.mu.Lock()
	defer r.locks.mu.Unlock()
	r.seen = append(r.seen, maps.Clone(r.locks.held))
}

func (r *guardedRing) Get(service, user string) (string, error) {
	r.see()
	return r.slowRing.Get(service, user)
}

func (r *guardedRing) Set(service, user, text string) error {
	r.see()
	return r.slowRing.Set(service, user, text)
}

// Other processes are kept away while a record is compared and replaced, by a
// lock other than that of the renewal.
func TestSwapIsLocked(t *testing.T) {
	locks := &locker{held: map[string]int{}}
	store, err := keyringstore.New(t.Name(), locks)
	if err != nil {
		t.Fatal(err)
	}
	ring := &guardedRing{locks: locks}
	store.SetRing(ring)
	put(t, store, "", "one")
	for _, held := range ring.seen {
		if len(held) != 1 || held[key] != 0 {
			t.Errorf("held while the key ring was asked: %v", held)
		}
	}
	for name, n := range locks.held {
		if n != 0 || len(ring.seen) != 2 {
			t.Errorf("%d calls, lock %s is held %d times after them", len(ring.seen), name, n)
		}
	}
}

// A slowRing notes how many calls there are at once.
type slowRing struct {
	mu         sync.Mutex
	text       string
	calls      int
	most, sets int
}

func (r *slowRing) call(do func()) {
	r.mu.Lock()
	r.calls++
	r.most = max(r.most, r.calls)
	r.mu.Unlock()
	runtime.Gosched()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls--
	do()
}

func (r *slowRing) Get(_, _ string) (text string, err error) {
	r.call(func() { text = r.text })
	if text == "" {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (r *slowRing) Set(_, _, text string) error {
	r.call(func() { r.text = text; r.sets++ })
	return nil
}

func (r *slowRing) Delete(_, _ string) error {
	r.call(func() { r.text = "" })
	return nil
}

func TestKeyRingThatFails(t *testing.T) {
	cause := errors.New("no such service")
	keyring.MockInitWithError(cause)
	t.Cleanup(keyring.MockInit)
	store := newStore(t)
	_, _, err := store.Load(t.Context(), key)
	_, swap := store.CompareAndSwap(t.Context(), key, "", record("sesame"))
	for _, err := range []error{err, swap} {
		wantIs(t, err, keyringstore.ErrUnavailable)
		wantIs(t, err, cause)
		if !strings.Contains(err.Error(), "choose another store") || strings.Contains(err.Error(), "sesame") {
			t.Errorf("the error does not say what to do: %v", err)
		}
	}
}

// fullRing takes nothing.
type fullRing struct{ slowRing }

func (r *fullRing) Set(_, _, _ string) error { return keyring.ErrSetDataTooBig }

func TestRecordThatIsTooLarge(t *testing.T) {
	store := newStore(t)
	store.SetRing(&fullRing{})
	_, err := store.CompareAndSwap(t.Context(), key, "", record("sesame"+strings.Repeat("x", 3000)))
	wantIs(t, err, keyringstore.ErrTooLarge)
	if errors.Is(err, keyringstore.ErrUnavailable) || !strings.Contains(err.Error(), " bytes") || strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error does not say what is wrong: %v", err)
	}
}

// sizes notes the size of what is stored.
type sizes struct {
	slowRing
	size int
}

func (r *sizes) Set(_, _, text string) error { r.size = len(text); return nil }

// Two tokens of 1100 bytes fit into the key ring of Windows.
func TestRecordIsSmall(t *testing.T) {
	ring := &sizes{}
	store := newStore(t)
	store.SetRing(ring)
	r := record(strings.Repeat("t", 1100))
	r.Refresh = rest.NewSecret(strings.Repeat("r", 1100))
	r.Subject = "somebody@acme.example"
	r.RefreshLifetime, r.Idle, r.LastUse = time.Hour, time.Hour, r.Obtained
	if _, err := store.CompareAndSwap(t.Context(), key, "", r); err != nil {
		t.Fatal(err)
	}
	if ring.size == 0 || ring.size > 2560 {
		t.Errorf("stored %d bytes, want no more than 2560", ring.size)
	}
}

// panicRing panics with what it is given.
type panicRing struct{ slowRing }

func (r *panicRing) Set(_, _, text string) error { panic(text) }

func TestPanicOfTheKeyRing(t *testing.T) {
	store := newStore(t)
	store.SetRing(&panicRing{})
	_, err := store.CompareAndSwap(t.Context(), key, "", record("sesame"))
	wantIs(t, err, keyringstore.ErrUnavailable)
	if strings.Contains(err.Error(), "sesame") {
		t.Errorf("secret in %v", err)
	}
	_, _, err = store.Load(t.Context(), key)
	wantIs(t, err, session.ErrNotFound)
}

// hungRing does not answer until it is released.
type hungRing struct {
	slowRing
	release chan struct{}
	begun   atomic.Int32
}

func (r *hungRing) Get(service, user string) (string, error) {
	r.begun.Add(1)
	<-r.release
	return r.slowRing.Get(service, user)
}

// A key ring that waits for its password keeps no caller longer than its time,
// one goroutine at most, and does later nothing that it was not asked for.
func TestKeyRingThatHangs(t *testing.T) {
	store := newStore(t, keyringstore.WithTimeout(10*time.Millisecond))
	ring := &hungRing{release: make(chan struct{})}
	store.SetRing(ring)
	_, err := store.CompareAndSwap(t.Context(), key, "", record("late"))
	wantIs(t, err, keyringstore.ErrUnavailable)
	if err == nil || !strings.Contains(err.Error(), "WithInteraction") {
		t.Errorf("the error does not say what to do: %v", err)
	}
	before := runtime.NumGoroutine()
	for range 20 {
		_, _, err := store.Load(t.Context(), key)
		wantIs(t, err, keyringstore.ErrUnavailable)
	}
	if after := runtime.NumGoroutine(); after > before+5 || ring.begun.Load() != 1 {
		t.Errorf("%d goroutines more, %d calls of the key ring", after-before, ring.begun.Load())
	}
	close(ring.release)
	patient := newStore(t, keyringstore.WithInteraction())
	patient.SetRing(ring)
	_, _, err = patient.Load(t.Context(), key) // once the abandoned call has ended
	wantIs(t, err, session.ErrNotFound)
	if ring.sets != 0 {
		t.Errorf("stored after the caller was told that it failed")
	}
}

func TestContextEndsTheWait(t *testing.T) {
	store := newStore(t, keyringstore.WithInteraction())
	ring := &hungRing{release: make(chan struct{})}
	store.SetRing(ring)
	why := errors.New("enough")
	for range 2 { // the first waits for the key ring, the second for the first
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Millisecond, func() { cancel(why) })
		_, _, err := store.Load(ctx, key)
		wantIs(t, err, why)
	}
	close(ring.release)
	_, _, err := store.Load(t.Context(), key)
	wantIs(t, err, session.ErrNotFound)
}

func TestLockIsThatOfTheLocker(t *testing.T) {
	locks := &session.MemoryStore{}
	store, err := keyringstore.New(t.Name(), locks)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := store.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, store, "", "one") // the record is not locked
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = locks.Lock(ctx, key)
	wantIs(t, err, context.DeadlineExceeded)
	unlock()
	if unlock, err = locks.Lock(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	unlock()
}
