package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// baseURL is where the vendor would be, if it were not in memory.
const baseURL = "https://api.acme.example"

// A vendor is a vendor in memory: POST /login answers with a token, anything
// else wants that token.
type vendor struct {
	loginTime time.Duration                // how long a sign-in takes
	outcome   int                          // HTTP status of a sign-in; 0 is 200
	single    bool                         // a sign-in ends the sessions before it
	delay     func(call int) time.Duration // how long the answer to the nth call takes, once the token was judged; nil is not at all
	began     chan struct{}                // receives when a sign-in begins, if somebody waits
	hold      chan struct{}                // sign-ins end once it is closed; nil is at once

	mu     sync.Mutex
	logins int
	calls  int
	alive  map[string]bool // tokens
}

// RoundTrip implements [http.RoundTripper].
func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == "/login" {
		return v.login(req)
	}
	v.mu.Lock()
	n := v.calls
	v.calls++
	good := v.alive[strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")]
	v.mu.Unlock()
	if v.delay != nil {
		if err := sleep(req.Context(), v.delay(n)); err != nil {
			return nil, err
		}
	}
	if !good {
		return answer(http.StatusUnauthorized, `{}`), nil
	}
	return answer(http.StatusOK, `{}`), nil
}

func (v *vendor) login(req *http.Request) (*http.Response, error) {
	v.mu.Lock()
	v.logins++
	n := v.logins
	v.mu.Unlock()
	select {
	case v.began <- struct{}{}:
	default:
	}
	if err := sleep(req.Context(), v.loginTime); err != nil {
		return nil, err
	}
	if v.hold != nil {
		<-v.hold
	}
	if v.outcome != 0 {
		return answer(v.outcome, `{}`), nil
	}
	token := fmt.Sprintf("0123456789abcdef%016d", n)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.alive == nil || v.single {
		v.alive = map[string]bool{}
	}
	v.alive[token] = true
	return answer(http.StatusOK, fmt.Sprintf(`{"token":%q,"expiresIn":3600}`, token)), nil
}

// revoke ends all sessions.
func (v *vendor) revoke() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.alive = nil
}

// signIns returns how many sign-ins the vendor has seen.
func (v *vendor) signIns() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.logins
}

// A content is a body that can do no more than one from the network.
type content struct {
	io.Reader
	io.Closer
}

// answer makes an answer in JSON.
func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: content{strings.NewReader(body), http.NoBody},
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errRefused = errors.New("sign-in refused")

// signIn is how the libraries sign in: they leave that to the program.
func signIn(ctx context.Context, base http.RoundTripper) (token string, lifetime time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+"/login", strings.NewReader(`{"password":"open sesame"}`))
	if err != nil {
		return "", 0, err
	}
	resp, err := base.RoundTrip(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("%w: %d", errRefused, resp.StatusCode)
	}
	var body struct {
		Token     string
		ExpiresIn int
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return "", 0, err
	}
	return body.Token, time.Duration(body.ExpiresIn) * time.Second, nil
}

// An instant base signs in and otherwise answers at once: what is measured on
// top of it is all that a library does.
type instant struct {
	vendor
	body string // of the answers, in JSON; if it is empty, they are 204
}

// RoundTrip implements [http.RoundTripper].
func (i *instant) RoundTrip(req *http.Request) (*http.Response, error) {
	switch {
	case req.URL.Path == "/login":
		return i.vendor.RoundTrip(req)
	case i.body != "":
		return answer(http.StatusOK, i.body), nil
	default:
		return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody}, nil
	}
}
