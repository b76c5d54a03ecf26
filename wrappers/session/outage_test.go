package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// An outageStore can be switched off; what it held stays in it.
type outageStore struct {
	*session.MemoryStore
	off atomic.Bool
}

var errAway = errors.New("store is away")

func (s *outageStore) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if s.off.Load() {
		return nil, "", errAway
	}
	return s.MemoryStore.Load(ctx, key)
}

func (s *outageStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if s.off.Load() {
		return "", errAway
	}
	return s.MemoryStore.CompareAndSwap(ctx, key, old, r)
}

func (s *outageStore) Lock(ctx context.Context, key string) (func(), error) {
	if s.off.Load() {
		return nil, errAway
	}
	return s.MemoryStore.Lock(ctx, key)
}

// An outageVendor knows one token at a time.
type outageVendor struct {
	mu     sync.Mutex
	logins int
	live   string
}

func (v *outageVendor) RoundTrip(req *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	status := http.StatusOK
	if req.Header.Get("X-Token") != v.live || v.live == "" {
		status = http.StatusUnauthorized
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}, Request: req}, nil
}

func (v *outageVendor) Vendor() string            { return "acme" }
func (v *outageVendor) Subject() string           { return "demo" }
func (v *outageVendor) CredentialVersion() string { return "" }
func (v *outageVendor) SecretHeaders() []string   { return []string{"X-Token"} }
func (v *outageVendor) Apply(h http.Header, g *session.Grant) {
	h.Set("X-Token", g.Token.Reveal())
}
func (v *outageVendor) Judge(resp *http.Response, _ string) session.Verdict {
	return session.JudgeStatus(resp)
}

func (v *outageVendor) SignIn(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.logins++
	v.live = fmt.Sprint("token-", v.logins)
	return &session.Grant{Token: rest.NewSecret(v.live)}, nil
}

func (v *outageVendor) revoke() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.live = ""
}

// TestF29AStoreThatReturnsBringsBackNoDeadSession: the store still holds the
// session from before it went away; the vendor has ended that one, and the one
// after it.
func TestF29AStoreThatReturnsBringsBackNoDeadSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		vendor, store := &outageVendor{}, &outageStore{MemoryStore: new(session.MemoryStore)}
		engine, err := session.New(vendor, "https://api.acme.example", session.WithTransport(vendor), session.WithStore(store))
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close(context.Background())
		call := func(when string) {
			t.Helper()
			time.Sleep(time.Minute)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.acme.example/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := engine.Transport().RoundTrip(req)
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", when, resp.Status)
			}
		}
		call("at first")
		store.off.Store(true)
		vendor.revoke()
		call("without the store")
		store.off.Store(false)
		vendor.revoke()
		call("when the store is back")
		call("and again")
		if vendor.logins != 3 {
			t.Errorf("%d sign-ins, want 3", vendor.logins)
		}
	})
}
