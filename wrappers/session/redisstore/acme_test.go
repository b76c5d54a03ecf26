package redisstore_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// acme is a vendor within the test, as an http.RoundTripper: /login opens a
// session, /refresh replaces it for a refresh token that is good for once, any
// other path needs one.
type acme struct {
	mu      sync.Mutex
	tokens  []string // of open sessions
	spare   []string // refresh tokens that are good
	spent   []string
	secrets []string
	logins  int
	renewed int
	reused  int
	waiting func() // called during a sign-in, unless nil
}

func (a *acme) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte{}
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	a.mu.Lock()
	wait := a.waiting
	a.mu.Unlock()
	if wait != nil && req.URL.Path == "/login" {
		wait()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch req.URL.Path {
	case "/login":
		a.logins++
		return a.open(), nil
	case "/refresh":
		var asked struct{ Refresh string }
		_ = json.Unmarshal(body, &asked)
		if slices.Contains(a.spent, asked.Refresh) {
			a.reused++
		}
		if i := slices.Index(a.spare, asked.Refresh); i >= 0 {
			a.spare = slices.Delete(a.spare, i, i+1)
			a.spent = append(a.spent, asked.Refresh)
			a.renewed++
			return a.open(), nil
		}
		return reply(http.StatusBadRequest, map[string]string{"error": "refresh token"}), nil
	}
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !slices.Contains(a.tokens, token) {
		return reply(http.StatusUnauthorized, map[string]string{"error": "no session"}), nil
	}
	return reply(http.StatusOK, map[string]string{"path": req.URL.Path}), nil
}

func (a *acme) open() *http.Response {
	token, refresh := "token-"+rand.Text(), "refresh-"+rand.Text()
	a.tokens, a.spare = append(a.tokens, token), append(a.spare, refresh)
	a.secrets = append(a.secrets, token, refresh)
	return reply(http.StatusOK, map[string]string{"token": token, "refresh": refresh})
}

// revoke ends all sessions; their refresh tokens stay good.
func (a *acme) revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens = nil
}

func (a *acme) counts() (logins, renewed, reused int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.logins, a.renewed, a.reused
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

func (d driver) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	return d.ask(ctx, client, "login", rest.Object{"password": json.RawMessage(`"correct horse"`)})
}

func (d driver) Refresh(ctx context.Context, client *rest.Client, g *session.Grant) (*session.Grant, error) {
	token, err := json.Marshal(g.Refresh.Reveal())
	if err != nil {
		return nil, err
	}
	return d.ask(ctx, client, "refresh", rest.Object{"refresh": token})
}

func (driver) ask(ctx context.Context, client *rest.Client, name string, body rest.Object) (*session.Grant, error) {
	r := client.NewRequest(&rest.Operation{Vendor: "acme", ID: name, Method: http.MethodPost, Path: "/" + name, Sensitive: true}, nil)
	r.Literal("/" + name)
	r.JSON("application/json", body)
	got, err := rest.Do[rest.Object](ctx, r)
	if err != nil {
		return nil, err
	}
	var token, refresh string
	_ = json.Unmarshal((*got)["token"], &token)
	_ = json.Unmarshal((*got)["refresh"], &refresh)
	return &session.Grant{Token: rest.NewSecret(token), Refresh: rest.NewSecret(refresh), Lifetime: time.Hour}, nil
}

// A process is an engine, as each process of a fleet has one.
type process struct {
	engine *session.Engine
	client *http.Client
	seen   seen
}

// seen is an observer that keeps the events.
type seen struct {
	mu     sync.Mutex
	events []session.Event
}

func (s *seen) Observe(_ context.Context, event session.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, event)
}

func (s *seen) count(kind session.EventKind) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, event := range s.events {
		if event.Kind == kind {
			n++
		}
	}
	return n
}

func newProcess(t *testing.T, vendor http.RoundTripper, store session.Store, opts ...session.Option) *process {
	t.Helper()
	p := &process{}
	opts = append([]session.Option{
		session.WithTransport(vendor), session.WithStore(store), session.WithObserver(&p.seen), session.WithReloginBudget(100, time.Second),
	}, opts...)
	engine, err := session.New(driver{}, "https://api.acme.example", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(context.Background()) })
	p.engine, p.client = engine, &http.Client{Transport: engine.Transport()}
	return p
}

// call makes a call that needs a session.
func (p *process) call(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.acme.example/data", nil)
	if err != nil {
		return 0, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// wantCall wants a call to go well.
func (p *process) wantCall(t *testing.T) {
	t.Helper()
	if status, err := p.call(t.Context()); err != nil || status != http.StatusOK {
		t.Errorf("call: status %d, error %v", status, err)
	}
}

// wantCounts compares what acme was asked for.
func wantCounts(t *testing.T, a *acme, logins, renewed int) {
	t.Helper()
	gotLogins, gotRenewed, reused := a.counts()
	if gotLogins != logins || gotRenewed != renewed || reused != 0 {
		t.Errorf("%d logins, %d renewals, %d reused tokens, want %d, %d, 0", gotLogins, gotRenewed, reused, logins, renewed)
	}
}
