// Package storetest tests implementations of [session.Store].
package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A key as the engine makes them.
const key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// Test runs all tests. Each of them calls open, which returns two handles to
// one new and empty storage, as two processes would have; they may be the same
// value. Open removes what it has made with [testing.T.Cleanup].
func Test(t *testing.T, open func(t *testing.T) (one, other session.Store)) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, one, other session.Store)
	}{
		{"an empty store", testEmpty},
		{"a record comes back as it was", testRoundTrip},
		{"a record is a copy", testCopy},
		{"only the expected version is replaced", testVersions},
		{"a version does not come back", testVersionsDiffer},
		{"a cleared record is gone", testClear},
		{"keys are independent", testKeys},
		{"one of many swaps wins", testRace},
		{"a lock excludes others", testLock},
		{"a lock is needed for nothing else", testLockAlone},
		{"waiting for a lock ends with the context", testLockContext},
		{"unlocking twice does no harm", testUnlockTwice},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one, other := open(t)
			tt.test(t, one, other)
		})
	}
}

// sample returns a record with all fields set.
func sample(token string) *session.Record {
	at := time.UnixMilli(1700000000123)
	return &session.Record{
		Vendor: "acme", Subject: "me@acme.example", Token: rest.NewSecret(token), Refresh: rest.NewSecret("refresh of " + token),
		Extra:    map[string]rest.Secret{"client": rest.NewSecret("c"), "etag": rest.NewSecret(`"1"`)},
		Obtained: at, Lifetime: time.Hour, RefreshLifetime: 24 * time.Hour, Idle: 15 * time.Minute, LastUse: at.Add(time.Minute),
		Rejected: at.Add(-time.Hour), Attempts: []time.Time{at, at.Add(time.Second)}, Credentials: "version 7",
	}
}

// same reports whether two records say the same.
func same(a, b *session.Record) bool {
	return a.Vendor == b.Vendor && a.Subject == b.Subject && a.Token.Equal(b.Token) && a.Refresh.Equal(b.Refresh) &&
		maps.EqualFunc(a.Extra, b.Extra, rest.Secret.Equal) && a.Obtained.Equal(b.Obtained) && a.Lifetime == b.Lifetime &&
		a.RefreshLifetime == b.RefreshLifetime && a.Idle == b.Idle && a.LastUse.Equal(b.LastUse) &&
		a.Rejected.Equal(b.Rejected) && slices.EqualFunc(a.Attempts, b.Attempts, time.Time.Equal) && a.Credentials == b.Credentials
}

// put stores a record and returns its version.
func put(t *testing.T, s session.Store, key string, old session.Version, r *session.Record) session.Version {
	t.Helper()
	version, err := s.CompareAndSwap(t.Context(), key, old, r)
	if err != nil {
		t.Fatalf("CompareAndSwap: %v", err)
	}
	if (version == "") != (r == nil) {
		t.Errorf("CompareAndSwap: version %q for a record that is there: %t", version, r != nil)
	}
	return version
}

// expect loads a record and compares it; nil expects none.
func expect(t *testing.T, s session.Store, key string, want *session.Record) session.Version {
	t.Helper()
	got, version, err := s.Load(t.Context(), key)
	if want == nil {
		if !errors.Is(err, session.ErrNotFound) || version != "" {
			t.Errorf("Load: version %q, error %v, want %v", version, err, session.ErrNotFound)
		}
		return version
	}
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if !same(got, want) {
		t.Errorf("Load: got %+v, want %+v", got, want)
	}
	return version
}

// conflict expects a swap to fail.
func conflict(t *testing.T, s session.Store, old session.Version, r *session.Record) {
	t.Helper()
	if _, err := s.CompareAndSwap(t.Context(), key, old, r); !errors.Is(err, session.ErrConflict) {
		t.Errorf("CompareAndSwap with version %q: error %v, want %v", old, err, session.ErrConflict)
	}
}

func testEmpty(t *testing.T, one, other session.Store) {
	expect(t, one, key, nil)
	expect(t, other, key, nil)
}

func testRoundTrip(t *testing.T, one, other session.Store) {
	for _, r := range []*session.Record{
		sample("token"),
		{Vendor: "acme", Rejected: time.UnixMilli(1)},
		sample("\x00\n\"\\<>&'%$ \u2028 é 漢 \U0001f511"),
		sample(strings.Repeat("long ", 300)),
	} {
		version := put(t, one, key, expect0(t, one), r)
		for _, s := range []session.Store{one, other} {
			if got := expect(t, s, key, r); got != version {
				t.Errorf("version %q, want %q", got, version)
			}
		}
	}
}

// expect0 returns the version of what is there.
func expect0(t *testing.T, s session.Store) session.Version {
	t.Helper()
	_, version, err := s.Load(t.Context(), key)
	if err != nil && !errors.Is(err, session.ErrNotFound) {
		t.Fatalf("Load: %v", err)
	}
	return version
}

func testCopy(t *testing.T, one, _ session.Store) {
	r := sample("token")
	put(t, one, key, "", r)
	r.Subject = "changed"
	r.Extra["client"] = rest.NewSecret("changed")
	expect(t, one, key, sample("token"))
	got, _, err := one.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	got.Extra["etag"] = rest.NewSecret("changed")
	expect(t, one, key, sample("token"))
}

func testVersions(t *testing.T, one, other session.Store) {
	conflict(t, one, "1", sample("a"))
	expect(t, other, key, nil)
	first := put(t, one, key, "", sample("a"))
	conflict(t, other, "", sample("b"))
	conflict(t, other, first+"x", sample("b"))
	expect(t, one, key, sample("a"))
	second := put(t, other, key, first, sample("b"))
	conflict(t, one, first, sample("c"))
	conflict(t, one, first, nil)
	expect(t, one, key, sample("b"))
	put(t, one, key, second, sample("c"))
}

func testVersionsDiffer(t *testing.T, one, other session.Store) {
	seen := map[session.Version]bool{}
	version := session.Version("")
	for i := range 10 {
		version = put(t, one, key, version, sample("a"))
		if seen[version] {
			t.Errorf("version %q twice", version)
		}
		seen[version] = true
		if i%3 == 2 {
			version = put(t, other, key, version, nil)
		}
	}
}

func testClear(t *testing.T, one, other session.Store) {
	version := put(t, one, key, "", sample("a"))
	put(t, other, key, version, nil)
	expect(t, one, key, nil)
	conflict(t, one, version, sample("b"))
	expect(t, one, key, nil)
	put(t, one, key, "", sample("b"))
	expect(t, other, key, sample("b"))
}

func testKeys(t *testing.T, one, other session.Store) {
	second := strings.Replace(key, "00", "ff", 1)
	version := put(t, one, key, "", sample("a"))
	put(t, other, second, "", sample("b"))
	expect(t, other, key, sample("a"))
	put(t, one, key, version, nil)
	expect(t, one, second, sample("b"))
	unlock := lock(t, one, key)
	defer unlock()
	lock(t, other, second)()
}

func testRace(t *testing.T, one, other session.Store) {
	const rounds, racers = 20, 8
	version := session.Version("")
	for round := range rounds {
		var won atomic.Int64
		var winner atomic.Pointer[session.Version]
		var wg sync.WaitGroup
		for i := range racers {
			wg.Go(func() {
				s := []session.Store{one, other}[i%2]
				got, err := s.CompareAndSwap(t.Context(), key, version, sample(fmt.Sprint(round, i)))
				switch {
				case err == nil:
					won.Add(1)
					winner.Store(&got)
				case !errors.Is(err, session.ErrConflict):
					t.Errorf("CompareAndSwap: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d of %d swaps won", won.Load(), racers)
		}
		version = *winner.Load()
	}
}

func lock(t *testing.T, s session.Store, key string) (unlock func()) {
	t.Helper()
	unlock, err := s.Lock(t.Context(), key)
	if err != nil {
		t.Fatalf("Lock: %v", err)
	}
	return unlock
}

func testLock(t *testing.T, one, other session.Store) {
	var inside, total atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s := []session.Store{one, other}[i%2]
			for range 10 {
				unlock, err := s.Lock(t.Context(), key)
				if err != nil {
					t.Errorf("Lock: %v", err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d hold the lock", n)
				}
				total.Add(1)
				inside.Add(-1)
				unlock()
			}
		})
	}
	wg.Wait()
	if total.Load() != 80 {
		t.Errorf("locked %d times, want 80", total.Load())
	}
}

func testLockAlone(t *testing.T, one, other session.Store) {
	unlock := lock(t, one, key)
	defer unlock()
	version := put(t, other, key, "", sample("a"))
	expect(t, other, key, sample("a"))
	put(t, one, key, version, nil)
}

func testLockContext(t *testing.T, one, other session.Store) {
	unlock := lock(t, one, key)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		second, err := other.Lock(ctx, key)
		if err == nil {
			second()
		}
		failed <- err
	}()
	cancel()
	if err := <-failed; err == nil {
		t.Error("Lock: no error although the lock is held and the context has ended")
	}
	unlock()
	lock(t, other, key)()
}

func testUnlockTwice(t *testing.T, one, other session.Store) {
	first := lock(t, one, key)
	first()
	second := lock(t, other, key)
	first()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if third, err := one.Lock(ctx, key); err == nil {
		third()
		t.Error("the second unlock of one holder has unlocked another")
	}
	second()
}
