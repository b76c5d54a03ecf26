package otelsession_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

const password = "correct horse"

// acme is a vendor within the test, as an http.RoundTripper.
type acme struct {
	mu      sync.Mutex
	count   int
	alive   []string       // tokens
	refuse  map[string]int // statuses, by path
	spans   map[string]trace.SpanContext
	waiting func() // called during a sign-in, unless nil
}

func (a *acme) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(req.URL.Path, "/")
	a.mu.Lock()
	wait := a.waiting
	a.mu.Unlock()
	if wait != nil && path == "login" {
		wait()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.spans == nil {
		a.spans = map[string]trace.SpanContext{}
	}
	a.spans[path] = trace.SpanContextFromContext(req.Context())
	if status := a.refuse[path]; status != 0 {
		return reply(status, map[string]string{"error": "refused " + password}), nil
	}
	switch path {
	case "login", "refresh":
		a.count++
		token := "secret-token-" + strconv.Itoa(a.count)
		a.alive = append(a.alive, token)
		return reply(http.StatusOK, map[string]string{"token": token, "refresh": "secret-refresh-" + strconv.Itoa(a.count)}), nil
	}
	if !slices.Contains(a.alive, strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")) {
		return reply(http.StatusUnauthorized, map[string]string{"error": "no session"}), nil
	}
	return reply(http.StatusOK, map[string]string{}), nil
}

func (a *acme) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *acme) span(path string) trace.SpanContext {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spans[path]
}

func reply(status int, members map[string]string) *http.Response {
	data, _ := json.Marshal(members)
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(data)),
		Body: io.NopCloser(strings.NewReader(string(data))),
	}
}

// driver signs in at acme.
type driver struct{}

func (driver) Vendor() string            { return "acme" }
func (driver) Subject() string           { return "me@acme.example" }
func (driver) CredentialVersion() string { return "1" }
func (driver) SecretHeaders() []string   { return []string{"Authorization"} }

func (driver) Apply(h http.Header, g *session.Grant) {
	h.Set("Authorization", "Bearer "+g.Token.Reveal())
}

func (driver) Judge(resp *http.Response, _ string) session.Verdict { return session.JudgeStatus(resp) }

func (driver) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	return ask(ctx, client, "login")
}

func (driver) Refresh(ctx context.Context, client *rest.Client, _ *session.Grant) (*session.Grant, error) {
	return ask(ctx, client, "refresh")
}

func ask(ctx context.Context, client *rest.Client, name string) (*session.Grant, error) {
	r := client.NewRequest(&rest.Operation{Vendor: "acme", ID: name, Method: http.MethodPost, Path: "/" + name, Sensitive: true}, nil)
	r.Literal("/" + name)
	r.JSON("application/json", rest.Object{"password": json.RawMessage(`"` + password + `"`)})
	got, err := rest.Do[rest.Object](ctx, r)
	if err != nil {
		return nil, err
	}
	var token, refresh string
	_ = json.Unmarshal((*got)["token"], &token)
	_ = json.Unmarshal((*got)["refresh"], &refresh)
	return &session.Grant{Token: rest.NewSecret(token), Refresh: rest.NewSecret(refresh), Lifetime: time.Hour}, nil
}

// newEngine returns an engine that is closed with the test.
func newEngine(t *testing.T, vendor http.RoundTripper, observer session.Observer, opts ...session.Option) *session.Engine {
	t.Helper()
	opts = append([]session.Option{session.WithTransport(vendor), session.WithObserver(observer)}, opts...)
	engine, err := session.New(driver{}, "https://api.acme.example", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(context.Background()) })
	return engine
}

// call makes a call that needs a session.
func call(ctx context.Context, engine *session.Engine) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.acme.example/data", nil)
	if err != nil {
		return 0, err
	}
	resp, err := engine.Transport().RoundTrip(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

func wantCall(ctx context.Context, t *testing.T, engine *session.Engine) {
	t.Helper()
	if status, err := call(ctx, engine); err != nil || status != http.StatusOK {
		t.Errorf("call: status %d, error %v", status, err)
	}
}
