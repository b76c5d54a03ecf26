package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A touchy value panics wherever it is called.
type touchy struct{ secret string }

func (p touchy) Observe(context.Context, session.Event) { panic(p.secret) }

func (p touchy) Enabled(context.Context, slog.Level) bool  { return true }
func (p touchy) Handle(context.Context, slog.Record) error { panic(p.secret) }
func (p touchy) WithAttrs([]slog.Attr) slog.Handler        { return p }
func (p touchy) WithGroup(string) slog.Handler             { return p }

// A touchyStarter panics before each sign-in.
type touchyStarter struct{ touchy }

func (p touchyStarter) Start(context.Context, session.Event) context.Context { panic(p.secret) }

// A nilStarter returns no context.
type nilStarter struct{ events }

func (*nilStarter) Start(context.Context, session.Event) context.Context { return nil }

// TestF22WhoeverListensPanics: what an observer or a log handler does is its
// own affair.
func TestF22WhoeverListensPanics(t *testing.T) {
	for name, option := range map[string]session.Option{
		"observer":                session.WithObserver(touchy{"secret"}),
		"log handler":             session.WithLogger(slog.New(touchy{"secret"})),
		"starter":                 session.WithObserver(touchyStarter{}),
		"starter without context": session.WithObserver(&nilStarter{}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, full, option, session.WithStore(&session.MemoryStore{}))
				h.lifetime = time.Hour
				together(8, func(int) { want(t, "status", h.get("/data"), 200) })
				h.revoke()
				together(8, func(int) { want(t, "status", h.get("/data"), 200) })
				want(t, "sign-ins", h.count("/login"), 2)
				if err := h.engine.Close(t.Context()); err != nil {
					t.Error(err)
				}
				want(t, "goroutines", goroutines(), 0)
			})
		})
	}
}

// A touchyDriver panics when it is asked who it is, beside a call.
type touchyDriver struct {
	*driver
	bad *atomic.Bool
}

func (d touchyDriver) Subject() string {
	if d.bad.Load() {
		panic("subject")
	}
	return d.driver.Subject()
}

// TestF22IdentityPanics: the sign-in fails, and the next one does not.
func TestF22IdentityPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, bad := newVendor(), &atomic.Bool{}
		h := start(t, v, newDriver(v), func(d *driver) session.Driver { return touchyDriver{d, bad} }, session.WithStore(&session.MemoryStore{}))
		bad.Store(true)
		together(8, func(int) { wantIs(t, h.engine.SignIn(t.Context()), session.ErrDriver) })
		want(t, "sign-ins", h.count("/login"), 0)
		bad.Store(false)
		time.Sleep(30 * time.Second)
		want(t, "status", h.get("/data"), 200)
	})
}

// An unlockPanic is a store whose locks cannot be let go of properly.
type unlockPanic struct{ session.MemoryStore }

func (s *unlockPanic) Lock(ctx context.Context, key string) (func(), error) {
	unlock, err := s.MemoryStore.Lock(ctx, key)
	return func() { unlock(); panic("unlock") }, err
}

func TestF22UnlockPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithStore(&unlockPanic{}))
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "warnings", h.events.count(session.EventStore), 1)
	})
}

// A stuckStore answers when the context ends, and not before.
type stuckStore struct {
	session.MemoryStore
	load, swap bool
}

func (s *stuckStore) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if s.load {
		<-ctx.Done()
		return nil, "", ctx.Err()
	}
	return s.MemoryStore.Load(ctx, key)
}

func (s *stuckStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if s.swap {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return s.MemoryStore.CompareAndSwap(ctx, key, old, r)
}

func TestF29AStoreThatDoesNotAnswer(t *testing.T) {
	for name, store := range map[string]*stuckStore{"load": {load: true}, "save": {swap: true}, "both": {load: true, swap: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, refreshing, session.WithStore(store))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				begun := time.Now()
				together(8, func(int) {
					if code, _, err := h.do(ctx, http.MethodGet, "/data", nil); code != 200 {
						t.Errorf("status %d, %v", code, err)
					}
				})
				if took := time.Since(begun); took > time.Minute {
					t.Errorf("callers waited %v for the store", took)
				}
				want(t, "sign-ins", h.count("/login"), 1)
			})
		})
	}
}

// A slowStore takes its time, as one that asks a person to unlock it does.
type slowStore struct {
	session.MemoryStore
	delay time.Duration
}

func (s *slowStore) pause(ctx context.Context) error {
	select {
	case <-time.After(s.delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slowStore) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if err := s.pause(ctx); err != nil {
		return nil, "", err
	}
	return s.MemoryStore.Load(ctx, key)
}

func (s *slowStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if err := s.pause(ctx); err != nil {
		return "", err
	}
	return s.MemoryStore.CompareAndSwap(ctx, key, old, r)
}

func TestStoreMayTakeAsLongAsASignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &slowStore{delay: 29 * time.Second}
		a := start(t, v, newDriver(v), plain, session.WithStore(store), session.WithStorePolicy(session.FailClosed))
		b := start(t, v, newDriver(v), plain, session.WithStore(store), session.WithStorePolicy(session.FailClosed))
		want(t, "status", a.get("/data"), 200)
		want(t, "status", b.get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 1)
	})
}

// A fixedStore holds a record that another program has put there.
type fixedStore struct {
	session.MemoryStore
	record *session.Record
}

func (s *fixedStore) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if s.record != nil {
		return s.record, "fixed", nil
	}
	return s.MemoryStore.Load(ctx, key)
}

func (s *fixedStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if s.record != nil {
		if old != "fixed" {
			return "", session.ErrConflict
		}
		s.record, old = nil, ""
	}
	return s.MemoryStore.CompareAndSwap(ctx, key, old, r)
}

// TestF29ForeignRecord: what a store returns is not believed if it cannot be.
func TestF29ForeignRecord(t *testing.T) {
	secret := rest.NewSecret
	far := time.UnixMilli(math.MaxInt64 / 2)
	for name, record := range map[string]*session.Record{
		"nothing":              {},
		"of another vendor":    {Vendor: "evil", Token: secret("tk")},
		"of no vendor":         {Token: secret("tk")},
		"a token of two lines": {Vendor: "acme", Token: secret("tk\r\nX-Evil: 1")},
		"a token with a zero":  {Vendor: "acme", Token: secret("tk\x00")},
		"over already":         {Vendor: "acme", Token: secret("tk"), Lifetime: time.Hour, Obtained: time.UnixMilli(1)},
		"over at all times":    {Vendor: "acme", Token: secret("tk"), Lifetime: time.Hour, Obtained: time.UnixMilli(math.MinInt64 / 2)},
		"dead, from nowhere":   {Vendor: "acme", Token: secret("tk"), Obtained: far, LastUse: far, Idle: time.Hour, Lifetime: math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &fixedStore{record: record}
				h := newHarness(t, full, session.WithStore(store), session.WithRejectedMarker(0))
				for range 3 {
					want(t, "status", h.get("/data"), 200)
				}
				want(t, "sign-ins", h.count("/login"), 1)
				for _, r := range h.seen() {
					if r.token == "tk" && !strings.HasPrefix(name, "dead") {
						t.Errorf("%s was sent in a session that is none", r.path)
					}
				}
				want(t, "still there", store.record == nil, true)
			})
		})
	}
}

// TestF22ATokenThatCannotBeSent: the vendor's token breaks the header.
func TestF22ATokenThatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		token := h.secret("tk") + "\r\nX-Evil: 1"
		h.driver.signIn = func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
			return &session.Grant{Token: rest.NewSecret(token)}, nil
		}
		wantIs(t, h.fail("/data"), session.ErrDriver)
		want(t, "calls", h.count("/data"), 0)
	})
}

// TestI17AnAbsurdIdleLimitCostsNoSignInPerCall: at most some sign-ins in any
// time, whatever the vendor says.
func TestI17AnAbsurdIdleLimitCostsNoSignInPerCall(t *testing.T) {
	for _, idle := range []time.Duration{-1, 1, 2, time.Millisecond, time.Second, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.driver.idle = idle
			for range 100 {
				want(t, "status", h.get("/data"), 200)
				time.Sleep(9 * time.Second)
			}
			want(t, fmt.Sprintf("sign-ins with an idle limit of %v", idle), h.count("/login"), 1)
		})
	}
}

// TestF02AVendorThatSaysSoonForEver: each answer says that the account will be
// open again in a second.
func TestF02AVendorThatSaysSoonForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.before = on("/login", func() (*reply, error) {
			resp := answer(http.StatusLocked, nil)
			resp.Header.Set("Retry-After", "1")
			return resp, nil
		})
		for range 3600 {
			wantIs(t, h.fail("/data"), session.ErrLocked)
			time.Sleep(time.Second)
		}
		if n := h.count("/login"); n > 100 {
			t.Errorf("%d sign-ins in an hour at a locked account", n)
		}
	})
}

// TestI03ACrashLoopThatSignsInAtItsStart: SignIn may pass a refusal, but not in
// a loop of restarts either.
func TestI03ACrashLoopThatSignsInAtItsStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		d := newDriver(v)
		right := v.password
		v.password, v.lockAfter = "another", 5
		for range 20 {
			h := start(t, v, d, plain, session.WithStore(store), session.WithRejectedMarker(time.Hour))
			wantIs(t, h.engine.SignIn(t.Context()), session.ErrRejected)
			time.Sleep(10 * time.Second)
		}
		want(t, "sign-ins in 20 runs", v.count("/login"), 3)
		want(t, "lock-outs", v.lockouts, 0)
		v.set(func() { v.password = right })
		h := start(t, v, d, plain, session.WithStore(store), session.WithRejectedMarker(time.Hour))
		h.engine.Reset()
		if err := h.engine.SignIn(t.Context()); err != nil {
			t.Errorf("after Reset: %v", err)
		}
	})
}

// TestI09NamesThatLookLikeTheOrigin: a letter that is i in lower case is
// another letter in a host name.
func TestI09NamesThatLookLikeTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		for _, host := range []string{
			"ap\u0130.acme.example", "api.acme.example.", "API.acme.example:443", "api.acme.example:0443", "api.acme.example:80",
			"api.acme.example@evil.example", "xn--api-bec.acme.example", "api\u3002acme\u3002example", "[::1%25eth0]", "api.acme.example..",
		} {
			sent := len(h.seen())
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/base/data", nil)
			if err != nil {
				continue
			}
			resp, err := h.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			same := host == "api.acme.example." || host == "API.acme.example:443"
			want(t, host+" gets the session", h.seen()[sent].token != "", same)
		}
	})
}

// TestI13ErrorsInsideErrors: an error of the network inside another one shows
// the URL too.
func TestI13ErrorsInsideErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		secret := h.secret("key")
		network := func() (*reply, error) {
			inner := &url.Error{Op: "Get", URL: "https://proxy.example/?key=" + url.QueryEscape(secret), Err: errors.New("refused")}
			return nil, fmt.Errorf("proxy: %w", &url.Error{Op: "Post", URL: "https://proxy.example/" + secret, Err: fmt.Errorf("via: %w", inner)})
		}
		h.before = on("/login", network)
		err := h.engine.SignIn(t.Context())
		wantIs(t, err, session.ErrTransient)
		h.dump(err, errors.Unwrap(err))
	})
}

// TestF08AnAnswerThatOvertakesACaller: a caller that learns of a challenge when
// it has been answered waits on.
func TestF08AnAnswerThatOvertakesACaller(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain, session.WithDeferredChallenges(time.Hour))
			h.set(func() { h.factor, h.loginTime = "123456", time.Second })
			err := h.engine.SignIn(t.Context())
			challenge := (*session.ChallengeError)(nil)
			if !errors.As(err, &challenge) {
				t.Fatalf("got %v", err)
			}
			together(64, func(i int) {
				if i == 32 {
					if err := challenge.Continue(t.Context(), rest.NewSecret("123456")); err != nil {
						t.Error(err)
					}
					return
				}
				again := (*session.ChallengeError)(nil)
				if err := h.engine.SignIn(t.Context()); err != nil && !errors.As(err, &again) {
					t.Errorf("got %v, which nobody can answer", err)
				}
			})
			want(t, "status", h.get("/data"), 200)
			err = challenge.Continue(t.Context(), rest.NewSecret("123456"))
			if failed := (*session.Error)(nil); !errors.As(err, &failed) {
				t.Errorf("a second answer: got %v, want a session.Error", err)
			}
		})
	}
}

// TestF32AStoredSessionIsNotSignedOutByALateClose: the sign-in was finished and
// stored when the engine was closed, so that others may use it.
func TestF32AStoredSessionIsNotSignedOutByALateClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		h := start(t, v, newDriver(v), revoking, session.WithStore(store))
		closed := make(chan error, 1)
		store.onSwap = func(*session.Record) {
			go func() { closed <- h.engine.Close(context.Background()) }()
			time.Sleep(time.Second)
		}
		wantIs(t, h.fail("/data"), session.ErrClosed)
		if err := <-closed; err != nil {
			t.Error(err)
		}
		store.onSwap = nil
		other := start(t, v, newDriver(v), revoking, session.WithStore(store))
		want(t, "status", other.get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 1)
		want(t, "sign-outs", v.count("/logout"), 0)
	})
}

// TestI10NothingIsSentToAnotherOriginDuringSignIn: not even if the driver asks
// for it.
func TestI10NothingIsSentToAnotherOriginDuringSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		var log bytes.Buffer
		h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
			r := client.NewRequest(operation("login", http.MethodGet, false), nil)
			r.Literal("/login")
			fmt.Fprint(&log, client.BaseURL())
			return nil, rest.DoEmpty(ctx, r)
		}
		h.before = on("/login", redirect(302, "https://evil.example/login"))
		wantIs(t, h.fail("/data"), session.ErrRedirected)
		want(t, "requests", len(h.seen()), 1)
	})
}

// TestF02ALockOutEndsWhileTheMachineSleeps: its end is a time of day.
func TestF02ALockOutEndsWhileTheMachineSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClocks()
		h := newHarness(t, plain, session.WithClock(c.read))
		until := time.Now().Add(5 * time.Minute)
		h.driver.signIn = func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
			h.driver.signIn = nil
			return nil, session.Locked(until, nil)
		}
		wantIs(t, h.fail("/data"), session.ErrLocked)
		c.wall.Add(int64(4 * time.Minute))
		wantIs(t, h.fail("/data"), session.ErrLocked)
		c.wall.Add(int64(4 * time.Minute))
		c.mono.Add(int64(time.Second))
		h.set(func() { h.before = on("/login", status(503)) })
		wantIs(t, h.fail("/data"), session.ErrTransient)
		wantIs(t, h.fail("/data"), session.ErrTransient)
		h.set(func() { h.before = nil })
		c.mono.Add(int64(time.Minute))
		want(t, "status", h.get("/data"), 200)
	})
}

// TestF02LockedForAllTimes: the end of the lock-out is beyond what a clock can
// show.
func TestF02LockedForAllTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		tries := 0
		h.driver.signIn = func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
			tries++
			return nil, session.Locked(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), nil)
		}
		for range 10 {
			wantIs(t, h.fail("/data"), session.ErrLocked)
			time.Sleep(24 * time.Hour)
		}
		want(t, "sign-ins", tries, 1)
	})
}

// TestF01AStatusInTheBody: the vendor answers all failures with 200.
func TestF01AStatusInTheBody(t *testing.T) {
	for code, kind := range map[string]error{
		"401": session.ErrRejected, "403": session.ErrRejected, "423": session.ErrLocked, "429": session.ErrTransient, "503": session.ErrTransient,
		"4010": session.ErrTransient, "-401": session.ErrTransient, "no": session.ErrTransient,
	} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
					op := operation("login", http.MethodPost, false)
					op.Failure = &rest.Failure{Value: []string{"code"}, Success: []string{"200"}, Code: []string{"code"}}
					r := client.NewRequest(op, nil)
					r.Literal("/login")
					_, err := rest.Do[rest.Object](ctx, r)
					return nil, err
				}
				h.before = on("/login", func() (*reply, error) { return answer(200, map[string]any{"code": code}), nil })
				wantIs(t, h.fail("/data"), kind)
				wait := (*session.BackoffError)(nil)
				if err := h.fail("/data"); errors.As(err, &wait) {
					counted := code != "429" && code != "503"
					want(t, "it may have been counted", wait.After >= 29*time.Second, counted)
				}
				want(t, "sign-ins", h.count("/login"), 1)
			})
		})
	}
}

// TestI01TheWaitersAreCounted: all of them are, even by a sign-in that takes no
// time.
func TestI01TheWaitersAreCounted(t *testing.T) {
	for range 200 {
		h := newHarness(t, plain)
		want(t, "status", h.get("/data"), 200)
		h.events.mu.Lock()
		for _, e := range h.events.seen {
			if e.Kind == session.EventSignIn && e.Waiters != 1 {
				t.Errorf("%d waiters for the sign-in, want 1", e.Waiters)
			}
		}
		h.events.mu.Unlock()
		h.stop()
	}
}
