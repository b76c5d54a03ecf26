package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// A fixture is a server with a client that checks every answer against the
// description.
type fixture struct {
	*sandbox.Server

	t      *testing.T
	client *http.Client
	lax    bool // does not check answers
	bugs   bool // expects client bugs
}

func start(t *testing.T, opts ...sandbox.Option) *fixture {
	t.Helper()
	f := &fixture{Server: sandbox.New(opts...), t: t}
	if err := f.Err(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	f.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		f.Close()
		for _, v := range sandbox.Vendors() {
			if st := f.Vendor(v); st != nil && !f.bugs && len(st.Mistakes()) > 0 {
				t.Errorf("mistakes of the client: %q", st.Mistakes())
			}
		}
	})
	return f
}

// A response is an answer as it arrived.
type response struct {
	status int
	header http.Header
	body   string
}

// do sends a request; pairs are names and values of headers.
func (f *fixture) do(method, address, body string, pairs ...string) response {
	f.t.Helper()
	r, err := f.try(method, address, body, pairs...)
	if err != nil {
		f.t.Fatal(err)
	}
	return r
}

// try is do for requests that may fail. It does not stop the test.
func (f *fixture) try(method, address, body string, pairs ...string) (response, error) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		req.Header.Set(pairs[i], pairs[i+1])
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	got := response{status: resp.StatusCode, header: resp.Header, body: string(data)}
	if err == nil && !f.lax && got.status != sandbox.StatusClientBug {
		f.checkAnswer(method, req.URL, got)
	}
	return got, err
}

func (f *fixture) checkAnswer(method string, u *url.URL, r response) {
	f.t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if err := sandbox.CheckAnswer(sandbox.Vendor(name), method, u, r.status, r.header, []byte(r.body)); err != nil {
		f.t.Errorf("%s %s: the answer does not match the description: %v\n%s", method, u.Path, err, r.body)
	}
}

// read returns the body of an answer, as far as it could be read.
func read(resp *http.Response) string {
	data, _ := io.ReadAll(resp.Body)
	return string(data)
}

// at returns the member of the body at a path with dots, as it is encoded; ""
// if there is none.
func (r response) at(path string) string {
	var v any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		return ""
	}
	for name := range strings.SplitSeq(path, ".") {
		object, _ := v.(map[string]any)
		member, ok := object[name]
		if !ok {
			return ""
		}
		v = member
	}
	if s, ok := v.(string); ok {
		return s
	}
	data, _ := json.Marshal(v)
	return string(data)
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// The logins of the vendors, as their documents have them.

func (f *fixture) loginAlertSite() (session string) {
	f.t.Helper()
	r := f.do(http.MethodPost, f.URL+"/alertsite/login",
		`{"login": "demo@example.com", "password": "`+f.Vendor(sandbox.AlertSite).Account().Password+`"}`, "Content-Type", asJSON)
	return r.at("metadata.session")
}

func alertSiteHeader(session string) []string {
	token := base64.StdEncoding.EncodeToString([]byte(sandbox.DemoLogin + ":" + session))
	return []string{"Authorization", "Bearer " + token}
}

func (f *fixture) loginAnomify() response {
	f.t.Helper()
	form := url.Values{"email": {sandbox.DemoLogin}, "password": {f.Vendor(sandbox.Anomify).Account().Password}}
	return f.do(http.MethodPost, f.URL+"/anomify/login", form.Encode(), "Content-Type", asForm)
}

func (f *fixture) loginMisaka(members string) response {
	f.t.Helper()
	return f.do(http.MethodPost, f.URL+"/misaka/v3/session/login",
		`{"email": "demo@example.com", "password": "`+f.Vendor(sandbox.Misaka).Account().Password+`"`+members+`}`, "Content-Type", asJSON)
}

func (f *fixture) loginBabel(password string) response {
	f.t.Helper()
	return f.do(http.MethodPost, f.URL+"/babel/v1/auth/login",
		`{"username": "demo@example.com", "password": "`+password+`"}`,
		"Content-Type", "application/json-patch+json", "Accept", "text/plain")
}

// signIn signs in at a vendor and returns the headers that carry the session.
func (f *fixture) signIn(v sandbox.Vendor) []string {
	f.t.Helper()
	var header []string
	switch v {
	case sandbox.Anomify:
		header = []string{"X-Session-Id", f.loginAnomify().at("data.session.id")}
	case sandbox.AlertSite:
		header = alertSiteHeader(f.loginAlertSite())
	case sandbox.Misaka:
		header = []string{"Authorization", "Bearer " + f.loginMisaka("").at("access")}
	case sandbox.Babel:
		header = []string{"Authorization", "Bearer " + f.loginBabel(f.Vendor(v).Account().Password).at("token")}
	}
	return header
}

// probe is an operation of each vendor that needs a session and changes nothing.
func probe(v sandbox.Vendor) (path string) {
	return map[sandbox.Vendor]string{
		sandbox.Anomify:   "/user/ping",
		sandbox.AlertSite: "/locations",
		sandbox.Misaka:    "/v3/devices",
		sandbox.Babel:     "/v1/auth/user",
	}[v]
}

// alive tells whether the vendor accepts a session.
func (f *fixture) alive(v sandbox.Vendor, header []string) bool {
	f.t.Helper()
	r := f.do(http.MethodGet, f.Vendor(v).URL()+probe(v), "", header...)
	switch v {
	case sandbox.AlertSite:
		return r.at("metadata.status") == "0"
	case sandbox.Anomify, sandbox.Misaka, sandbox.Babel:
	}
	return r.status == http.StatusOK
}

// forEachVendor runs a test for each vendor with a server of its own.
func forEachVendor(t *testing.T, test func(t *testing.T, f *fixture, st *sandbox.Standin)) {
	t.Helper()
	for _, v := range sandbox.Vendors() {
		t.Run(string(v), func(t *testing.T) {
			f := start(t, sandbox.WithVendors(v))
			test(t, f, f.Vendor(v))
		})
	}
}
