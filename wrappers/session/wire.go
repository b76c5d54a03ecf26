package session

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// errOffOrigin is the cause of an error for a sign-in call that would leave
// the vendor's origin.
var errOffOrigin = errors.New("the driver must not send credentials to another origin")

// A wire carries the calls of one SignIn, Refresh, SignOut or Touch and notes
// what became of them. It follows no redirect and repeats nothing.
type wire struct {
	engine *Engine
	grant  *Grant // signs the operations that need a session; may be nil

	traced   atomic.Bool  // the base transport tells what it does
	wrote    atomic.Bool  // the headers of the last request went out
	calls    atomic.Int64 // requests begun
	sentWall atomic.Int64 // when the first request since the last challenge was sent
	sentMono atomic.Int64
	answered atomic.Int64 // challenges answered
	gaveUp   atomic.Bool  // the person asked for a second factor gave up
}

// client returns a client for the driver.
func (w *wire) client() (*rest.Client, error) {
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client, err := rest.NewClient(w.engine.driver.Vendor(), w.engine.base, &http.Client{Transport: w, CheckRedirect: refuse})
	if err != nil {
		return nil, err
	}
	return client.WithLimit(SignInLimit), nil
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if !w.engine.onOrigin(req.URL) {
		closeBody(req)
		return nil, errOffOrigin
	}
	now := w.engine.set.now()
	if w.sentMono.CompareAndSwap(0, now.mono) {
		w.sentWall.Store(now.wall)
	}
	w.calls.Add(1)
	w.traced.Store(false)
	w.wrote.Store(false)
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn:      func(string) { w.traced.Store(true) },
		WroteHeaders: func() { w.wrote.Store(true) },
		WroteRequest: func(httptrace.WroteRequestInfo) { w.wrote.Store(true) },
	}))
	if w.grant != nil && needsSession(req.Context()) {
		w.sign(req)
	}
	return w.engine.set.transport.RoundTrip(req)
}

// sign puts the session into a request that is ours already.
func (w *wire) sign(req *http.Request) {
	h := make(http.Header, len(req.Header)+1)
	w.engine.driver.Apply(h, w.grant)
	maps.Copy(h, req.Header)
	req.Header = h
}

// sent returns when the request that brought the session was sent, or begun if
// there was none.
func (w *wire) sent(begun instant) instant {
	if mono := w.sentMono.Load(); mono != 0 {
		return instant{wall: w.sentWall.Load(), mono: mono}
	}
	return begun
}

// mayHaveSent reports whether the vendor may have seen the last request.
func (w *wire) mayHaveSent(err error) bool {
	switch {
	case w.calls.Load() == 0:
		return false
	case w.wrote.Load():
		return true
	case w.traced.Load():
		return false
	default:
		return !isDial(err)
	}
}

// needsSession reports whether the request with this context needs a session.
// One that no generated client made does.
func needsSession(ctx context.Context) bool {
	op := rest.OperationFrom(ctx)
	return op == nil || op.Session
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
