package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// newPool returns a pool of accounts at one vendor.
func newPool(t *testing.T, most int) (*vendor, *session.Pool[*session.Engine], *atomic.Int64) {
	v := newVendor()
	opened := &atomic.Int64{}
	pool := session.NewPool(most, func(key string, shared session.Option) (*session.Engine, error) {
		if key == "bad" {
			return nil, errors.New("no such account")
		}
		opened.Add(1)
		d := newDriver(v)
		d.subject = key
		return session.New(revoker{d}, baseURL, shared)
	}, session.WithTransport(v), session.WithLoginTimeout(7*time.Second))
	t.Cleanup(func() { _ = pool.Close(context.Background()) })
	return v, pool, opened
}

// use makes a call with an account of a pool.
func use(t *testing.T, pool *session.Pool[*session.Engine], key string) error {
	t.Helper()
	return pool.Do(key, func(e *session.Engine) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
		if err != nil {
			return err
		}
		resp, err := e.Transport().RoundTrip(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
}

func TestPoolOpensEachAccountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, opened := newPool(t, 0)
		together(64, func(i int) {
			for range 10 {
				if err := use(t, pool, fmt.Sprint(i%8)); err != nil {
					t.Error(err)
				}
			}
		})
		want(t, "accounts opened", opened.Load(), 8)
		want(t, "accounts held", pool.Len(), 8)
		want(t, "sign-ins", v.count("/login"), 8)
	})
}

func TestPoolClosesTheLeastRecentlyUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, opened := newPool(t, 3)
		for _, key := range []string{"a", "b", "c", "a", "c", "a", "d"} { // d takes the place of b
			if err := use(t, pool, key); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		want(t, "accounts held", pool.Len(), 3)
		want(t, "sign-outs", v.count("/logout"), 1)
		want(t, "sessions open", v.alive(), 3)
		for _, key := range []string{"a", "c", "d"} {
			_ = use(t, pool, key)
		}
		want(t, "accounts opened", opened.Load(), 4)
		_ = use(t, pool, "b")
		want(t, "accounts opened", opened.Load(), 5)
	})
}

func TestPoolDoesNotCloseAnAccountInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, _ := newPool(t, 1)
		err := pool.Do("a", func(*session.Engine) error {
			if err := use(t, pool, "a"); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Second)
			for _, key := range []string{"b", "c"} {
				if err := use(t, pool, key); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second)
			}
			return use(t, pool, "a")
		})
		if err != nil {
			t.Error(err)
		}
		want(t, "sign-ins", v.count("/login"), 3)
	})
}

func TestPoolManyUsersAndFewPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, _ := newPool(t, 4)
		v.loginTime, v.dataTime = 5*time.Millisecond, time.Millisecond
		together(32, func(i int) {
			for j := range 50 {
				if err := use(t, pool, fmt.Sprint((i*7+j*3)%16)); err != nil {
					t.Error(err)
				}
			}
		})
		if err := pool.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "sessions left open", v.alive(), 0)
	})
}

func TestPoolErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, opened := newPool(t, 0)
		for range 3 {
			if err := use(t, pool, "bad"); err == nil || err.Error() != "no such account" {
				t.Errorf("got %v", err)
			}
		}
		want(t, "accounts held", pool.Len(), 0)
		_ = use(t, pool, "a")
		_ = use(t, pool, "b")
		if err := pool.Remove(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		if err := pool.Remove(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		want(t, "sign-outs", v.count("/logout"), 1)
		want(t, "accounts held", pool.Len(), 1)
		_ = use(t, pool, "a")
		want(t, "accounts opened", opened.Load(), 3)
		v.set(func() { v.before = on("/logout", status(500)) })
		if err := pool.Close(t.Context()); err == nil {
			t.Error("no error although accounts could not be signed out")
		}
		wantIs(t, use(t, pool, "a"), session.ErrClosed)
		wantIs(t, use(t, pool, "c"), session.ErrClosed)
		if err := pool.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestPoolSharesItsSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, pool, _ := newPool(t, 0)
		v.loginTime = time.Hour
		begun := time.Now()
		wantIs(t, use(t, pool, "a"), session.ErrTransient)
		want(t, "took", time.Since(begun), 7*time.Second)
	})
}

func TestPoolAnOptionAfterTheSharedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		pool := session.NewPool(0, func(key string, shared session.Option) (*session.Engine, error) {
			return session.New(newDriver(v), "https://elsewhere.example", shared, session.WithBaseURL(baseURL))
		}, session.WithTransport(v))
		if err := use(t, pool, "a"); err != nil {
			t.Error(err)
		}
		if err := pool.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, "sign-ins", v.count("/login"), 1)
	})
}

func TestPoolAnOptionBeforeTheSharedOneIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.factor = "b" // the vendor wants the code of account b
		pool := session.NewPool(0, func(key string, shared session.Option) (*session.Engine, error) {
			code := session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
				return rest.NewSecret(key), nil
			})
			return session.New(newDriver(v), baseURL, session.WithChallenger(code), shared)
		}, session.WithTransport(v))
		wantIs(t, use(t, pool, "a"), session.ErrChallengeFailed)
		if err := use(t, pool, "b"); err != nil {
			t.Error(err)
		}
		if err := pool.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestPoolKeepsTheRetryLayerOfAVendorsPackage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		passed := 0
		layer := func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				passed++
				return next.RoundTrip(req)
			})
		}
		pool := session.NewPool(0, func(_ string, shared session.Option) (*session.Engine, error) {
			return session.New(newDriver(v), baseURL, session.WithRetry(layer), shared)
		}, session.WithTransport(v))
		for _, key := range []string{"a", "b"} {
			if err := pool.Do(key, func(e *session.Engine) error {
				_, err := post(t.Context(), e.Client(), "data", true)
				return err
			}); err != nil {
				t.Error(err)
			}
		}
		want(t, "calls through the layer", passed, 2)
		if err := pool.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// roundTripper is a function that is an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
