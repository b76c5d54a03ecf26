package session_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func TestI15CloseLeavesNothingBehind(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*harness) // begins something that Close interrupts
		logouts int
		within  time.Duration
	}{
		"nothing was done": {func(*harness) {}, 0, 0},
		"a session":        {func(h *harness) { h.get("/data") }, 1, 0},
		"during a sign-in": {func(h *harness) { h.loginTime = time.Hour; go h.fail("/data") }, 0, 0},
		"during a refresh": {func(h *harness) { aheadOf(h); h.get("/data") }, 1, 0},
		"during a call":    {func(h *harness) { h.get("/data"); h.set(func() { h.dataTime = time.Second }); go h.get("/data") }, 1, 2 * time.Second},
		"during a replay": {func(h *harness) {
			h.get("/data")
			h.revoke()
			h.set(func() { h.dataTime = time.Second })
			go h.fail("/data")
		}, 1, 3 * time.Second},
		"during a prompt":    {func(h *harness) { h.set(func() { h.factor = "1" }); go h.fail("/data") }, 0, 0},
		"with a replacement": {func(h *harness) { replaced(h) }, 2, time.Minute},
		"twice": {func(h *harness) {
			h.get("/data")
			if err := h.engine.Close(context.Background()); err != nil {
				h.t.Error(err)
			}
		}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, full, session.WithChallenger(session.ChallengerFunc(waitFor)))
				tt.prepare(h)
				synctest.Wait()
				begun := time.Now()
				together(3, func(int) {
					if err := h.engine.Close(context.Background()); err != nil {
						t.Error(err)
					}
				})
				if took := time.Since(begun); took > tt.within {
					t.Errorf("took %v, want at most %v", took, tt.within)
				}
				synctest.Wait()
				want(t, "goroutines", goroutines(), 0)
				want(t, "sign-outs", h.count("/logout"), tt.logouts)
				want(t, "sessions left open", h.alive(), 0)
				wantIs(t, h.fail("/data"), session.ErrClosed)
			})
		})
	}
}

func waitFor(ctx context.Context, _ session.Challenge) (rest.Secret, error) {
	<-ctx.Done()
	return rest.Secret{}, ctx.Err()
}

// aheadOf brings the session into the time when it is renewed beside calls.
func aheadOf(h *harness) {
	h.rotate, h.lifetime = true, time.Hour
	h.get("/data")
	time.Sleep(56 * time.Minute)
	h.set(func() { h.loginTime = time.Hour })
}

// replaced replaces the session while a call is under way in it.
func replaced(h *harness) {
	h.lifetime = time.Hour
	h.get("/data")
	time.Sleep(56 * time.Minute)
	h.set(func() { h.dataTime = 30 * time.Second })
	go h.get("/slow")
	synctest.Wait()
	h.set(func() { h.dataTime = 0 })
	h.get("/data")
	synctest.Wait()
}

func TestI15ASessionReplacedAheadIsSignedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, revoking)
		replaced(h)
		want(t, "sign-ins", h.count("/login"), 2)
		want(t, "sign-outs while a call is under way", h.count("/logout"), 0)
		time.Sleep(31 * time.Second)
		want(t, "sign-outs after its end", h.count("/logout"), 1)
		want(t, "sessions open", h.alive(), 1)
	})
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, revoking)
		h.lifetime = time.Hour
		h.get("/data")
		time.Sleep(56 * time.Minute)
		h.set(func() { h.dataTime = 2 * time.Minute })
		var call sync.WaitGroup
		call.Go(func() { h.get("/slow") })
		synctest.Wait()
		time.Sleep(61 * time.Second)
		want(t, "sign-outs after a minute", h.count("/logout"), 1)
		call.Wait()
		synctest.Wait()
		want(t, "sign-outs in the end", h.count("/logout"), 1)
	})
}

func TestI15ARefreshedSessionIsNotSignedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		time.Sleep(56 * time.Minute)
		h.get("/data")
		synctest.Wait()
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "sign-outs", h.count("/logout"), 0)
	})
}

func TestI15CloseWithAnEndedContextStillSignsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.get("/data")
		before, arrived, release := hold("/slow", 1)
		h.set(func() { h.before, h.dataTime = before, time.Second })
		go func() { _, _, _ = h.do(context.Background(), http.MethodGet, "/slow", nil) }()
		arrived.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantIs(t, h.engine.Close(ctx), context.Canceled)
		want(t, "sessions left open", h.alive(), 0)
		release()
		time.Sleep(2 * time.Second)
	})
}

func TestI15SignOutTakesFiveSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.get("/data")
		h.set(func() { h.dataTime = time.Hour })
		begun := time.Now()
		if err := h.engine.Close(t.Context()); err == nil {
			t.Error("no error")
		}
		want(t, "took", time.Since(begun), 5*time.Second)
		want(t, "sign-outs", h.count("/logout"), 1)
	})
}

func TestI15SignOutErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		fault func() (*reply, error)
		ok    bool
	}{
		"session gone": {status(401), true}, "no such thing": {status(404), true}, "broken": {status(500), false}, "no route": {dialError, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, full)
				h.get("/data")
				h.set(func() { h.before = on("/logout", tt.fault) })
				err := h.engine.Close(t.Context())
				if (err == nil) != tt.ok {
					t.Errorf("got %v", err)
				}
				want(t, "sign-outs", h.count("/logout"), 1)
			})
		})
	}
}

func TestI15AnExpiredSessionIsNotSignedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, revoking)
		h.lifetime = time.Hour
		h.get("/data")
		time.Sleep(2 * time.Hour)
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "sign-outs", h.count("/logout"), 0)
	})
}

func TestI15ASessionThatComesTooLateIsSignedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		signIn := h.driver.SignIn
		h.driver.signIn = func(_ context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
			h.driver.signIn = nil
			defer time.Sleep(time.Second) // does not obey its context
			return signIn(context.Background(), client, answer)
		}
		go h.fail("/data")
		synctest.Wait()
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "sessions left open", h.alive(), 0)
	})
}

func TestF32CloseDuringStoreAccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &watchedStore{}
		h := newHarness(t, full, session.WithStore(store))
		unlock, err := store.Lock(t.Context(), keyOf(t, h, store))
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		go func() { wantIs(t, h.fail("/data"), session.ErrClosed) }()
		synctest.Wait()
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "sign-ins", h.count("/login"), 0)
	})
}

func TestF32ASharedSessionIsLeftOpen(t *testing.T) {
	for _, all := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			opts := []session.Option{session.WithStore(&session.MemoryStore{})}
			if all {
				opts = append(opts, session.WithSharedSignOut())
			}
			v := newVendor()
			a := start(t, v, newDriver(v), full, opts...)
			b := start(t, v, newDriver(v), full, opts...)
			a.get("/data")
			b.get("/data")
			want(t, "sign-ins", v.count("/login"), 1)
			if err := b.engine.Close(t.Context()); err != nil {
				t.Error(err)
			}
			want(t, "sessions left open", v.alive() == 1, !all)
			want(t, "status of the other", a.get("/data"), 200)
		})
	}
}

func TestF32CloseWhileTheDriverHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.signIn = func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
			time.Sleep(time.Minute)
			return nil, errors.New("late")
		}
		go h.fail("/data")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		wantIs(t, h.engine.Close(ctx), context.DeadlineExceeded)
		time.Sleep(time.Minute)
	})
}
