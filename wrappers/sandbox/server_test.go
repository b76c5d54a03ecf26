package sandbox_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestServerServesAllVendorsUnderTheirNames(t *testing.T) {
	f := start(t)
	for _, v := range sandbox.Vendors() {
		want(t, "URL", f.Vendor(v).URL(), f.URL+"/"+string(v))
		want(t, "name", f.Vendor(v).Name(), v)
		want(t, string(v), f.alive(v, f.signIn(v)), true)
	}
	f.lax = true
	for _, path := range []string{"", "/", "/other/login", "/alertsitex/login"} {
		r := f.do(http.MethodGet, f.URL+path, "")
		want(t, path, r.status, http.StatusNotFound)
		if !strings.Contains(r.body, "/alertsite") {
			t.Errorf("body %q", r.body)
		}
	}
}

func TestServerServesSomeVendors(t *testing.T) {
	f := start(t, sandbox.WithVendors(sandbox.Babel, "nobody"))
	if f.Vendor(sandbox.Misaka) != nil || f.Vendor("nobody") != nil {
		t.Error("a vendor that was not asked for is there")
	}
	want(t, "Babel", f.alive(sandbox.Babel, f.signIn(sandbox.Babel)), true)
	f.lax = true
	want(t, "Misaka", f.do(http.MethodPost, f.URL+"/misaka/v3/session/login", "").status, http.StatusNotFound)
}

func TestServerOnAListener(t *testing.T) {
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	f := start(t, sandbox.WithListener(l))
	want(t, "URL", f.URL, fmt.Sprintf("http://127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port))
	want(t, "alive", f.alive(sandbox.AlertSite, f.signIn(sandbox.AlertSite)), true)
	f.Close()
	f.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("listener: %v", err)
	}
}

func TestServerOnAClosedListener(t *testing.T) {
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	s := sandbox.New(sandbox.WithListener(l))
	defer s.Close()
	for s.Err() == nil { // until the server has noticed
		time.Sleep(time.Millisecond)
	}
}

func TestServerMountedElsewhere(t *testing.T) {
	s := sandbox.NewUnstarted()
	mux := http.NewServeMux()
	mux.Handle("/vendors/", http.StripPrefix("/vendors", s))
	outer := httptest.NewServer(mux)
	defer outer.Close()
	s.URL = outer.URL + "/vendors"
	get := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Vendor(sandbox.Anomify).URL()+"/ping", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := outer.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	want(t, "status", get(), http.StatusOK)
	s.Close()
	want(t, "status after Close", get(), http.StatusServiceUnavailable)
}

func TestDateIsThatOfTheClock(t *testing.T) {
	f := start(t)
	f.Clock().Advance(1000 * time.Hour)
	date, err := http.ParseTime(f.do(http.MethodGet, f.URL+"/anomify/ping", "").header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	if off := f.Clock().Now().Sub(date); off < 0 || off > time.Minute {
		t.Errorf("Date is off by %v", off)
	}
}

func TestBadDescriptionsAreReported(t *testing.T) {
	const head = "openapi: 3.0.3\ninfo: {title: t, version: v}\n"
	for name, tt := range map[string]struct {
		files fs.FS
		want  string
	}{
		"no file":    {fstest.MapFS{}, "no description of babel"},
		"no YAML":    {fstest.MapFS{"babel.yaml": {Data: []byte("{")}}, "description of babel"},
		"x-failure":  {description(head + "x-failure: {value: a}\npaths: {/a: {get: {responses: {}}}}"), "x-failure"},
		"parameters": {description(head + "paths: {'/a/{b}.json': {get: {responses: {}}}}"), "whole segment"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t, sandbox.WithSpecs(tt.files))
			r := f.do(http.MethodGet, f.URL+"/babel/v1/auth/user", "")
			want(t, "status", r.status, sandbox.StatusClientBug)
			if !strings.Contains(r.body, tt.want) {
				t.Errorf("body %q", r.body)
			}
		})
	}
}

func description(babel string) fs.FS {
	return fstest.MapFS{"babel.yaml": {Data: []byte(babel)}}
}

func TestAnswersOfOtherMediaTypes(t *testing.T) {
	const yaml = `
openapi: 3.0.3
info: {title: t, version: v}
paths:
  /png: {get: {responses: {"200": {description: d, content: {image/png: {}}}}}}
  /image: {get: {responses: {"2XX": {description: d, content: {image/*: {}}}}}}
  /html: {get: {responses: {"203": {description: d, content: {text/html: {}}}}}}
  /events: {get: {responses: {"200": {description: d, content: {text/event-stream: {}}}}}}
  /any: {get: {responses: {"200": {description: d, content: {"*/*": {}}}}}}
  /both: {get: {responses: {"200": {description: d, content: {application/json: {example: {a: 1}}, text/plain: {}}}}}}
  /none: {get: {responses: {"204": {description: d}}}}
  /open: {get: {security: [{}, {k: []}], responses: {"200": {description: d}}}}
  /key: {get: {security: [{k: []}], responses: {"200": {description: d}}}}
components: {securitySchemes: {k: {type: apiKey, in: header, name: x-api-key}}}
`
	f := start(t, sandbox.WithSpecs(description(yaml)))
	f.lax = true
	for path, expected := range map[string]string{
		"/png":    "200 image/png \x89PNG",
		"/image":  "200 image/png \x89PNG",
		"/html":   "203 text/html; charset=utf-8 <!do",
		"/events": "200 text/event-stream data",
		"/any":    "200 application/octet-stream sand",
		"/both":   "200 application/json; charset=utf-8 {\"a\"",
		"/none":   "204  ",
		"/open":   "200  ",
		"/key":    "401 application/json; charset=utf-8 {\"co",
	} {
		r := f.do(http.MethodGet, f.URL+"/babel"+path, "")
		want(t, path, fmt.Sprintf("%d %s %.4s", r.status, r.header.Get("Content-Type"), r.body), expected)
	}
}

func TestOwnAnswersAreChecked(t *testing.T) {
	const yaml = `
openapi: 3.0.3
info: {title: t, version: v}
paths:
  /a: {get: {operationId: a, responses: {"200": {description: d, content: {application/json: {example: {n: one},
    schema: {type: object, properties: {n: {type: integer}}}}}}}}}
`
	f := start(t, sandbox.WithSpecs(description(yaml)))
	f.bugs = true
	r := f.do(http.MethodGet, f.URL+"/babel/a", "")
	want(t, "status", r.status, sandbox.StatusClientBug)
	want(t, "body", r.body, "sandbox: babel a (GET /a): the sandbox's own answer: body: /n: value must be an integer\n")
	f.Vendor(sandbox.Babel).Fault(sandbox.Fault{Body: `{"n": "two"}`})
	f.lax = true
	want(t, "body of a fault", f.do(http.MethodGet, f.URL+"/babel/a", "").body, `{"n": "two"}`)
}

func TestFailureRule(t *testing.T) {
	type object = map[string]any
	status := func(v any) object { return object{"status": object{"code": v}} }
	tests := []struct {
		name         string
		rule, body   any
		failed, fail bool
	}{
		{name: "none", rule: "none", body: object{}},
		{name: "success", rule: object{"value": "status.code", "success": []any{"0"}}, body: status("0")},
		{name: "other", rule: object{"value": "status.code", "success": []any{"0"}}, body: status("40"), failed: true},
		{name: "absent", rule: object{"value": "status.code", "success": []any{"0"}}, body: object{}, failed: true},
		{name: "boolean", rule: object{"value": "ok", "success": []any{"true"}}, body: object{"ok": true}},
		{name: "below", rule: object{"value": "status.code", "from": 400.0}, body: status(399.0)},
		{name: "at", rule: object{"value": "status.code", "from": 400.0}, body: status(400.0), failed: true},
		{name: "absent number", rule: object{"value": "status.code", "from": 400.0}, body: object{}},
		{name: "text", rule: object{"value": "status.code", "from": 400.0}, body: status("x")},
		{name: "no object", rule: object{"value": "status.code", "from": 400.0}, body: []any{}},
		{name: "both", rule: object{"value": "a", "from": 400.0, "success": []any{"0"}}, fail: true},
		{name: "neither", rule: object{"value": "a"}, fail: true},
		{name: "no value", rule: object{"from": 400.0}, fail: true},
		{name: "word", rule: "some", fail: true},
	}
	for _, tt := range tests {
		failed, err := sandbox.Failed(tt.rule, tt.body)
		want(t, tt.name+": error", errors.Is(err, sandbox.ErrFailureRule), tt.fail)
		want(t, tt.name, failed, tt.failed)
	}
}

func TestEvents(t *testing.T) {
	f := start(t)
	var mu sync.Mutex
	var got []string
	stop := f.On(func(e sandbox.Event) {
		mu.Lock()
		defer mu.Unlock()
		session := ""
		if e.Session != "" {
			session = "+"
		}
		got = append(got, fmt.Sprintf("%s %s %s%s %d", e.Vendor, e.Operation, e.Kind, session, e.Status))
	})
	forget := func() {
		mu.Lock()
		defer mu.Unlock()
		got = nil
	}
	expect := func(events ...string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(got, events) {
			t.Errorf("got  %q\nwant %q", got, events)
		}
		got = nil
	}
	misaka, babel := f.Vendor(sandbox.Misaka), f.Vendor(sandbox.Babel)

	r := f.loginMisaka("")
	expect("misaka login login+ 0", "misaka login call+ 200")
	f.refreshMisaka(r.at("refresh"))
	expect("misaka refreshUserToken refresh+ 0", "misaka refreshUserToken call+ 200")
	f.refreshMisaka(r.at("refresh"))
	expect("misaka refreshUserToken reuse+ 0", "misaka refreshUserToken unauthorized+ 0", "misaka refreshUserToken call 401")
	misaka.RequireSecondFactor(true)
	f.loginMisaka("")
	expect("misaka login challenged 0", "misaka login call 401")

	f.loginBabel("wrong")
	expect("babel login refused 0", "babel login call 401")
	header := f.signIn(sandbox.Babel)
	expect("babel login login+ 0", "babel login call+ 200")
	f.Clock().Advance(time.Hour)
	f.alive(sandbox.Babel, header)
	expect("babel getLoggedInUser expired+ 0", "babel getLoggedInUser unauthorized 0", "babel getLoggedInUser call 401")
	header = f.signIn(sandbox.Babel)
	forget()
	f.do(http.MethodPost, f.URL+"/babel/v1/auth/logout", "{}", append(header, "Content-Type", asJSON)...)
	expect("babel logout logout+ 0", "babel logout call+ 200")
	babel.OneSessionPerUser(true)
	f.signIn(sandbox.Babel)
	forget()
	f.signIn(sandbox.Babel)
	expect("babel login replaced+ 0", "babel login login+ 0", "babel login call+ 200")
	babel.Revoke()
	expect("babel  revoked+ 0")
	babel.Fault(sandbox.Fault{Status: 500, Times: 1})
	f.alive(sandbox.Babel, nil)
	expect("babel getLoggedInUser fault 0", "babel getLoggedInUser call 500")
	babel.Fault(sandbox.Fault{Drop: true, Times: 1})
	if _, err := f.try(http.MethodPost, f.URL+"/babel/v1/auth/logout", "{}", append(header, "Content-Type", asJSON)...); err == nil {
		t.Error("no error")
	}
	expect("babel logout fault 0", "babel logout unauthorized 0", "babel logout call 0")
	f.bugs = true
	f.do(http.MethodGet, f.URL+"/babel/nowhere", "")
	expect("babel  bug 0", "babel  call 404")

	stop()
	f.alive(sandbox.Babel, nil)
	expect()
}
