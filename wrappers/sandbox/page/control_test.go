package page_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/page"
)

func TestTheClockIsMoved(t *testing.T) {
	server := serve(t)
	before := server.Clock().Now()
	post(t, server.URL+"/_sandbox/clock", `{"minutes": 15}`)
	if moved := server.Clock().Now().Sub(before); moved < 15*time.Minute || moved > 16*time.Minute {
		t.Errorf("the clock moved by %v", moved)
	}
	if s := stateOf(t, server); s.Ahead != 900 {
		t.Errorf("ahead by %d seconds", s.Ahead)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	server := serve(t)
	tests := []struct{ path, body, want string }{
		{"clock", `{"minutes": 0}`, "minutes must be from 1"},
		{"clock", `{"minutes": -5}`, "minutes must be from 1"},
		{"clock", `{"hours": 1}`, "unknown field"},
		{"clock", `nonsense`, "invalid character"},
		{"clock", `{"minutes": 1` + strings.Repeat(" ", 5000) + `}`, "too large"},
		{"vendors/acme/faults", `{}`, "no such vendor"},
		{"vendors/babel/faults", `{"kind": "earthquake"}`, "kind must be"},
		{"vendors/babel/faults", `{"kind": "status", "status": 99}`, "status must be from 200 to 599"},
		{"vendors/babel/faults", `{"kind": "delay", "millis": 100000}`, "millis must be from 1 to 60000"},
		{"vendors/babel/faults", `{"kind": "drop", "times": -1}`, "times must be from 0 to 1000"},
		{"vendors/babel/faults", `{"kind": "drop", "operation": "nothing"}`, `there is no operation \"nothing\"`},
		{"vendors/babel/call", `{"times": 1000}`, "times must be from 1 to 50"},
		{"vendors/acme/call", `{"times": 1}`, "no such vendor"},
		{"vendors/acme/close", ``, "no such vendor"},
		{"vendors/babel/rules", `{"oneSession": "yes"}`, "cannot unmarshal"},
	}
	for _, tt := range tests {
		a := ask(t, http.MethodPost, server.URL+"/_sandbox/"+tt.path, tt.body)
		if a.status < 400 || a.status >= 500 || !strings.Contains(a.body, tt.want) {
			t.Errorf("POST %s %.60s: %d %s", tt.path, tt.body, a.status, a.body)
		}
	}
	if moved := time.Until(server.Clock().Now()); moved > time.Second {
		t.Errorf("the clock moved by %v", moved)
	}
	if s := stateOf(t, server); len(s.Vendors[3].Faults) != 0 {
		t.Errorf("faults are on: %v", s.Vendors[3].Faults)
	}
}

func TestFaultsOfThePage(t *testing.T) {
	const url = "/babel/v1/auth/user"
	tests := []struct {
		name, fault string
		status      int // 0: the connection is dropped
		part        string
	}{
		{name: "status", fault: `{"kind": "status", "status": 503, "times": 1}`, status: 503},
		{name: "html", fault: `{"kind": "html", "times": 1}`, status: 200, part: "<html>"},
		{name: "delay", fault: `{"kind": "delay", "millis": 1, "times": 1}`, status: 401},
		{name: "drop", fault: `{"kind": "drop", "times": 1}`},
		{name: "refuse", fault: `{"kind": "refuse", "times": 1, "operation": "getLoggedInUser"}`, status: 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := serve(t)
			post(t, server.URL+"/_sandbox/vendors/babel/faults", tt.fault)
			if s := stateOf(t, server); len(s.Vendors[3].Faults) != 1 || s.Vendors[3].Faults[0].Times != 1 {
				t.Errorf("faults %v, want one", s.Vendors[3].Faults)
			}
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+url, nil)
			resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			if (err != nil) != (tt.status == 0) || err == nil && resp.StatusCode != tt.status {
				t.Errorf("got %v, %v", resp, err)
			}
			if err == nil {
				_ = resp.Body.Close()
			}
			if s := stateOf(t, server); len(s.Vendors[3].Faults) != 0 || !slices.Contains(s.kinds("babel"), "fault") {
				t.Errorf("faults %v after it was used, events %v", s.Vendors[3].Faults, s.kinds("babel"))
			}
		})
	}
}

func TestFaultsAreUsedUpAndCleared(t *testing.T) {
	server := serve(t)
	faults := server.URL + "/_sandbox/vendors/babel/faults"
	post(t, faults, `{"kind": "status", "status": 500, "times": 2, "operation": "login"}`)
	post(t, faults, `{"kind": "status", "status": 502, "times": 0}`)
	for range 3 {
		if a := get(t, server.URL+"/babel/v1/auth/user"); a.status != 502 {
			t.Errorf("status %d, want 502", a.status)
		}
	}
	if a := ask(t, http.MethodPost, server.URL+"/babel/v1/auth/login", `{"username": "a", "password": "b"}`, "Content-Type", "application/json"); a.status != 500 {
		t.Errorf("status %d, want 500", a.status)
	}
	if left := stateOf(t, server).Vendors[3].Faults; len(left) != 2 || left[0].Times != 1 || left[1].Times != 0 {
		t.Errorf("left are %v", left)
	}
	post(t, faults+"/clear", "")
	if a := get(t, server.URL+"/babel/v1/auth/user"); a.status != 401 {
		t.Errorf("status %d after the faults were cleared", a.status)
	}
	if left := stateOf(t, server).Vendors[3].Faults; len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

// A result is how calls of the page's own client went.
type result struct {
	Operation     string
	Calls, Failed int
	Errors        []string
}

func TestThePagesOwnClients(t *testing.T) {
	server := serve(t)
	for i, v := range sandbox.Vendors() {
		base := server.URL + "/_sandbox/vendors/" + string(v)
		standin := server.Vendor(v)
		if r := decode[result](t, post(t, base+"/call", `{"times": 20}`).body); r.Failed != 0 || r.Calls != 20 || standin.Count(r.Operation) != 20 {
			t.Errorf("%s: %+v, %d calls arrived", v, r, standin.Count(r.Operation))
		}
		if standin.Logins() != 1 {
			t.Errorf("%s: %d logins for 20 calls at once", v, standin.Logins())
		}
		for range 5 { // sooner than any session dies by itself
			post(t, server.URL+"/_sandbox/clock", `{"minutes": 61}`)
			if r := decode[result](t, post(t, base+"/call", `{"times": 1}`).body); r.Failed != 0 {
				t.Errorf("%s: an hour later: %v", v, r.Errors)
			}
		}
		if n := stateOf(t, server).Vendors[i].Replays; n != 5 {
			t.Errorf("%s: %d calls were sent again, want 5", v, n)
		}
		post(t, base+"/close", "")
		live := slices.ContainsFunc(standin.Sessions(), func(s sandbox.SessionInfo) bool { return s.State == sandbox.Live })
		if live && v != sandbox.AlertSite { // has no logout
			t.Errorf("%s: a session is live after signing out", v)
		}
		post(t, base+"/close", "")
		if mistakes := standin.Mistakes(); len(mistakes) != 0 {
			t.Errorf("%s: %v", v, mistakes)
		}
	}
}

func TestErrorsOfThePagesOwnClients(t *testing.T) {
	server := serve(t)
	base := server.URL + "/_sandbox/vendors/babel"
	post(t, base+"/call", `{"times": 1}`)
	for _, f := range []sandbox.Fault{{Status: 500}, {Drop: true}, {CutAfter: 5}, {CutAfter: -1}} {
		f.Operation = "getLoggedInUser"
		server.Vendor(sandbox.Babel).Fault(f)
		if r := decode[result](t, post(t, base+"/call", `{"times": 3}`).body); r.Failed != 3 || len(r.Errors) == 0 {
			t.Errorf("%+v: %+v", f, r)
		}
		server.Vendor(sandbox.Babel).ClearFaults()
	}
}

func TestRulesOfThePage(t *testing.T) {
	server := serve(t)
	standin := server.Vendor(sandbox.Anomify)
	base := server.URL + "/_sandbox/vendors/anomify"
	post(t, base+"/rules", `{"oneSession": true, "secondFactor": true}`)
	for range 2 {
		if r := decode[result](t, post(t, base+"/call", `{"times": 1}`).body); r.Failed != 0 {
			t.Fatalf("with a second factor: %v", r.Errors)
		}
		standin.Fault(sandbox.Fault{Operation: "logout", Status: 500, Times: 1}) // so that the session stays
		ask(t, http.MethodPost, base+"/close", "")
	}
	s := stateOf(t, server)
	if kinds := s.kinds("anomify"); !slices.Contains(kinds, "challenged") || !slices.Contains(kinds, "replaced") {
		t.Errorf("events %v", kinds)
	}
	if rules := s.Vendors[0].Rules; !rules.OneSession || !rules.SecondFactor {
		t.Errorf("rules %v", rules)
	}
	post(t, base+"/revoke", "")
	s = stateOf(t, server)
	if last := s.Vendors[0].Sessions[len(s.Vendors[0].Sessions)-1]; last.State != "revoked" {
		t.Errorf("the session is %s", last.State)
	}
	post(t, server.URL+"/_sandbox/counters/reset", "")
	if s := stateOf(t, server); s.Vendors[0].Logins != 0 || s.Vendors[0].Requests != 0 {
		t.Errorf("after the reset: %+v", s.Vendors[0])
	}
}

func TestReadersOfEvents(t *testing.T) {
	server := serve(t)
	next := follow(t, server)
	if s := next(); len(s.Vendors) != 4 || len(s.Events) != 0 {
		t.Errorf("at first: %+v", s)
	}
	post(t, server.URL+"/_sandbox/vendors/misaka/call", `{"times": 1}`)
	var kinds []string
	for len(kinds) < 3 {
		s := next()
		kinds = append(kinds, s.kinds("misaka")...)
	}
	if !slices.Equal(kinds, []string{"login", "call", "call"}) {
		t.Errorf("events %v", kinds)
	}
	get(t, server.URL+"/misaka/nothing")
	s := next()
	for s.Vendors[2].Requests != 3 {
		s = next()
	}
	if len(s.Vendors[2].Bugs) != 1 || s.Vendors[2].Logins != 1 || len(s.Vendors[2].Sessions) != 1 {
		t.Errorf("got %+v", s.Vendors[2])
	}
	late := follow(t, server)()
	if got := late.kinds("misaka"); len(got) != 5 {
		t.Errorf("one who comes later gets %v", got)
	}
}

// TestMemoryIsBounded makes more events than are kept while one reader waits.
func TestMemoryIsBounded(t *testing.T) {
	server := serve(t)
	for range 1300 {
		get(t, server.URL+"/misaka/v3/devices") // unauthorized, and a call
	}
	s := stateOf(t, server)
	if len(s.Events) != 2000 || s.Missed != 600 || s.Seq != 2600 {
		t.Errorf("%d events kept, %d missed of %d", len(s.Events), s.Missed, s.Seq)
	}
	if s.Vendors[2].Refused != 1300 {
		t.Errorf("%d refused calls, want 1300", s.Vendors[2].Refused)
	}
}

func TestReadersAreLimited(t *testing.T) {
	server := serve(t)
	for range 32 {
		follow(t, server)()
	}
	if a := get(t, server.URL+"/_sandbox/events"); a.status != http.StatusServiceUnavailable {
		t.Errorf("status %d for one too many", a.status)
	}
}

// unwritable is a reader that has gone away.
type unwritable struct{ header http.Header }

func (u unwritable) Header() http.Header       { return u.header }
func (u unwritable) WriteHeader(int)           {}
func (u unwritable) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestReadersThatDoNotReadAreCutOff(t *testing.T) {
	server := sandbox.NewUnstarted()
	defer server.Close()
	handler := page.Handler(server)
	for range 100 { // more than are taken at once
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/_sandbox/events", nil)
		w := unwritable{make(http.Header)}
		handler.ServeHTTP(w, req)
		if got := w.header.Get("Content-Type"); got != "text/event-stream" {
			t.Fatalf("refused as %s", got)
		}
	}
}
