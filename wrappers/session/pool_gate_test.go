package session_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// TestI03APoolRemembersRefusals: an account that makes room for another, and
// comes back, has the same wrong password.
func TestI03APoolRemembersRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, right, opened := newVendor(), newVendor().password, 0
		pool := session.NewPool(2, func(key string, shared session.Option) (*wrapper, error) {
			opened++
			d := newDriver(v)
			d.subject, d.password = key, func() string { return right }
			e, err := session.New(revoker{d}, baseURL, shared)
			return &wrapper{e}, err
		}, session.WithTransport(v))
		call := func(key string) error {
			return pool.Do(key, func(w *wrapper) error { return w.SignIn(t.Context()) })
		}
		for round := range 100 {
			for key := range 4 {
				err := pool.Do(fmt.Sprint(key), func(w *wrapper) error {
					_, err := post(t.Context(), w.Client(), "data", true)
					return err
				})
				wantIs(t, err, session.ErrRejected)
			}
			time.Sleep(time.Duration(round) * time.Second)
		}
		if opened < 100 {
			t.Errorf("%d clients opened: the test shows nothing", opened)
		}
		want(t, "sign-ins", v.count("/login"), 4)
		wantIs(t, call("0"), session.ErrRejected)
		want(t, "sign-ins after one that was asked for", v.count("/login"), 5)
		v.set(func() { v.password = right })
		for _, key := range []string{"1", "2", "3"} { // two of them are closed now
			if err := pool.Remove(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
		for _, key := range []string{"1", "2", "3"} {
			if err := call(key); err != nil {
				t.Errorf("after Remove: %v", err)
			}
		}
		if err := pool.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A wrapper is a client of a vendor.
type wrapper struct{ *session.Engine }

// TestI04APoolRemembersBackOffs: and a vendor that is down stays in peace.
func TestI04APoolRemembersBackOffs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, _ := newPool(t, 1)
		v.before = on("/login", status(503))
		for i := range 600 {
			wantIs(t, use(t, pool, fmt.Sprint(i%2)), session.ErrTransient)
			time.Sleep(100 * time.Millisecond)
		}
		if n := v.count("/login"); n > 30 { // of 600 calls; the waits are random
			t.Errorf("%d sign-ins in a minute", n)
		}
	})
}

// TestPoolRemoveDuringOpen: an account that is removed while it is opened does
// not stay in the pool.
func TestPoolRemoveDuringOpen(t *testing.T) {
	v := newVendor()
	begun, release := make(chan struct{}), make(chan struct{})
	pool := session.NewPool(0, func(string, session.Option) (*session.Engine, error) {
		close(begun)
		<-release
		return session.New(newDriver(v), baseURL, session.WithTransport(v))
	})
	var all sync.WaitGroup
	all.Go(func() {
		defer func() { _ = recover() }() // the second opening closes begun again
		_ = use(t, pool, "a")
	})
	<-begun
	all.Go(func() {
		if err := pool.Remove(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	})
	for range 1000 {
		runtime.Gosched() // until the other one waits
	}
	close(release)
	all.Wait()
	_ = pool.Remove(t.Context(), "a")
	want(t, "accounts held", pool.Len(), 0)
}
