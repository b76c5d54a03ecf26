package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// faulty starts a server with one live AlertSite session, and returns what sends
// one more login there.
func faulty(t *testing.T) (f *fixture, st *sandbox.Standin, login func() (response, error)) {
	t.Helper()
	f = start(t)
	f.lax = true
	return f, f.Vendor(sandbox.AlertSite), func() (response, error) {
		t.Helper()
		return f.try(http.MethodPost, f.URL+"/alertsite/login",
			`{"login": "demo@example.com", "password": "sandbox-password-1"}`, "Content-Type", asJSON)
	}
}

func TestFaultsReplaceTheAnswer(t *testing.T) {
	tests := []struct {
		name        string
		fault       sandbox.Fault
		status      int
		contentType string
		body        string // part of it
		header      [2]string
		logins      int
	}{
		{name: "status", fault: sandbox.Fault{Status: 500}, status: 500, contentType: "text/plain", body: "Internal Server Error"},
		{name: "status that no text belongs to", fault: sandbox.Fault{Status: 529}, status: 529, contentType: "text/plain", body: "Error"},
		{name: "status without a body", fault: sandbox.Fault{Status: 204}, status: 204},
		{
			name: "Retry-After", fault: sandbox.Fault{Status: 429, RetryAfter: "Fri, 31 Dec 1999 23:59:59 GMT"}, status: 429,
			contentType: "text/plain", body: "Too Many Requests", header: [2]string{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"},
		},
		{name: "Retry-After alone", fault: sandbox.Fault{RetryAfter: "x"}, status: 503, contentType: "text/plain", header: [2]string{"Retry-After", "x"}},
		{
			name: "redirect", fault: sandbox.Fault{Redirect: "http://other.example.com/"}, status: 307,
			contentType: "text/plain", header: [2]string{"Location", "http://other.example.com/"},
		},
		{
			name: "redirect with status", fault: sandbox.Fault{Redirect: "/x", Status: 302}, status: 302,
			contentType: "text/plain", header: [2]string{"Location", "/x"},
		},
		{name: "HTML", fault: sandbox.Fault{HTML: true}, status: 200, contentType: "text/html", body: "<html>"},
		{name: "HTML with status", fault: sandbox.Fault{HTML: true, Status: 502}, status: 502, contentType: "text/html", body: "<html>"},
		{name: "garbage", fault: sandbox.Fault{Garbage: true}, status: 200, contentType: "application/json", body: "garbage"},
		{name: "body", fault: sandbox.Fault{Body: "{}"}, status: 200, contentType: "application/json", body: "{}"},
		{
			name: "body of a type", fault: sandbox.Fault{Body: "<x/>", ContentType: "text/xml", Status: 400}, status: 400,
			contentType: "text/xml", body: "<x/>",
		},
		{name: "refuse", fault: sandbox.Fault{Refuse: true}, status: 200, contentType: "application/json", body: `"status":"20"`},
		{name: "after the effect", fault: sandbox.Fault{Status: 500, AfterEffect: true}, status: 500, contentType: "text/plain", logins: 1},
		{
			name: "header only", fault: sandbox.Fault{Header: http.Header{"Retry-After": {"-1"}}}, status: 200,
			contentType: "application/json", body: `"status":"0"`, header: [2]string{"Retry-After", "-1"}, logins: 1,
		},
		{name: "another operation", fault: sandbox.Fault{Operation: "getLocations", Status: 500}, status: 200, contentType: "application/json", logins: 1},
		{name: "nothing", status: 200, contentType: "application/json", logins: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, st, login := faulty(t)
			st.Fault(tt.fault)
			r, err := login()
			if err != nil {
				t.Fatal(err)
			}
			want(t, "status", r.status, tt.status)
			if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, tt.contentType) {
				t.Errorf("Content-Type %q", got)
			}
			if !strings.Contains(r.body, tt.body) {
				t.Errorf("body %q", r.body)
			}
			if tt.header[0] != "" {
				want(t, tt.header[0], r.header.Get(tt.header[0]), tt.header[1])
			}
			want(t, "logins", st.Logins(), tt.logins)
			want(t, "count", st.Count("login"), 1)
		})
	}
}

func TestFaultsUseTheVendorsErrorBody(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		st.Fault(sandbox.Fault{Status: http.StatusBadGateway})
		f.lax = st.Name() == sandbox.AlertSite // which has no error body of its own
		r := f.do(http.MethodGet, st.URL()+probe(st.Name()), "")
		want(t, "status", r.status, http.StatusBadGateway)
		if !strings.Contains(r.body, "Bad Gateway") {
			t.Errorf("body %q", r.body)
		}
	})
}

func TestFaultsRefuseALiveSession(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		header := f.signIn(st.Name())
		st.Fault(sandbox.Fault{Refuse: true, Times: 2})
		want(t, "first", f.alive(st.Name(), header), false)
		want(t, "second", f.alive(st.Name(), header), false)
		want(t, "third", f.alive(st.Name(), header), true)
	})
}

func TestFaultsTakeTurns(t *testing.T) {
	_, st, login := faulty(t)
	st.Fault(sandbox.Fault{Times: 2, Status: 500})
	st.Fault(sandbox.Fault{Operation: "login", Times: 1, Status: 501})
	st.Fault(sandbox.Fault{Status: 502})
	statuses := func(n int) (list [4]int) {
		for i := range n {
			r, err := login()
			if err != nil {
				t.Fatal(err)
			}
			list[i] = r.status
		}
		return list
	}
	want(t, "statuses", statuses(4), [4]int{500, 500, 501, 502})
	want(t, "statuses", statuses(2), [4]int{502, 502})
	st.ClearFaults()
	want(t, "statuses", statuses(1), [4]int{200})
}

func TestFaultsCutTheConnection(t *testing.T) {
	tests := []struct {
		name   string
		fault  sandbox.Fault
		logins int
		bytes  int // of the body that arrive; -1 for no answer at all
	}{
		{name: "drop", fault: sandbox.Fault{Drop: true}, logins: 1, bytes: -1},
		{name: "drop before the effect", fault: sandbox.Fault{DropBeforeEffect: true}, bytes: -1},
		{name: "cut", fault: sandbox.Fault{CutAfter: 10}, logins: 1, bytes: 10},
		{name: "cut after the header", fault: sandbox.Fault{CutAfter: -1}, logins: 1, bytes: 0},
		{name: "cut of another body", fault: sandbox.Fault{Status: 500, CutAfter: 3}, bytes: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, st, login := faulty(t)
			tt.fault.Times = 1
			st.Fault(tt.fault)
			r, err := login()
			switch {
			case err == nil:
				t.Errorf("no error, body %q", r.body)
			case tt.bytes < 0:
				want(t, "status", r.status, 0)
			case !errors.Is(err, io.ErrUnexpectedEOF):
				t.Errorf("error %v", err)
			}
			want(t, "bytes", len(r.body), max(tt.bytes, 0))
			want(t, "logins", st.Logins(), tt.logins)
			r, err = login()
			if err != nil || r.status != http.StatusOK {
				t.Errorf("next call: %d, %v", r.status, err)
			}
		})
	}
}

func TestFaultsDelay(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  sandbox.Fault
		logins int // once the caller has given up
	}{
		"before the effect": {fault: sandbox.Fault{Delay: time.Hour}},
		"after the effect":  {fault: sandbox.Fault{Delay: time.Hour, DelayAfterEffect: true}, logins: 1},
	} {
		t.Run(name, func(t *testing.T) {
			f, st, _ := faulty(t)
			st.Fault(tt.fault)
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			seen := make(chan sandbox.Event, 10)
			defer st.On(func(e sandbox.Event) { seen <- e })()
			go func() {
				for st.Count("login") == 0 || st.Logins() < tt.logins {
					time.Sleep(time.Millisecond)
				}
				giveUp()
			}()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL+"/alertsite/login",
				strings.NewReader(`{"login": "demo@example.com", "password": "sandbox-password-1"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", asJSON)
			resp, err := f.client.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			for e := range seen { // the call ends when the server notices
				if e.Kind == sandbox.EventCall {
					break
				}
			}
			want(t, "logins", st.Logins(), tt.logins)
		})
	}

	t.Run("short", func(t *testing.T) {
		_, st, login := faulty(t)
		st.Fault(sandbox.Fault{Delay: time.Millisecond})
		if r, err := login(); err != nil || r.at("metadata.status") != "0" {
			t.Errorf("%v, %v", r, err)
		}
	})
}

func TestCloseEndsDelays(t *testing.T) {
	f, st, login := faulty(t)
	st.Fault(sandbox.Fault{Delay: time.Hour})
	failed := make(chan error)
	go func() {
		_, err := login()
		failed <- err
	}()
	for st.Count("login") == 0 {
		time.Sleep(time.Millisecond)
	}
	f.Close()
	if err := <-failed; err == nil {
		t.Error("the call succeeded")
	}
}
