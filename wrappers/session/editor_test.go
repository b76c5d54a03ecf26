package session_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

func TestRequestEditorSignsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.lifetime = time.Hour
		edit := h.engine.RequestEditor()
		want(t, "requests before the first call", len(h.seen()), 0)
		call := func() int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := edit(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			resp, err := h.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			return resp.StatusCode
		}
		together(8, func(int) { want(t, "status", call(), 200) })
		want(t, "sign-ins", h.count("/login"), 1)
		time.Sleep(time.Hour)
		want(t, "status after the end of the session", call(), 200)
		want(t, "sign-ins", h.count("/login"), 2)
		h.revoke()
		want(t, "status after a revocation", call(), 401)
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestRequestEditorLeavesOtherRequestsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		edit := h.engine.RequestEditor()
		request := func(url string) *http.Request {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			return req
		}
		for _, url := range []string{"https://evil.example/", "http://api.acme.example/base/data", "https://api.acme.example:8443/base/data"} {
			req := request(url)
			if err := edit(t.Context(), req); err == nil || len(req.Header) > 0 {
				t.Errorf("%s: error %v, headers %v", url, err, req.Header)
			}
		}
		own := request(baseURL + "/data")
		own.Header.Set("X-Api-Key", "mine")
		if err := edit(t.Context(), own); err != nil || len(own.Header) != 1 {
			t.Errorf("with a key of its own: error %v, headers %v", err, own.Header)
		}
		want(t, "requests", len(h.seen()), 0)
		h.set(func() { h.password = "another" })
		wantIs(t, edit(t.Context(), request(baseURL+"/data")), session.ErrRejected)
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		wantIs(t, edit(t.Context(), request(baseURL+"/data")), session.ErrClosed)
	})
}
