package soaktest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

type hooked struct {
	*front
	hook func(req *http.Request, next func() (*http.Response, error)) (*http.Response, error)
}

func (h *hooked) RoundTrip(req *http.Request) (*http.Response, error) {
	next := func() (*http.Response, error) { return h.front.RoundTrip(req) }
	if h.hook != nil {
		return h.hook(req, next)
	}
	return next()
}

func newWorldOf(t *testing.T, a *account, opts ...session.Option) (*vendor, *hooked, *session.Engine, func(method, path string) (int, error)) {
	t.Helper()
	v := newVendor(a)
	v.origin = "https://api.acme.example"
	h := &hooked{front: newFront(v, trouble{}, 1)}
	d := &driver{user: a.user, idle: a.idle, keys: &keyring{password: a.password}}
	var full session.Driver = d
	if a.rotate {
		full = refresher{d}
	}
	e, err := session.New(full, v.origin, append([]session.Option{session.WithTransport(h)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path string) (int, error) {
		req, _ := http.NewRequestWithContext(context.Background(), method, v.origin+path, strings.NewReader("x"))
		resp, err := rest.NewHTTPClient(e.Transport()).Do(req)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode, session.Reason(resp)
	}
	return v, h, e, call
}

// must returns a check that a call went well.
func must(t *testing.T) func(code int, err error) {
	t.Helper()
	return func(code int, err error) {
		t.Helper()
		if code != http.StatusOK {
			t.Errorf("got %d, %v", code, err)
		}
	}
}

// A refresh whose answer is 504 after the effect.
func TestARefreshTokenThatMayHaveBeenTakenIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{user: "rotating", rotate: true, lifetime: 10 * time.Minute}
		_, h, e, call := newWorldOf(t, a)
		var once atomic.Bool
		h.hook = func(req *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
			resp, err := next()
			if req.URL.Path == "/refresh" && once.CompareAndSwap(false, true) {
				resp.StatusCode = 504
			}
			return resp, err
		}
		for range 60 {
			if code, err := call("GET", "/a"); code != http.StatusOK {
				t.Errorf("got %d, %v", code, err)
			}
			time.Sleep(30 * time.Second)
		}
		if a.reused != 0 {
			t.Errorf("%d refresh tokens were sent twice", a.reused)
		}
		_ = e.Close(t.Context())
	})
}

// A call sent before, judged after a revocation, when a later one went well.
func TestALateRefusalOfAReplacedSessionIsReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{user: "plain"}
		v, h, e, call := newWorldOf(t, a)
		h.hook = func(req *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
			if req.URL.Path == "/slow" {
				time.Sleep(3 * time.Second)
			}
			return next()
		}
		must(t)(call("GET", "/a"))
		done := make(chan struct{})
		go func() {
			defer close(done)
			if code, err := call("POST", "/slow"); code != http.StatusOK {
				t.Errorf("the slow call: %d, %v", code, err)
			}
		}()
		time.Sleep(2 * time.Second)
		must(t)(call("GET", "/a"))
		v.revoke(a)
		must(t)(call("GET", "/a")) // dropped and renewed
		<-done
		_ = e.Close(t.Context())
	})
}

// Two revocations in a row, a client with one operation.
func TestASessionThatDiesTwiceInARowBlocksNoOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{user: "plain"}
		v, h, e, call := newWorldOf(t, a)
		n := 0
		h.hook = func(req *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
			if req.URL.Path == "/a" {
				n++
				if n == 2 || n == 3 {
					v.revoke(a)
				}
			}
			return next()
		}
		for range 3 {
			_, _ = call("POST", "/a") // some of these are refused
		}
		time.Sleep(10 * time.Minute)
		if code, err := call("POST", "/a"); code != http.StatusOK {
			t.Errorf("ten minutes later: %d, %v", code, err)
		}
		_ = e.Close(t.Context())
	})
}

type failing struct {
	session.Store
	load, cas atomic.Bool
}

func (s *failing) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if s.load.Load() {
		return nil, "", errStore
	}
	return s.Store.Load(ctx, key)
}

func (s *failing) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	v, err := s.Store.CompareAndSwap(ctx, key, old, r)
	if err == nil && s.cas.Load() {
		return "", errStore
	}
	return v, err
}

// The store has written the record though it said that it failed.
func TestASessionThatMayBeStoredIsNotRefreshedAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{user: "rotating", rotate: true, lifetime: 10 * time.Minute}
		mem := &session.MemoryStore{}
		mine := &failing{Store: mem}
		v, h, e, call := newWorldOf(t, a, session.WithStore(mine))
		mine.cas.Store(true)
		must(t)(call("GET", "/a")) // signs in; stored, but the store says no
		mine.cas.Store(false)
		d := &driver{user: a.user, keys: &keyring{password: a.password}}
		e2, _ := session.New(refresher{d}, v.origin, session.WithTransport(h), session.WithStore(mem))
		get := func() {
			req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, v.origin+"/b", nil)
			resp, err := e2.Transport().RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		}
		get() // adopts
		time.Sleep(9*time.Minute + 30*time.Second)
		get() // refreshes ahead
		time.Sleep(5 * time.Second)
		mine.load.Store(true)
		time.Sleep(time.Minute)
		must(t)(call("GET", "/a"))
		if a.reused != 0 {
			t.Errorf("%d refresh tokens were sent twice", a.reused)
		}
		_ = e.Close(t.Context())
		_ = e2.Close(t.Context())
	})
}
