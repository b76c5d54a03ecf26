package session_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func TestStoreKeepsTheSessionForTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.rotate, v.lifetime = true, time.Hour
		for range 5 {
			h := start(t, v, newDriver(v), full, session.WithStore(store))
			want(t, "status", h.get("/data"), 200)
			if err := h.engine.Close(t.Context()); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Minute)
		}
		want(t, "sign-ins", v.count("/login"), 1)
		want(t, "sign-outs", v.count("/logout"), 0)
		time.Sleep(24 * time.Hour)
		h := start(t, v, newDriver(v), full, session.WithStore(store))
		h.get("/data")
		want(t, "sign-ins", v.count("/login"), 1)
		want(t, "refreshes", v.count("/refresh"), 1)
	})
}

func TestStoreSharesRenewals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.rotate, v.lifetime, v.loginTime = true, time.Hour, time.Second
		var engines [8]*harness
		for i := range engines {
			engines[i] = start(t, v, newDriver(v), full, session.WithStore(store))
		}
		for range 20 {
			together(32, func(i int) { want(t, "status", engines[i%8].get("/data"), 200) })
			time.Sleep(59 * time.Minute)
		}
		want(t, "sign-ins", v.count("/login"), 1)
		want(t, "refresh tokens used twice", v.reused, 0)
		if n := v.count("/refresh"); n > 20 {
			t.Errorf("%d refreshes in 20 hours", n)
		}
	})
}

func TestStoreDeadSessionIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.loginTime = time.Second
		var engines [8]*harness
		for i := range engines {
			engines[i] = start(t, v, newDriver(v), plain, session.WithStore(store))
			engines[i].get("/data")
		}
		want(t, "sign-ins", v.count("/login"), 1)
		v.revoke()
		together(32, func(i int) { want(t, "status", engines[i%8].get("/data"), 200) })
		want(t, "sign-ins", v.count("/login"), 2)
	})
}

func TestStoreKeepsASlidingSessionAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.idle = 15 * time.Minute
		make := func() *harness {
			d := newDriver(v)
			d.idle = 15 * time.Minute
			return start(t, v, d, plain, session.WithStore(store))
		}
		a, b := make(), make()
		b.get("/data")
		for range 10 {
			time.Sleep(5 * time.Minute)
			want(t, "status", a.get("/data"), 200)
			synctest.Wait()
		}
		// b has not made a call for 50 minutes, but a has kept the session alive.
		want(t, "status", b.get("/data"), 200)
		c := make()
		want(t, "status", c.get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 1)
	})
}

func TestStoreWritesTheLastUseOncePerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &watchedStore{}
		h := newHarness(t, plain, session.WithStore(store))
		h.driver.idle = 15 * time.Minute
		for range 600 {
			h.get("/data")
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if store.swaps < 9 || store.swaps > 11 {
			t.Errorf("%d writes in 10 minutes", store.swaps)
		}
	})
}

func TestStoreStopsACrashLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		right := v.password
		v.password, v.lockAfter = "another", 5
		run := func(version string) *harness {
			d := newDriver(v)
			d.password = func() string { return right }
			d.version = func() string { return version }
			return start(t, v, d, plain, session.WithStore(store), session.WithRejectedMarker(0))
		}
		for range 20 {
			wantIs(t, run("1").fail("/data"), session.ErrRejected)
			time.Sleep(10 * time.Second)
		}
		want(t, "sign-ins in 20 runs", v.count("/login"), 1)
		time.Sleep(15 * time.Minute)
		wantIs(t, run("1").fail("/data"), session.ErrRejected)
		want(t, "sign-ins after 15 minutes", v.count("/login"), 2)
		wantIs(t, run("2").fail("/data"), session.ErrRejected)
		want(t, "sign-ins with other credentials", v.count("/login"), 3)
		v.set(func() { v.password = right })
		if err := run("2").engine.SignIn(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "status after SignIn", run("2").get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 4)
	})
}

func TestStoreResetIgnoresTheMarker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &session.MemoryStore{}
		h := newHarness(t, plain, session.WithStore(store), session.WithRejectedMarker(time.Hour))
		right := h.password
		h.set(func() { h.password = "another" })
		wantIs(t, h.fail("/data"), session.ErrRejected)
		h.set(func() { h.password = right })
		h.engine.Reset()
		want(t, "status", h.get("/data"), 200)
	})
}

func TestStoreLateSessionOfAnotherIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		a := start(t, v, newDriver(v), revoking, session.WithStore(store))
		b := start(t, v, newDriver(v), revoking, session.WithStore(store))
		want(t, "status", a.get("/data"), 200)
		want(t, "status", b.get("/data"), 200)
		want(t, "adoptions", b.events.count(session.EventAdopt), 1)
		v.revoke()
		want(t, "status", a.get("/data"), 200)
		want(t, "status", b.get("/data"), 200)
		want(t, "adoptions", b.events.count(session.EventAdopt), 2)
		want(t, "sign-ins", v.count("/login"), 2)
		want(t, "sign-outs", v.count("/logout"), 0)
	})
}

func TestStoreNeedsAnIdentity(t *testing.T) {
	v := newVendor()
	if _, err := session.New(anonymous{newDriver(v)}, baseURL, session.WithStore(&session.MemoryStore{})); err == nil {
		t.Error("a driver without an identity was accepted")
	}
	if _, err := session.New(anonymous{newDriver(v)}, baseURL, session.WithStore(nil)); err != nil {
		t.Error(err)
	}
}

// anonymous is a driver that tells nothing of the account.
type anonymous struct{ d *driver }

func (a anonymous) Vendor() string { return "acme" }
func (a anonymous) SignIn(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
	return a.d.SignIn(ctx, client, answer)
}
func (a anonymous) Apply(h http.Header, g *session.Grant) { a.d.Apply(h, g) }
func (a anonymous) SecretHeaders() []string               { return a.d.SecretHeaders() }
func (a anonymous) Judge(resp *http.Response, body string) session.Verdict {
	return a.d.Judge(resp, body)
}

func TestStorePanicIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithStore(panicStore{}))
		want(t, "status", h.get("/data"), 200)
		want(t, "warnings", h.events.count(session.EventStore), 1)
	})
}

type panicStore struct{ session.Store }

func TestStoreSlowLockDoesNotHoldUpCallersInASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &watchedStore{}
		h := newHarness(t, refreshing, session.WithStore(store))
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		time.Sleep(56 * time.Minute)
		unlock, err := store.Lock(t.Context(), keyOf(t, h, store))
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		var n atomic.Int64
		together(8, func(int) { h.get("/data"); n.Add(1) })
		want(t, "time that callers waited", time.Since(begun), 0)
		unlock()
		synctest.Wait()
		want(t, "refreshes", h.count("/refresh"), 1)
	})
}

func TestStoreCountsUnclearAttemptsOfAllProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.after = on("/login", cut)
		for range 20 {
			h := start(t, v, newDriver(v), plain, session.WithStore(store), session.WithRejectedMarker(0))
			h.fail("/data")
			time.Sleep(10 * time.Second)
		}
		want(t, "sign-ins in 20 runs", v.count("/login"), 3)
		v.set(func() { v.after = nil })
		time.Sleep(15 * time.Minute)
		h := start(t, v, newDriver(v), plain, session.WithStore(store), session.WithRejectedMarker(0))
		want(t, "status", h.get("/data"), 200)
	})
}

func TestStoreASessionThatIsDeadTooIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		a := start(t, v, newDriver(v), plain, session.WithStore(store))
		b := start(t, v, newDriver(v), plain, session.WithStore(store))
		a.get("/data")
		b.get("/forbidden") // b has replaced the session, a does not know it
		v.revoke()
		want(t, "status", a.get("/data"), 401) // in the old one, and in the one from the store
		want(t, "status of the next call", a.get("/data"), 200)
		want(t, "times sent", v.count("/data"), 4)
	})
}

func TestStoreSessionsThatOthersReplaceCostNoBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.rotate, v.lifetime, v.loginTime = true, 12*time.Second, 10*time.Millisecond
		var engines [4]*harness
		for i := range engines {
			engines[i] = start(t, v, newDriver(v), refreshing, session.WithStore(store))
		}
		for range 300 { // each renewal kills the session that the others have
			together(4, func(i int) { want(t, "status", engines[i].get("/data"), 200) })
			time.Sleep(time.Second)
		}
		want(t, "sign-ins", v.count("/login"), 1)
		want(t, "refresh tokens used twice", v.reused, 0)
	})
}

func TestStoreEnginesThatTakeTurnsInRenewing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		var engines [4]*harness
		for i := range engines {
			engines[i] = start(t, v, newDriver(v), plain, session.WithStore(store))
			engines[i].get("/data")
		}
		for round := range 20 {
			time.Sleep(6 * time.Second)
			v.revoke()
			for i := range engines { // the first one signs in, the others take over its session
				want(t, "status", engines[(round+i)%4].get("/data"), 200)
			}
		}
		want(t, "sign-ins", v.count("/login"), 21)
	})
}

// TestStoreASessionThatIsDeadTooFailsOneCall: of the calls that wait for the
// session in the store, one finds out that it is dead.
func TestStoreASessionThatIsDeadTooFailsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		a := start(t, v, newDriver(v), plain, session.WithStore(store))
		b := start(t, v, newDriver(v), plain, session.WithStore(store))
		a.get("/data")
		b.get("/forbidden") // b has replaced the session, a does not know it
		v.set(func() { v.loginTime, v.dataTime = time.Second, time.Second })
		v.revoke()
		var failed atomic.Int64
		together(32, func(int) {
			if a.get("/data") != 200 {
				failed.Add(1)
			}
		})
		want(t, "failed calls", failed.Load(), 1)
		want(t, "sign-ins", v.count("/login"), 3)
	})
}

// TestStoreAWaitForAnotherCallIsShort: a call that takes long keeps the others
// from a session that was taken over for some seconds only, and for as long as
// they like to wait.
func TestStoreAWaitForAnotherCallIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		a := start(t, v, newDriver(v), plain, session.WithStore(store))
		b := start(t, v, newDriver(v), plain, session.WithStore(store))
		a.get("/data")
		v.revoke()
		b.get("/data")
		old := v.seen()[1].token
		v.set(func() {
			v.before = func(req *http.Request, _ string) (*reply, error) {
				switch inOld := strings.Contains(req.Header.Get("Authorization"), old); {
				case inOld && strings.HasSuffix(req.URL.Path, "/data"):
					time.Sleep(time.Second) // refused when the slow call has been sent again
				case inOld:
					time.Sleep(time.Second / 2)
				case strings.HasSuffix(req.URL.Path, "/slow"):
					time.Sleep(time.Minute)
				}
				return nil, nil
			}
		})
		begun := time.Now()
		together(9, func(i int) {
			if i == 0 {
				want(t, "status of the slow call", a.get("/slow"), 200)
				return
			}
			want(t, "status", a.get("/data"), 200)
			want(t, "took", time.Since(begun), 6*time.Second)
		})
		want(t, "sign-ins", v.count("/login"), 2)
	})
}
