package session

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A recorder is a vendor that notes what it is sent, and a driver for it.
type recorder struct {
	bearer

	sent    []string
	touched int
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.sent = append(r.sent, req.URL.String())
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

func (r *recorder) Vendor() string          { return "acme" }
func (r *recorder) SecretHeaders() []string { return []string{"Authorization"} }

func (r *recorder) Judge(*http.Response, string) Verdict { return Alive }

func (r *recorder) SignIn(context.Context, *rest.Client, Challenger) (*Grant, error) {
	return &Grant{Token: rest.NewSecret("token"), Idle: 15 * time.Minute}, nil
}

func (r *recorder) Touch(context.Context, *rest.Client, *Grant) error {
	r.touched++
	return nil
}

// A closed body notes that it was closed.
type closed struct {
	io.Reader
	done bool
}

func (c *closed) Close() error {
	c.done = true
	return nil
}

// TestI10ASignInCallNeverLeavesTheOrigin: the client that a driver gets cannot
// do it, and would be stopped if it could.
func TestI10ASignInCallNeverLeavesTheOrigin(t *testing.T) {
	vendor := &recorder{}
	e, err := New(vendor, "https://api.acme.example/base", WithTransport(vendor))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{engine: e}
	for _, url := range []string{"https://evil.example/login", "http://api.acme.example/login", "https://api.acme.example:8443/login"} {
		body := &closed{Reader: strings.NewReader("password")}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.RoundTrip(req); !errors.Is(err, errOffOrigin) || !body.done { //nolint:bodyclose // there is none
			t.Errorf("%s: error %v, body closed: %t", url, err, body.done)
		}
	}
	if len(vendor.sent) > 0 || w.mayHaveSent(errOffOrigin) {
		t.Errorf("sent %v", vendor.sent)
	}
}

// TestKeepaliveThatComesLate: the timer of a session fires while the session is
// being replaced, or the engine closed.
func TestKeepaliveThatComesLate(t *testing.T) {
	vendor, now := &recorder{}, instant{wall: 1, mono: 1}
	e, err := New(vendor, "https://api.acme.example", WithTransport(vendor), WithKeepalive(3))
	if err != nil {
		t.Fatal(err)
	}
	e.set.clock = func() instant { return now }
	if err := e.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := e.keep
	now = now.plus(12 * time.Minute)
	e.mu.Lock()
	e.startKeepalive(e.live.Load()) // as for a new session
	e.mu.Unlock()
	e.keepAlive(old)
	e.mu.Lock()
	current := e.keep
	e.live.Store(nil)
	e.mu.Unlock()
	e.keepAlive(current)
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
	e.keepAlive(current)
	if vendor.touched != 0 {
		t.Errorf("%d touches of sessions that were replaced", vendor.touched)
	}
	e.mu.Lock()
	e.running++
	e.mu.Unlock()
	e.touch(current, now) // ends after Close
	if current.timer.Stop() {
		t.Error("the engine is closed, and goes on to extend its session")
	}
}
