package session_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func idleHarness(t *testing.T, opts ...session.Option) *harness {
	v := newVendor()
	v.idle = 15 * time.Minute
	d := newDriver(v)
	d.idle = 15 * time.Minute
	return start(t, v, d, full, opts...)
}

func TestKeepaliveExtendsAnIdleSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := idleHarness(t, session.WithKeepalive(3))
		h.get("/data")
		time.Sleep(30 * time.Minute)
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 1)
		touched := h.count("/touch")
		time.Sleep(24 * time.Hour)
		want(t, "touches between two calls", h.count("/touch")-touched, 3)
		h.get("/data")
		want(t, "sign-ins", h.count("/login"), 2)
		time.Sleep(30 * time.Minute)
		h.get("/data")
		want(t, "sign-ins", h.count("/login"), 2)
	})
}

func TestKeepaliveIsOffByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := idleHarness(t)
		h.get("/data")
		time.Sleep(24 * time.Hour)
		want(t, "requests", len(h.seen()), 2)
	})
}

func TestKeepaliveDoesNotTouchABusySession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := idleHarness(t, session.WithKeepalive(3))
		for range 100 {
			h.get("/data")
			time.Sleep(time.Minute)
		}
		want(t, "touches", h.count("/touch"), 0)
	})
}

func TestKeepaliveEndsWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := idleHarness(t, session.WithKeepalive(100))
		h.get("/data")
		h.revoke()
		time.Sleep(24 * time.Hour)
		want(t, "touches of a dead session", h.count("/touch"), 1)
	})
}

func TestKeepaliveDoesNotHoldUpClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := idleHarness(t, session.WithKeepalive(100))
		h.get("/data")
		h.set(func() { h.dataTime = time.Hour })
		for h.count("/touch") == 0 {
			time.Sleep(time.Minute)
		}
		h.set(func() { h.dataTime = 0 })
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(24 * time.Hour)
		want(t, "touches", h.count("/touch"), 1)
	})
}

func TestSettlingWaitsAndUsesTheSameSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithSettling(5*time.Second))
		begun := time.Now()
		h.before = func(req *http.Request, _ string) (*reply, error) {
			if strings.HasSuffix(req.URL.Path, "/data") && time.Since(begun) < 3*time.Second {
				return status(401)() // a replica that does not know the session yet
			}
			return nil, nil
		}
		together(16, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "waited", time.Since(begun), 5*time.Second)
	})
}

func TestExpirySoftAndHard(t *testing.T) {
	for _, tt := range []struct {
		lifetime, margin time.Duration
		ahead            time.Duration // of the end
	}{
		{30 * time.Minute, 0, 3 * time.Minute},
		{24 * time.Hour, 0, 5 * time.Minute},
		{90 * time.Second, 0, 10 * time.Second},
		{61 * time.Second, 0, 10 * time.Second},
		{60 * time.Second, 0, 30 * time.Second},
		{10 * time.Second, 0, 5 * time.Second},
		{time.Second, 0, 5 * time.Second}, // counts as 10 s
		{time.Hour, 10 * time.Minute, 10 * time.Minute},
		{time.Hour, 10 * time.Hour, 30 * time.Minute},
	} {
		soft, hard := session.SoftAndHard(tt.lifetime, tt.margin, 0)
		want(t, fmt.Sprintf("hard end of %v", tt.lifetime), hard, max(tt.lifetime, 10*time.Second))
		want(t, fmt.Sprintf("margin of %v", tt.lifetime), hard-soft, tt.ahead)
	}
}

func TestExpiryIdleLimit(t *testing.T) {
	for _, tt := range []struct{ idle, want time.Duration }{
		{15 * time.Minute, 14*time.Minute + 15*time.Second},
		{5 * time.Minute, 4*time.Minute + 30*time.Second},
		{30 * time.Second, 15 * time.Second},
		{0, 0}, {-1, 0}, {1 << 62, 0},
	} {
		want(t, fmt.Sprintf("idle limit of %v", tt.idle), session.IdleLimit(tt.idle), tt.want)
	}
}

func TestExpiryJitterSpreadsRenewals(t *testing.T) {
	const lifetime = 30 * time.Minute
	var all []time.Duration
	for range 10_000 {
		soft, hard := session.SoftAndHard(lifetime, 0, session.Spread())
		if hard-soft < 10*time.Second {
			t.Fatalf("renewed %v before the end", hard-soft)
		}
		all = append(all, soft)
	}
	first, last := slices.Min(all), slices.Max(all)
	if last-first < 30*time.Second || last-first > 36*time.Second {
		t.Errorf("10 000 engines renew within %v", last-first)
	}
}

func TestBackoffIsRandomWithinLimits(t *testing.T) {
	for n := 1; n < 100; n++ {
		if d := session.Backoff(n); d < time.Second || d > 5*time.Minute {
			t.Errorf("wait %d is %v", n, d)
		}
	}
	seen := map[time.Duration]bool{}
	for range 100 {
		seen[session.Backoff(8)] = true
	}
	if len(seen) < 50 {
		t.Errorf("%d different waits in 100", len(seen))
	}
}

func TestStatusTellsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.lifetime, h.loginTime = time.Hour, time.Second
		want(t, "state", h.engine.Status().State, session.StateEmpty)
		go h.get("/data")
		synctest.Wait()
		want(t, "state", h.engine.Status().State, session.StateSigningIn)
		time.Sleep(time.Second)
		synctest.Wait()
		s := h.engine.Status()
		want(t, "state", s.State, session.StateActive)
		want(t, "subject", s.Subject, "me@acme.example")
		want(t, "generation", s.Generation, 1)
		want(t, "expires", s.Expires.Sub(s.Since), time.Hour-time.Second)
		time.Sleep(2 * time.Hour)
		want(t, "state", h.engine.Status().State, session.StateEmpty)
	})
}

func TestClientSignsGeneratedCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		got, err := post(t.Context(), h.engine.Client(), "data", true)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "path", textOf(got, "path"), "/data")
		first, second := h.engine.Client(), h.engine.Client()
		want(t, "client", second, first)
		want(t, "base URL", h.engine.Client().BaseURL(), baseURL)
	})
}

func TestWithHTTPClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		followed := false
		h := start(t, v, newDriver(v), plain, session.WithTransport(nil), session.WithHTTPClient(nil), session.WithHTTPClient(&http.Client{
			Transport: v, Timeout: 3 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { followed = true; return nil },
		}))
		v.before = on("/data", redirect(302, "https://elsewhere.example/"))
		if _, err := post(t.Context(), h.engine.Client(), "data", true); err == nil || followed {
			t.Errorf("redirect followed, error %v", err)
		}
		v.set(func() { v.before, v.dataTime = nil, time.Hour })
		begun := time.Now()
		if _, err := post(t.Context(), h.engine.Client(), "data", true); err == nil {
			t.Error("no error")
		}
		want(t, "took", time.Since(begun), 3*time.Second)
	})
}

func TestWithReplayOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithReplay(false))
		h.get("/data")
		h.revoke()
		want(t, "status", h.get("/data"), 401)
		want(t, "times sent", h.count("/data"), 2)
		want(t, "status of the next call", h.get("/data"), 200)
	})
}

func TestALaterSuccessShowsThatTheCallIsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		before, arrived, release := hold("/forbidden", 1)
		h.set(func() { h.before = before })
		go func() { want(t, "status", h.get("/forbidden"), 401) }()
		arrived.Wait()
		time.Sleep(2 * time.Second)
		h.get("/data")
		release()
		synctest.Wait()
		want(t, "times sent", h.count("/forbidden"), 1)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestForbiddenIsNotADeadSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		for _, code := range []int{403, 404, 429, 500, 502} {
			h.set(func() { h.before = on("/data", status(code)) })
			want(t, "status", h.get("/data"), code)
		}
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "calls", h.count("/data"), 5)
	})
}

func TestARetryLayerAndTheReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const attempts = 3
		layer := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				for n := 1; ; n++ {
					resp, err := next.RoundTrip(req)
					if err != nil || resp.StatusCode < 400 || n == attempts {
						return resp, err
					}
					_ = resp.Body.Close()
				}
			})
		}
		h := newHarness(t, plain, session.WithRetry(layer))
		if _, err := post(t.Context(), h.engine.Client(), "forbidden", true); err == nil {
			t.Error("no error")
		}
		if n := h.count("/forbidden"); n < attempts || n > 2*attempts {
			t.Errorf("sent %d times", n)
		}
		sent := len(h.seen())
		if _, err := post(t.Context(), h.engine.Client(), "data", true); err != nil {
			t.Error(err)
		}
		want(t, "requests for one call that goes well", len(h.seen())-sent, 1)
	})
}

func TestKeyInPlaceOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		key := v.secret("ky")
		e, err := session.New(session.Key("acme", "x-api-key", rest.NewSecret(key)), baseURL, session.WithTransport(v))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := post(t.Context(), e.Client(), "data", true); err == nil {
				t.Error("no error")
			}
		}
		want(t, "requests", len(v.seen()), 3)
		for _, r := range v.seen() {
			want(t, "key", r.header.Get("X-Api-Key"), key)
		}
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "requests in all", len(v.seen()), 3)
	})
}

func TestVerdictsHaveNames(t *testing.T) {
	for v, name := range map[session.Verdict]string{
		session.Unknown: "unknown", session.Alive: "alive", session.SessionDead: "session dead",
		session.Denied: "denied", session.Throttled: "throttled", 99: "invalid",
	} {
		want(t, "name", v.String(), name)
	}
}

func TestNewRefusesBadBaseURLs(t *testing.T) {
	v := newVendor()
	secret := v.secret("pw")
	for _, url := range []string{"", "acme.example", "ftp://acme.example", "https://", "https://me:" + secret + "@acme.example", "https://acme.example?" + secret} {
		_, err := session.New(newDriver(v), url)
		if err == nil {
			t.Errorf("%q was accepted", url)
			continue
		}
		if !strings.HasPrefix(err.Error(), "acme: ") {
			t.Errorf("%v does not name the vendor", err)
		}
		_, _ = io.WriteString(v.sentinel, err.Error())
	}
	v.check(t)
}

// starter is an observer that gives the driver a context of its own.
type starter struct {
	*events
	begun []session.EventKind
}

type starterKey struct{}

func (s *starter) Start(ctx context.Context, e session.Event) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = append(s.begun, e.Kind)
	return context.WithValue(ctx, starterKey{}, e.Flight)
}

func TestObserverSeesWhatHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &starter{events: &events{}}
		v := newVendor()
		v.rotate, v.lifetime, v.loginTime = true, time.Hour, time.Second
		h := start(t, v, newDriver(v), full, session.WithObserver(o))
		inner := h.driver.SignIn
		h.driver.signIn = func(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
			h.driver.signIn = nil
			if ctx.Value(starterKey{}) != uint64(1) {
				t.Error("the driver does not have the observer's context")
			}
			return inner(ctx, client, answer)
		}
		together(3, func(int) { h.get("/data") })
		h.revoke()
		h.get("/data")
		time.Sleep(2 * time.Hour)
		h.get("/data")
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		var got []string
		for _, e := range o.seen {
			text := string(e.Kind)
			if e.Kind == session.EventSignIn && e.Err == nil {
				text += fmt.Sprintf(" gen=%d waiters=%d took=%v", e.Generation, e.Waiters, e.Duration)
			}
			if e.Err != nil {
				text += " failed"
			}
			want(t, "vendor", e.Vendor, "acme")
			want(t, "subject", e.Subject, "me@acme.example")
			got = append(got, text)
		}
		want(t, "events", strings.Join(got, "\n"), strings.Join([]string{
			"session.login gen=1 waiters=3 took=1s", "session.wait", "session.wait", "session.wait",
			"session.invalidate", "session.refresh failed", "session.login gen=2 waiters=1 took=1s", "session.wait", "session.replay",
			"session.refresh", "session.wait", "session.logout",
		}, "\n"))
		want(t, "begun", fmt.Sprint(o.begun), "[session.login session.refresh session.login session.refresh]")
	})
}

func TestLogNamesWhatAnOperatorNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.password = "another"
		h.fail("/data")
		h.sentinel.mu.Lock()
		lines := h.printed.String()
		h.sentinel.mu.Unlock()
		line := ""
		for l := range strings.Lines(lines) {
			if strings.Contains(l, `"msg":"session.latched"`) {
				line = l
			}
		}
		for _, part := range []string{`"level":"ERROR"`, `"vendor":"acme"`, `"subject":"me@acme.example"`, `"reason":"rejected"`, `"error":"acme: sign in: credentials refused: login: 401"`} {
			if !strings.Contains(line, part) {
				t.Errorf("no %s in %s", part, line)
			}
		}
	})
}
