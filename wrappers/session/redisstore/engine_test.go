package redisstore_test

import (
	"sync"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func TestProcessesShareASession(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		vendor, keys := &acme{}, []rest.Secret{newKey()}
		var all sync.WaitGroup
		for range 8 {
			p := newProcess(t, vendor, b.store(t, keys))
			for range 4 {
				all.Go(func() { p.wantCall(t) })
			}
		}
		all.Wait()
		wantCounts(t, vendor, 1, 0)
	})
}

func TestProcessesRenewOnceForAll(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		vendor, keys := &acme{}, []rest.Secret{newKey()}
		fleet := make([]*process, 4)
		for i := range fleet {
			fleet[i] = newProcess(t, vendor, b.store(t, keys))
			fleet[i].wantCall(t)
		}
		for round := range 2 { // at the third, an engine takes its session for stolen
			vendor.revoke()
			var all sync.WaitGroup
			for _, p := range fleet {
				all.Go(func() { p.wantCall(t) })
			}
			all.Wait()
			wantCounts(t, vendor, 1, round+1)
		}
	})
}

// TestTheLeaseEndsDuringASignIn is scenario 82 too: another process signs in meanwhile. Both go
// on, and what is stored afterwards is good.
func TestTheLeaseEndsDuringASignIn(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		vendor, keys := &acme{}, []rest.Secret{newKey()}
		slow, quick := newProcess(t, vendor, b.store(t, keys)), newProcess(t, vendor, b.store(t, keys))
		began, goOn := make(chan struct{}), make(chan struct{})
		vendor.waiting = sync.OnceFunc(func() {
			close(began)
			<-goOn
		})
		done := make(chan struct{})
		go func() {
			defer close(done)
			slow.wantCall(t)
		}()
		<-began
		vendor.mu.Lock()
		vendor.waiting = nil
		vendor.mu.Unlock()
		names := b.client.Keys(t.Context(), b.prefix+"*:lock").Val()
		if len(names) != 1 {
			t.Fatalf("locks %q, want one", names)
		}
		b.client.Del(t.Context(), names...) // as at the end of the lease
		quick.wantCall(t)
		close(goOn)
		<-done
		slow.wantCall(t)
		quick.wantCall(t)
		wantCounts(t, vendor, 2, 0)
		newProcess(t, vendor, b.store(t, keys)).wantCall(t)
		wantCounts(t, vendor, 2, 0)
		if left := b.client.Keys(t.Context(), b.prefix+"*:lock").Val(); len(left) != 0 {
			t.Errorf("locks left: %q", left)
		}
	})
}

// onOutages runs a test against each kind of Redis, with functions that stop
// Redis and start it again, without what it knew.
func onOutages(t *testing.T, test func(t *testing.T, b *backend, stop, start func())) {
	t.Helper()
	t.Run("miniredis", func(t *testing.T) {
		b := miniBackend(t)
		test(t, b, b.mini.Close, func() {
			b.mini.FlushAll()
			if err := b.mini.Restart(); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("redis", func(t *testing.T) {
		s := ownServer(t)
		test(t, newBackend(t, s.addr), s.stop, func() {
			if err := s.start(); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestWithoutRedisCallsGoOnFromMemory(t *testing.T) {
	onOutages(t, func(t *testing.T, b *backend, stop, start func()) {
		vendor, keys := &acme{}, []rest.Secret{newKey()}
		p := newProcess(t, vendor, b.store(t, keys))
		p.wantCall(t)
		stop()
		p.wantCall(t) // needs no store
		vendor.revoke()
		p.wantCall(t)
		wantCounts(t, vendor, 2, 0) // the stored refresh token may be another one's by now
		if p.seen.count(session.EventStore) == 0 {
			t.Error("nobody was told")
		}
		start()
		vendor.revoke()
		p.wantCall(t)
		wantCounts(t, vendor, 2, 1) // the refresh token in memory is nobody else's
		newProcess(t, vendor, b.store(t, keys)).wantCall(t)
		wantCounts(t, vendor, 2, 1)
	})
}

func TestWithoutRedisCallsStopIfToldSo(t *testing.T) {
	onOutages(t, func(t *testing.T, b *backend, stop, start func()) {
		vendor, keys := &acme{}, []rest.Secret{newKey()}
		p := newProcess(t, vendor, b.store(t, keys), session.WithStorePolicy(session.FailClosed))
		p.wantCall(t)
		stop()
		p.wantCall(t) // the session is good for an hour
		vendor.revoke()
		_, err := p.call(t.Context())
		wantIs(t, err, session.ErrStore)
		wantCounts(t, vendor, 1, 0)
		start()
		p.engine.Reset() // does not wait for the back-off
		p.wantCall(t)
		wantCounts(t, vendor, 2, 0)
		newProcess(t, vendor, b.store(t, keys)).wantCall(t)
		wantCounts(t, vendor, 2, 0)
	})
}

func TestRedisIsAwayFromTheBeginning(t *testing.T) {
	for _, policy := range []session.StorePolicy{session.FailOpen, session.FailClosed} {
		b := miniBackend(t)
		b.mini.Close()
		vendor := &acme{}
		p := newProcess(t, vendor, b.store(t, []rest.Secret{newKey()}), session.WithStorePolicy(policy))
		if policy == session.FailOpen {
			p.wantCall(t)
			wantCounts(t, vendor, 1, 0)
			continue
		}
		_, err := p.call(t.Context())
		wantIs(t, err, session.ErrStore)
		wantCounts(t, vendor, 0, 0)
	}
}

// TestRedisThatRefusesWrites: full, read-only, or without the right.
func TestRedisThatRefusesWrites(t *testing.T) {
	for _, refusal := range []string{"OOM command not allowed when used memory > 'maxmemory'.", "READONLY You can't write against a read only replica."} {
		b := miniBackend(t)
		vendor := &acme{}
		p := newProcess(t, vendor, b.store(t, []rest.Secret{newKey()}))
		b.mini.SetError(refusal)
		p.wantCall(t)
		wantCounts(t, vendor, 1, 0)
		b.mini.SetError("")
	}
}
