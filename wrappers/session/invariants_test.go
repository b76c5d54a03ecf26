package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func TestI01OneSignInForAllCallers(t *testing.T) {
	for _, n := range []int{1, 8, 64, 1000} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.loginTime = time.Second
			want(t, "requests before the first call", len(h.seen()), 0)
			together(n, func(int) { want(t, "status", h.get("/data"), 200) })
			want(t, "sign-ins", h.count("/login"), 1)
		})
	}
}

func TestI01OneRefreshForAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime, h.loginTime = true, time.Hour, time.Second
		h.get("/data")
		time.Sleep(2 * time.Hour)
		together(64, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "refresh tokens used twice", h.reused, 0)
	})
}

func TestI01CallersAtTheEndOfASignInStartNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.loginTime = time.Second
		together(64, func(i int) {
			time.Sleep(time.Second + time.Duration(i-32)*time.Nanosecond)
			h.get("/data")
		})
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestI01EnginesWithAStoreSignInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		v.loginTime, v.single = time.Second, true
		var engines [8]*harness
		for i := range engines {
			engines[i] = start(t, v, newDriver(v), plain, session.WithStore(store))
		}
		together(64, func(i int) { want(t, "status", engines[i%8].get("/data"), 200) })
		want(t, "sign-ins", v.count("/login"), 1)
		want(t, "sign-ins at a time", v.busiest, 1)
	})
}

func TestI01EnginesWithoutAStoreAreIndependent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		a, b := start(t, v, newDriver(v), plain), start(t, v, newDriver(v), plain)
		a.get("/data")
		b.get("/data")
		want(t, "sign-ins", v.count("/login"), 2)
	})
}

func TestI02NoCallInASessionPastItsEnd(t *testing.T) {
	for _, tt := range []struct {
		name   string
		wait   time.Duration // from when the session was asked for
		logins int
	}{
		{"before", time.Hour - time.Nanosecond, 1},
		{"at the end", time.Hour, 2},
		{"after", time.Hour + time.Nanosecond, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain, session.WithRenewalMargin(-1))
				h.lifetime = time.Hour
				h.get("/data")
				time.Sleep(tt.wait)
				want(t, "status", h.get("/data"), 200)
				want(t, "sign-ins", h.count("/login"), tt.logins)
				want(t, "calls", h.count("/data"), 2)
			})
		})
	}
}

func TestI02NoCallInASessionThatWasIdleForTooLong(t *testing.T) {
	limit := 14*time.Minute + 15*time.Second
	for _, tt := range []struct {
		wait   time.Duration
		logins int
	}{
		{limit - time.Nanosecond, 1}, {limit, 2}, {16 * time.Minute, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := newVendor()
			d := newDriver(v)
			d.idle, v.idle = 15*time.Minute, 15*time.Minute
			h := start(t, v, d, plain)
			h.get("/data")
			time.Sleep(tt.wait)
			want(t, "status", h.get("/data"), 200)
			want(t, "sign-ins", h.count("/login"), tt.logins)
			want(t, "calls", h.count("/data"), 2)
		})
	}
}

func TestI02NoCallAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		sent := len(h.seen())
		wantIs(t, h.fail("/data"), session.ErrClosed)
		wantIs(t, h.engine.SignIn(t.Context()), session.ErrClosed)
		_, err := post(t.Context(), h.engine.Client(), "public", false)
		wantIs(t, err, session.ErrClosed)
		want(t, "requests after Close", len(h.seen())-sent, 0)
		want(t, "state", h.engine.Status().State, session.StateClosed)
	})
}

func TestI03RefusedCredentialsAreTriedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.password, h.loginTime = "another", 20*time.Millisecond
		together(64, func(int) {
			for range 3 {
				wantIs(t, h.fail("/data"), session.ErrRejected)
			}
		})
		time.Sleep(24 * time.Hour)
		for range 1000 {
			wantIs(t, h.fail("/data"), session.ErrRejected)
		}
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "calls", h.count("/data"), 0)
		want(t, "state", h.engine.Status().State, session.StateLatched)
		want(t, "events", h.events.count(session.EventLatched), 1)
	})
}

func TestI03WhatEndsARefusal(t *testing.T) {
	version := "1"
	for name, end := range map[string]func(*harness){
		"Reset":             func(h *harness) { h.engine.Reset() },
		"other credentials": func(*harness) { version = "2" },
		"SignIn": func(h *harness) {
			if err := h.engine.SignIn(context.Background()); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				version = "1"
				h := newHarness(t, plain)
				h.driver.version = func() string { return version }
				right := h.password
				h.set(func() { h.password = "another" })
				wantIs(t, h.fail("/data"), session.ErrRejected)
				h.set(func() { h.password = right })
				wantIs(t, h.fail("/data"), session.ErrRejected)
				end(h)
				want(t, "status", h.get("/data"), 200)
				want(t, "sign-ins", h.count("/login"), 2)
			})
		})
	}
}

func TestI03SignInInALoopDoesNotLockTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.password, h.lockAfter = "another", 5
		for range 100 {
			wantIs(t, h.engine.SignIn(t.Context()), session.ErrRejected)
			time.Sleep(time.Second)
		}
		want(t, "sign-ins", h.count("/login"), 3)
		want(t, "lock-outs", h.lockouts, 0)
	})
}

func TestI03OnlyARefusalLatches(t *testing.T) {
	for name, fault := range map[string]func() (*reply, error){
		"500":         status(500),
		"429":         status(429),
		"408":         status(408),
		"no route":    dialError,
		"cut":         func() (*reply, error) { return nil, io.ErrUnexpectedEOF },
		"a page":      func() (*reply, error) { return text(200, "text/html", "<html>"), nil },
		"no content":  func() (*reply, error) { return text(204, "", ""), nil },
		"a redirect":  redirect(302, "https://elsewhere.example/"),
		"a half JSON": func() (*reply, error) { return text(200, "application/json", `{"token":"x`), nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.before = on("/login", fault)
				err := h.fail("/data")
				if errors.Is(err, session.ErrRejected) {
					t.Errorf("latched by %v", err)
				}
				wait := (*session.BackoffError)(nil)
				if !errors.As(err, &wait) {
					t.Fatalf("got %v, want a BackoffError", err)
				}
				h.set(func() { h.before = nil })
				time.Sleep(wait.After)
				want(t, "status", h.get("/data"), 200)
			})
		})
	}
}

func TestI04UnclearFailuresAreSpacedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.password, h.lockAfter = "another", 5
		h.after = on("/login", func() (*reply, error) { return nil, io.ErrUnexpectedEOF })
		var at []time.Time
		for range 3600 {
			before := h.count("/login")
			err := h.fail("/data")
			if h.count("/login") > before {
				at = append(at, time.Now())
			}
			if len(at) < 3 {
				wantIs(t, err, session.ErrTransient)
			} else {
				wantIs(t, err, session.ErrRejected)
			}
			time.Sleep(time.Second)
		}
		want(t, "sign-ins", len(at), 3)
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < 30*time.Second {
				t.Errorf("sign-ins %v apart", gap)
			}
		}
		want(t, "lock-outs", h.lockouts, 0)
	})
}

func TestI04BackoffGrowsFromASecondToFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.before = on("/login", status(503))
		for n := range 40 {
			wait := (*session.BackoffError)(nil)
			if err := h.fail("/data"); !errors.As(err, &wait) {
				t.Fatalf("got %v", err)
			}
			if most := min(time.Second<<min(n, 20), 5*time.Minute); wait.After < time.Second || wait.After > most {
				t.Errorf("wait %d is %v, want from 1s to %v", n, wait.After, most)
			}
			for range 10 {
				h.fail("/data")
			}
			want(t, "sign-ins", h.count("/login"), n+1)
			time.Sleep(wait.After)
		}
	})
}

func TestI04RetryAfterIsHonouredWithinLimits(t *testing.T) {
	for _, tt := range []struct {
		value string
		least time.Duration
		most  time.Duration
	}{
		{"120", 2 * time.Minute, 2 * time.Minute},
		{"3600", 10 * time.Minute, 10 * time.Minute},
		{"1000000000", 10 * time.Minute, 10 * time.Minute},
		{"-5", time.Second, time.Second},
		{"soon", time.Second, time.Second},
		{"", time.Second, time.Second},
		{"date", 3 * time.Minute, 3 * time.Minute},
	} {
		t.Run(tt.value, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.before = on("/login", func() (*reply, error) {
					resp := answer(429, nil)
					value := tt.value
					if value == "date" {
						value = time.Now().Add(3 * time.Minute).UTC().Format(http.TimeFormat)
					}
					resp.Header.Set("Retry-After", value)
					return resp, nil
				})
				wait := (*session.BackoffError)(nil)
				if err := h.fail("/data"); !errors.As(err, &wait) {
					t.Fatalf("got %v", err)
				}
				if wait.After < tt.least || wait.After > tt.most {
					t.Errorf("waits %v, want from %v to %v", wait.After, tt.least, tt.most)
				}
			})
		})
	}
}

// hold lets requests to a path through to their end only when release is called.
func hold(path string, n int) (before func(*http.Request, string) (*reply, error), arrived *sync.WaitGroup, release func()) {
	arrived = &sync.WaitGroup{}
	arrived.Add(n)
	gate := make(chan struct{})
	left := atomic.Int64{}
	left.Store(int64(n))
	return func(req *http.Request, _ string) (*reply, error) {
		if strings.HasSuffix(req.URL.Path, path) && left.Add(-1) >= 0 {
			arrived.Done()
			<-gate
		}
		return nil, nil
	}, arrived, func() { close(gate) }
}

func TestI05LateRefusalsOfAReplacedSessionChangeNothing(t *testing.T) {
	for _, single := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.single = single
			h.get("/data")
			before, arrived, release := hold("/slow", 64)
			h.set(func() { h.before = before })
			var calls sync.WaitGroup
			for range 64 {
				calls.Go(func() { want(t, "status", h.get("/slow"), 200) })
			}
			arrived.Wait()
			h.revoke()
			want(t, "status", h.get("/data"), 200) // replaces the session
			want(t, "sign-ins", h.count("/login"), 2)
			time.Sleep(10 * time.Minute)
			release()
			calls.Wait()
			want(t, "sign-ins", h.count("/login"), 2)
			want(t, "slow calls", h.count("/slow"), 128)
			want(t, "sessions dropped", h.events.count(session.EventInvalidate), 1)
			want(t, "generation", h.engine.Status().Generation, 2)
		})
	}
}

func TestI06ARequestIsSentTwiceAtMostAndInAnotherSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		for _, path := range []string{"/forbidden", "/data"} {
			h.revoke()
			sent := len(h.seen())
			code, _, err := h.do(t.Context(), http.MethodPost, path, strings.NewReader("text"))
			if err != nil {
				t.Fatal(err)
			}
			var tokens []string
			for _, r := range h.seen()[sent:] {
				if r.path == path {
					tokens = append(tokens, r.token)
					want(t, "body", r.body, "text")
				}
			}
			if len(tokens) != 2 || tokens[0] == tokens[1] {
				t.Errorf("%s was sent with %d tokens, status %d", path, len(tokens), code)
			}
		}
	})
}

func TestI06ABodyThatCannotBeReadAgainIsNotSentAgain(t *testing.T) {
	type edit func(*http.Request)
	for name, change := range map[string]edit{
		"no GetBody": func(r *http.Request) { r.GetBody = nil },
		"GetBody fails": func(r *http.Request) {
			r.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("gone") }
		},
		"another body of another length": func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("something else")), 14
		},
		"another body of another kind": func(r *http.Request) {
			r.Body = io.NopCloser(io.LimitReader(strings.NewReader("TEXT"), 4))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.get("/data")
				h.revoke()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, baseURL+"/post", strings.NewReader("text"))
				if err != nil {
					t.Fatal(err)
				}
				change(req)
				resp, err := h.client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				data, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				want(t, "status", resp.StatusCode, 401)
				want(t, "answer", string(data), `{"error":"no session"}`)
				want(t, "times sent", h.count("/post"), 1)
				wantIs(t, session.Reason(resp), session.ErrNotReplayable)
				want(t, "status of the next call", h.get("/data"), 200)
			})
		})
	}
}

func TestI07ARefusalOfTheReplayKeepsTheNewSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		want(t, "status", h.get("/forbidden"), 401)
		want(t, "sign-ins", h.count("/login"), 2)
		want(t, "generation", h.engine.Status().Generation, 2)
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 2)
		for range 50 {
			want(t, "status", h.get("/forbidden"), 401)
		}
		want(t, "sign-ins after 50 more refusals", h.count("/login"), 2)
	})
}

func TestI08ReactiveSignInsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		begun := time.Now()
		for i := range 300 {
			want(t, "status", h.get(fmt.Sprintf("/forbidden/%d", i)), 401)
			logins := h.count("/login") - 1
			if most := 3 + int(time.Since(begun)/(20*time.Second)); logins > most {
				t.Fatalf("%d sign-ins after %v, want at most %d", logins, time.Since(begun), most)
			}
			time.Sleep(time.Second)
		}
		if h.events.count(session.EventBudget) == 0 {
			t.Error("nobody was told that the budget is used up")
		}
		want(t, "status", h.get("/data"), 200)
	})
}

func TestI08TheBudgetCanBeSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithReloginBudget(1, time.Hour))
		h.get("/data")
		h.revoke()
		want(t, "status", h.get("/data"), 200)
		time.Sleep(time.Minute)
		h.revoke()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := h.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		want(t, "status without budget", resp.StatusCode, 401)
		wantIs(t, session.Reason(resp), session.ErrBudget)
		time.Sleep(time.Hour)
		want(t, "status with budget again", h.get("/data"), 200)
	})
}

func TestI09SecretHeadersStayOnTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		for _, tt := range []struct {
			url    string
			origin bool
		}{
			{"https://api.acme.example/base/data", true},
			{"https://api.acme.example/elsewhere", true},
			{"https://API.Acme.Example/base/data", true},
			{"https://api.acme.example:443/base/data", true},
			{"https://api.acme.example./base/data", true},
			{"http://api.acme.example/base/data", false},
			{"http://api.acme.example:443/base/data", false},
			{"https://api.acme.example:8443/base/data", false},
			{"https://acme.example/base/data", false},
			{"https://a.api.acme.example/base/data", false},
			{"https://api.acme.example.evil.example/base/data", false},
			{"https://api.acme.example@evil.example/base/data", false},
			{"https://xn--pi-7ia.acme.example/base/data", false},
		} {
			for _, own := range []bool{false, true} {
				sent := len(h.seen())
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, nil)
				if err != nil {
					t.Fatal(err)
				}
				if own {
					req.Header["authorization"] = []string{"Bearer mine"}
					req.Header.Set("X-Api-Key", "mine")
				}
				req.Header.Set("X-Other", "mine")
				resp, err := h.engine.Transport().RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				got := h.seen()[sent].header
				lower := slices.Contains(slices.Collect(maps.Keys(got)), "authorization")
				secret := got.Get("Authorization") != "" || got.Get("X-Api-Key") != "" || lower
				if secret != tt.origin {
					t.Errorf("%s (own headers %t): secret headers sent: %t, want %t", tt.url, own, secret, tt.origin)
				}
				want(t, "other header", got.Get("X-Other"), "mine")
				want(t, "header of the caller's request", req.Header.Get("X-Other"), "mine")
			}
		}
	})
}

func TestI09ACallersOwnHeaderIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer mine")
		resp, err := h.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		want(t, "status", resp.StatusCode, 401)
		want(t, "token", h.seen()[0].token, "mine")
		want(t, "requests", len(h.seen()), 1)
	})
}

func TestI09OperationsWithoutSessionAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		if _, err := post(t.Context(), h.engine.Client(), "public", false); err != nil {
			t.Fatal(err)
		}
		want(t, "requests", len(h.seen()), 1)
		want(t, "token", h.seen()[0].token, "")
		if _, err := post(t.Context(), h.engine.Client(), "data", true); err != nil {
			t.Fatal(err)
		}
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func redirect(status int, to string) func() (*reply, error) {
	return func() (*reply, error) {
		resp := answer(status, nil)
		resp.Header.Set("Location", to)
		return resp, nil
	}
}

func TestI10SigningInFollowsNoRedirectAndRepeatsNothing(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"https://elsewhere.example/login", baseURL + "/other", "http://api.acme.example/login"} {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, full)
				h.before = on("/login", redirect(code, to))
				wantIs(t, h.fail("/data"), session.ErrRedirected)
				want(t, "requests", len(h.seen()), 1)
			})
		}
	}
}

func TestI10RefreshAndSignOutFollowNoRedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		h.set(func() {
			h.before = func(req *http.Request, _ string) (*reply, error) {
				if strings.HasSuffix(req.URL.Path, "/refresh") || strings.HasSuffix(req.URL.Path, "/logout") {
					return redirect(307, "https://elsewhere.example/")()
				}
				return nil, nil
			}
		})
		time.Sleep(2 * time.Hour)
		h.get("/data")
		if err := h.engine.Close(t.Context()); err == nil {
			t.Error("Close did not report that signing out failed")
		}
		for _, r := range h.seen() {
			if !strings.HasPrefix(r.url, baseURL) {
				t.Errorf("sent to %s", r.url)
			}
		}
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "sign-outs", h.count("/logout"), 1)
	})
}

func TestI10SigningInCarriesNoSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		time.Sleep(2 * time.Hour)
		h.get("/data")
		h.revoke()
		h.get("/data")
		for _, r := range h.seen() {
			if (r.path == "/login" || r.path == "/refresh") && r.token != "" {
				t.Errorf("%s carries a session", r.path)
			}
		}
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		last := h.seen()[len(h.seen())-1]
		want(t, "last request", last.path, "/logout")
		if last.token == "" {
			t.Error("the sign-out carries no session")
		}
	})
}

func TestI10SigningInReadsAMebibyteAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		body := &counting{Reader: io.LimitReader(endless{}, 1<<30)}
		h.before = on("/login", func() (*reply, error) {
			resp := text(200, "application/json", "")
			resp.ContentLength, resp.Body = -1, io.NopCloser(body)
			return resp, nil
		})
		wantIs(t, h.fail("/data"), rest.ErrTooLarge)
		if body.n > session.SignInLimit+64<<10 {
			t.Errorf("read %d bytes", body.n)
		}
	})
}

func TestI10SigningInStaysOnTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
			r := client.NewRequest(operation("login", http.MethodGet, false), nil)
			r.Literal("/login")
			want(t, "base URL", client.BaseURL(), baseURL)
			return &session.Grant{}, rest.DoEmpty(ctx, r)
		}
		h.fail("/data")
		for _, r := range h.seen() {
			if !strings.HasPrefix(r.url, baseURL) {
				t.Errorf("sent to %s", r.url)
			}
		}
	})
}

type counting struct {
	io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A closeCounter counts how often a body is closed.
type closeCounter struct {
	io.Reader
	closed *atomic.Int64
}

func (c closeCounter) Close() error {
	c.closed.Add(1)
	return nil
}

func TestI11TheCallersRequestIsLeftAsItIs(t *testing.T) {
	for name, tt := range map[string]struct {
		url     string
		prepare func(*harness)
		bodies  int64 // that were opened
	}{
		"an answer":         {url: baseURL + "/data", bodies: 1},
		"a sign-in refused": {url: baseURL + "/data", bodies: 1, prepare: func(h *harness) { h.set(func() { h.password = "another" }) }},
		"a network error": {url: baseURL + "/data", bodies: 1, prepare: func(h *harness) {
			h.set(func() { h.before = on("/data", dialError) })
		}},
		"a replay": {url: baseURL + "/data", bodies: 2, prepare: func(h *harness) {
			h.get("/other")
			h.revoke()
		}},
		"a replay that cannot sign in": {url: baseURL + "/data", bodies: 2, prepare: func(h *harness) {
			h.get("/other")
			h.revoke()
			h.set(func() { h.password = "another" })
		}},
		"another origin": {url: "https://elsewhere.example/data", bodies: 1},
		"a closed engine": {url: baseURL + "/data", bodies: 1, prepare: func(h *harness) {
			_ = h.engine.Close(context.Background())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				if tt.prepare != nil {
					tt.prepare(h)
				}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url, nil)
				if err != nil {
					t.Fatal(err)
				}
				var opened, closed atomic.Int64
				req.ContentLength = 4
				req.GetBody = func() (io.ReadCloser, error) {
					opened.Add(1)
					return closeCounter{strings.NewReader("text"), &closed}, nil
				}
				req.Body, _ = req.GetBody()
				req.Header.Set("X-Mine", "1")
				before, header, body := *req, req.Header.Clone(), req.Body
				resp, err := h.engine.Transport().RoundTrip(req)
				if err == nil {
					_ = resp.Body.Close()
				}
				synctest.Wait()
				if req.Body != body || req.URL != before.URL || req.Method != before.Method || req.Context() != before.Context() {
					t.Error("the request has changed")
				}
				want(t, "header", fmt.Sprint(req.Header), fmt.Sprint(header))
				want(t, "bodies opened", opened.Load(), tt.bodies)
				want(t, "bodies closed", closed.Load(), opened.Load())
			})
		})
	}
}

func TestI11ARequestCanBeUsedConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
		if err != nil {
			t.Fatal(err)
		}
		together(32, func(int) {
			resp, err := h.engine.Transport().RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		})
	})
}

func TestI11TheAnswerDoesNotShowTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := h.engine.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.Request != req {
			t.Error("the answer belongs to another request")
		}
	})
}

func TestI13TheSentinelFindsSecrets(t *testing.T) {
	s := &sentinel{}
	secret := s.secret("pw")
	for _, leak := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%q", secret)} {
		s.printed.Reset()
		s.dump(leak)
		found := &testing.T{}
		func() {
			defer func() { _ = recover() }()
			s.check(found)
		}()
		if !found.Failed() {
			t.Error("not found")
		}
	}
}

func TestI13NothingSecretInErrorsOfAnyKind(t *testing.T) {
	for name, fault := range map[string]func(*harness) func() (*reply, error){
		"echo in the message": func(h *harness) func() (*reply, error) {
			return func() (*reply, error) {
				return answer(401, map[string]any{"error": h.driver.password(), "code": h.driver.password()}), nil
			}
		},
		"echo in a page": func(h *harness) func() (*reply, error) {
			return func() (*reply, error) { return text(200, "text/html", "<p>"+h.driver.password()), nil }
		},
		"echo in a half answer": func(h *harness) func() (*reply, error) {
			return func() (*reply, error) {
				return text(200, "application/json", `{"token":"`+h.driver.password()), nil
			}
		},
		"a panic": func(h *harness) func() (*reply, error) {
			return func() (*reply, error) { panic(h.driver.password()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, full)
				h.before = on("/login", fault(h))
				h.dump(h.fail("/data"), h.engine.SignIn(t.Context()), h.engine.Status())
			})
		})
	}
}

func TestI13ValuesDoNotShowSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &session.MemoryStore{}
		h := newHarness(t, full, session.WithStore(store))
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		g := session.Grant{
			Token: rest.NewSecret(h.secret("tk")), Refresh: rest.NewSecret(h.secret("rf")),
			Extra: map[string]rest.Secret{"a": rest.NewSecret(h.secret("ex"))},
		}
		h.dump(g, &g, []session.Grant{g}, store, session.Record{Token: g.Token, Extra: g.Extra})
		header := http.Header{"Authorization": {"Bearer " + h.secret("tk")}, "X-Own": {h.secret("tk")}, "Accept": {"*/*"}}
		clean := session.Redact(header, "x-own")
		h.dump(clean)
		want(t, "Accept", clean.Get("Accept"), "*/*")
		want(t, "X-Own", clean.Get("X-Own"), "[redacted]")
		if header.Get("X-Own") == "[redacted]" {
			t.Error("Redact has changed its argument")
		}
	})
}

func TestI14ANewRefreshTokenIsStoredBeforeTheSessionIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &watchedStore{}
		h := newHarness(t, full, session.WithStore(store))
		h.rotate, h.lifetime = true, time.Hour
		store.onSwap = func(r *session.Record) {
			time.Sleep(time.Second) // a slow disk
			if r.Refresh.IsZero() {
				return // the old one, taken out before it is sent
			}
			for _, seen := range h.seen() {
				if seen.token == r.Token.Reveal() {
					t.Error("a session was used before it was stored")
				}
			}
		}
		for range 5 {
			together(8, func(int) { want(t, "status", h.get("/data"), 200) })
			time.Sleep(time.Hour)
		}
		want(t, "refreshes", h.count("/refresh"), 4)
		want(t, "writes", store.swaps, 9)
	})
}

func TestI14ARefreshTokenIsTakenOutOfTheStoreBeforeItIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		v.rotate, v.lifetime = true, time.Hour
		stored := ""
		store.onSwap = func(r *session.Record) { stored = r.Refresh.Reveal() }
		h := start(t, v, newDriver(v), refreshing, session.WithStore(store))
		h.get("/data")
		v.set(func() {
			v.before = on("/refresh", func() (*reply, error) {
				if stored != "" {
					t.Error("the refresh token is in the store while it is being used")
				}
				return nil, nil
			})
		})
		time.Sleep(2 * time.Hour)
		h.get("/data")
		want(t, "refreshes", v.count("/refresh"), 1)
		v.set(func() { v.before = on("/refresh", status(503)) })
		time.Sleep(2 * time.Hour)
		wantIs(t, h.fail("/data"), session.ErrTransient)
		if stored == "" {
			t.Error("a refresh token that was not used is lost")
		}
	})
}

func TestI14OnlyTheOwnSessionIsCleared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &session.MemoryStore{}
		a := start(t, v, newDriver(v), revoking, session.WithStore(store), session.WithSharedSignOut())
		a.get("/data")
		v.revoke()
		b := start(t, v, newDriver(v), revoking, session.WithStore(store))
		want(t, "status", b.get("/data"), 200) // replaces the dead session
		_ = a.engine.Close(t.Context())        // signs out the dead one
		c := start(t, v, newDriver(v), revoking, session.WithStore(store))
		want(t, "status", c.get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 2)
	})
}

// A watchedStore calls a function on each write, and can be made to fail.
type watchedStore struct {
	session.MemoryStore
	onSwap func(*session.Record)
	swaps  int
	broken atomic.Pointer[error]
}

func (s *watchedStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if err := s.broken.Load(); err != nil {
		return "", *err
	}
	s.swaps++
	if s.onSwap != nil {
		s.onSwap(r)
	}
	return s.MemoryStore.CompareAndSwap(ctx, key, old, r)
}

func (s *watchedStore) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if err := s.broken.Load(); err != nil {
		return nil, "", *err
	}
	return s.MemoryStore.Load(ctx, key)
}

func (s *watchedStore) Lock(ctx context.Context, key string) (func(), error) {
	if err := s.broken.Load(); err != nil {
		return nil, *err
	}
	return s.MemoryStore.Lock(ctx, key)
}

func (s *watchedStore) fail(err error) {
	if err == nil {
		s.broken.Store(nil)
		return
	}
	s.broken.Store(&err)
}

// goroutines counts those that are in an engine.
func goroutines() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "created by github.com/latchkey-go/latchkey/wrappers/session.")
}

func TestI15AnIdleEngineHasNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full, session.WithStore(&session.MemoryStore{}))
		h.rotate, h.lifetime, h.driver.idle = true, time.Hour, 15*time.Minute
		for range 3 {
			together(16, func(int) { h.get("/data") })
			synctest.Wait()
			want(t, "goroutines", goroutines(), 0)
			time.Sleep(54 * time.Minute)
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		sent := len(h.seen())
		time.Sleep(24 * time.Hour)
		want(t, "requests of an idle engine", len(h.seen())-sent, 0)
		want(t, "goroutines", goroutines(), 0)
	})
}

// clocks are two clocks that a test moves.
type clocks struct{ wall, mono atomic.Int64 }

func (c *clocks) read() (wall, mono int64) { return c.wall.Load(), c.mono.Load() }

func newClocks() *clocks {
	c := &clocks{}
	c.wall.Store(time.Now().UnixNano())
	c.mono.Store(1)
	return c
}

func TestI16ASessionEndsByEitherClock(t *testing.T) {
	for _, tt := range []struct {
		name       string
		wall, mono time.Duration
		logins     int
	}{
		{"neither", 30 * time.Minute, 30 * time.Minute, 1},
		{"asleep for 8 hours", 8 * time.Hour, time.Minute, 2},
		{"wall clock set back", -2 * time.Hour, time.Hour, 2},
		{"both", time.Hour, time.Hour, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClocks()
				h := newHarness(t, plain, session.WithClock(c.read), session.WithRenewalMargin(-1))
				h.told = 3600
				h.get("/data")
				c.wall.Add(int64(tt.wall))
				c.mono.Add(int64(tt.mono))
				h.get("/data")
				want(t, "sign-ins", h.count("/login"), tt.logins)
			})
		})
	}
}

func TestI16AnIdleSessionEndsByEitherClock(t *testing.T) {
	for _, tt := range []struct {
		wall, mono time.Duration
		logins     int
	}{
		{10 * time.Minute, 10 * time.Minute, 1}, {time.Hour, time.Minute, 2}, {-time.Hour, 20 * time.Minute, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newClocks()
			h := newHarness(t, plain, session.WithClock(c.read))
			h.driver.idle = 15 * time.Minute
			h.get("/data")
			c.wall.Add(int64(tt.wall))
			c.mono.Add(int64(tt.mono))
			h.get("/data")
			want(t, "sign-ins", h.count("/login"), tt.logins)
		})
	}
}

func TestI16LifetimesCountFromSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithRenewalMargin(-1))
		h.told, h.loginTime = 60, 20*time.Second
		h.get("/data")
		time.Sleep(39 * time.Second)
		h.get("/data")
		want(t, "sign-ins", h.count("/login"), 1)
		time.Sleep(time.Second)
		h.get("/data")
		want(t, "sign-ins", h.count("/login"), 2)
	})
}

func TestI16ALifetimeAfterAPromptCountsFromTheRequestAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
			time.Sleep(2 * time.Minute)
			return rest.NewSecret("123456"), nil
		})
		h := newHarness(t, plain, session.WithRenewalMargin(-1), session.WithChallenger(slow))
		h.told, h.factor = 60, "123456"
		h.get("/data")
		time.Sleep(59 * time.Second)
		h.get("/data")
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestI17AbsurdLifetimesMeanUnknown(t *testing.T) {
	for _, told := range []any{0, -1, 1e18, "3600", nil, true, 11 * 365 * 24 * 3600.0} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.told = told
			for range 5 {
				want(t, "status", h.get("/data"), 200)
				time.Sleep(30 * 24 * time.Hour)
			}
			want(t, fmt.Sprintf("sign-ins with expiresIn %v", told), h.count("/login"), 1)
		})
	}
}

func TestI17AFreshSessionIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.told, h.loginTime = 0.001, 20*time.Second // over before the answer is there
		together(8, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "sign-ins", h.count("/login"), 1)
	})
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.told = 0.001
		begun := time.Now()
		for range 100 {
			want(t, "status", h.get("/data"), 200)
			time.Sleep(time.Second)
		}
		if most := int(time.Since(begun)/(5*time.Second)) + 1; h.count("/login") > most {
			t.Errorf("%d sign-ins in %v", h.count("/login"), time.Since(begun))
		}
	})
}

func TestI18OnlyAnAnswerAdvancesTheLastUse(t *testing.T) {
	limit := 14*time.Minute + 15*time.Second
	for name, tt := range map[string]struct {
		second func(*harness) // a call in the middle of the limit
		logins int            // after a third call beyond the limit of the first
	}{
		"an answer":       {func(h *harness) { h.get("/data") }, 1},
		"an error answer": {func(h *harness) { h.set(func() { h.before = on("/x", status(404)) }); h.get("/x") }, 1},
		"no answer":       {func(h *harness) { h.set(func() { h.before = on("/x", dialError) }); h.fail("/x") }, 2},
		"a proxy's page":  {func(h *harness) { h.set(func() { h.before = on("/x", status(502)) }); h.get("/x") }, 2},
		"other traffic":   {func(h *harness) { h.do(h.t.Context(), "GET", "/../x", nil) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.driver.idle = 15 * time.Minute
				h.get("/data")
				time.Sleep(limit / 2)
				tt.second(h)
				time.Sleep(limit/2 + time.Second)
				h.get("/data")
				want(t, "sign-ins", h.count("/login"), tt.logins)
			})
		})
	}
}

func TestI18TheLastUseIsWhenTheRequestWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.idle = 15 * time.Minute
		h.get("/data")
		h.set(func() { h.dataTime = 14 * time.Minute })
		h.get("/data")
		h.set(func() { h.dataTime = 0 })
		time.Sleep(30 * time.Second)
		h.get("/data") // 14 min 30 s after the long call was sent
		want(t, "sign-ins", h.count("/login"), 2)
	})
}

func TestI18TheLastUseNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.idle = 15 * time.Minute
		h.get("/data")
		before, arrived, release := hold("/slow", 1)
		h.set(func() { h.before = before })
		var calls sync.WaitGroup
		calls.Go(func() { h.get("/slow") })
		arrived.Wait()
		time.Sleep(10 * time.Minute)
		h.get("/data")
		release()
		calls.Wait()
		time.Sleep(10 * time.Minute)
		h.get("/data")
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

// TestI05TwoRefusalsAtOnce: one refusal is being looked at while another one has
// the session replaced.
func TestI05TwoRefusalsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		stop, stopped, release := atomic.Bool{}, make(chan struct{}), make(chan struct{})
		h.driver.version = func() string { // asked for before a session is dropped
			if stop.CompareAndSwap(true, false) {
				close(stopped)
				<-release
			}
			return "1"
		}
		h.revoke()
		stop.Store(true)
		var late sync.WaitGroup
		late.Go(func() { want(t, "status", h.get("/data"), 200) })
		<-stopped
		want(t, "status", h.get("/data"), 200)
		close(release)
		late.Wait()
		want(t, "sign-ins", h.count("/login"), 2)
		want(t, "generation", h.engine.Status().Generation, 2)
		want(t, "sessions dropped", h.events.count(session.EventInvalidate), 1)
	})
}

// TestI18ARefusalIsNoUse: the session is kept, for lack of budget, but it was not
// used.
func TestI18ARefusalIsNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithReloginBudget(1, 24*time.Hour))
		h.driver.idle = 15 * time.Minute
		h.get("/data")
		h.revoke()
		h.get("/data") // takes the budget
		time.Sleep(10 * time.Minute)
		h.set(func() { h.before = on("/data", status(401)) })
		want(t, "status", h.get("/data"), 401)
		h.set(func() { h.before = nil })
		time.Sleep(10 * time.Minute)
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 3)
	})
}
