package session_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(overheard{m}) }

// overheard runs the tests and looks for their secrets in all that the process
// writes to its output.
type overheard struct{ *testing.M }

func (o overheard) Run() int {
	read, write, err := os.Pipe()
	if err != nil {
		return 1
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = write, write
	log.SetOutput(write)
	var said bytes.Buffer
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.MultiWriter(stdout, &said), read)
		done <- err
	}()
	code := o.M.Run()
	_ = write.Close()
	os.Stdout, os.Stderr = stdout, stderr
	log.SetOutput(stderr)
	if err := <-done; err != nil {
		code = 1
	}
	if shown := everySecret.find(said.String()); shown != "" && code == 0 {
		fmt.Fprintln(stderr, "the tests printed a secret: …"+shown+"…")
		code = 1
	}
	return code
}

// everySecret knows the secrets of all tests.
var everySecret sentinel

const baseURL = "https://api.acme.example/base"

// A sentinel knows all secrets of a test and all that was printed in it.
type sentinel struct {
	mu      sync.Mutex
	secrets []string
	printed bytes.Buffer
}

// secret returns a new secret.
func (s *sentinel) secret(prefix string) string {
	raw := make([]byte, 12)
	_, _ = rand.Read(raw)
	text := prefix + "+/" + hex.EncodeToString(raw) + "=="
	for _, all := range []*sentinel{s, &everySecret} {
		all.mu.Lock()
		all.secrets = append(all.secrets, text)
		all.mu.Unlock()
	}
	return text
}

func (s *sentinel) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.printed.Write(p)
}

// dump prints a value in all ways that programs print values.
func (s *sentinel) dump(values ...any) {
	for _, v := range values {
		fmt.Fprintf(s, "%v\n%+v\n%#v\n%s\n%q\n%x\n", v, v, v, v, v, v)
		slog.New(slog.NewTextHandler(s, nil)).Info("dump", "value", v)
		slog.New(slog.NewJSONHandler(s, nil)).Info("dump", "value", v)
		if err, ok := v.(error); ok {
			for ; err != nil; err = errors.Unwrap(err) {
				fmt.Fprintf(s, "%v\n%+v\n%#v\n", err, err, err)
			}
		}
	}
}

// check fails the test if a secret was printed.
func (s *sentinel) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	printed := s.printed.String()
	s.mu.Unlock()
	if shown := s.find(printed); shown != "" {
		t.Errorf("secret printed: …%s…", shown)
	}
}

// find returns where one of the secrets stands in a text, in any form.
func (s *sentinel) find(printed string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if printed == "" {
		return ""
	}
	for _, secret := range s.secrets {
		forms := []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)),
			strings.ToUpper(hex.EncodeToString([]byte(secret))), strings.Trim(strconv.Quote(secret), `"`),
			base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
			base64.RawStdEncoding.EncodeToString([]byte("me:" + secret)),
			secret[5 : len(secret)-2],
		}
		for _, form := range forms {
			if i := strings.Index(printed, form); i >= 0 {
				return printed[max(0, i-200):min(len(printed), i+len(form)+50)]
			}
		}
	}
	return ""
}

// A vsession is a session at the vendor.
type vsession struct {
	token, refresh string
	opened, used   time.Time
	dead           bool
}

// A sent request is what the vendor saw of a request.
type sentRequest struct {
	method, path, token, body, url string
	header                         http.Header
	at                             time.Time
}

// A reply is what a vendor answers.
type reply http.Response

// A vendor is an http.RoundTripper with a vendor behind it.
type vendor struct {
	*sentinel
	mu        sync.Mutex
	password  string
	lifetime  time.Duration // 0 is for ever
	told      any           // expiresIn as told; nil tells lifetime
	idle      time.Duration
	rotate    bool // hand out refresh tokens, each good for once
	single    bool // a sign-in ends the other sessions
	loginTime time.Duration
	dataTime  time.Duration
	factor    string // code wanted; empty wants none
	lockAfter int    // failed sign-ins within 15 minutes that lock the account; 0 is never

	// before may answer a request before it has an effect, after once it had.
	before, after func(req *http.Request, body string) (*reply, error)

	sessions []*vsession
	spent    map[string]bool // refresh tokens used
	reused   int             // uses of spent refresh tokens
	failures []time.Time
	locked   time.Time
	lockouts int
	requests []sentRequest
	effects  map[string]int // bodies of POST requests that were carried out
	busy     int            // sign-ins and refreshes under way
	busiest  int
}

// RoundTrip implements http.RoundTripper.
func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		data, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		body = string(data)
	}
	path := strings.TrimPrefix(req.URL.Path, "/base")
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	v.mu.Lock()
	v.requests = append(v.requests, sentRequest{
		method: req.Method, path: path, token: token, body: body, url: req.URL.String(), header: req.Header.Clone(), at: time.Now(),
	})
	wait := v.dataTime
	before, after := v.before, v.after
	signing := path == "/login" || path == "/refresh" || path == "/factor"
	if signing {
		wait = v.loginTime
		v.busy++
		v.busiest = max(v.busiest, v.busy)
	}
	v.mu.Unlock()
	defer func() {
		if signing {
			v.mu.Lock()
			v.busy--
			v.mu.Unlock()
		}
	}()
	if before != nil {
		if resp, err := before(req, body); resp != nil || err != nil {
			return (*http.Response)(resp), err
		}
	}
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	resp := v.handle(req, path, token, body)
	if after != nil {
		if other, err := after(req, body); other != nil || err != nil {
			return (*http.Response)(other), err
		}
	}
	return (*http.Response)(resp), nil
}

func (v *vendor) handle(req *http.Request, path, token, body string) *reply {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch path {
	case "/login":
		return v.login(body)
	case "/factor":
		if member(body, "code") != v.factor {
			return answer(http.StatusUnauthorized, map[string]any{"error": "wrong code"})
		}
		return v.open(nil)
	case "/refresh":
		return v.refresh(body)
	case "/ping", "/public":
		return answer(http.StatusOK, map[string]any{"ok": true})
	}
	s := v.find(token)
	if s == nil {
		return answer(http.StatusUnauthorized, map[string]any{"error": "no session"})
	}
	s.used = time.Now()
	switch {
	case path == "/logout":
		s.dead = true
		return answer(http.StatusOK, map[string]any{})
	case strings.HasPrefix(path, "/forbidden"):
		return answer(http.StatusUnauthorized, map[string]any{"error": "not for you"})
	default:
		if req.Method == http.MethodPost {
			v.effects[body]++
		}
		return answer(http.StatusOK, map[string]any{"path": path, "body": body})
	}
}

func (v *vendor) login(body string) *reply {
	now := time.Now()
	if now.Before(v.locked) {
		resp := answer(http.StatusLocked, map[string]any{"error": "locked"})
		resp.Header.Set("Retry-After", strconv.Itoa(int(v.locked.Sub(now)/time.Second)+1))
		return resp
	}
	if member(body, "password") != v.password {
		v.failures = append(v.failures, now)
		recent := 0
		for _, at := range v.failures {
			if now.Sub(at) < 15*time.Minute {
				recent++
			}
		}
		if v.lockAfter > 0 && recent >= v.lockAfter {
			v.locked = now.Add(15 * time.Minute)
			v.lockouts++
		}
		return answer(http.StatusUnauthorized, map[string]any{"error": "wrong password " + member(body, "password")})
	}
	v.failures = nil
	if v.factor != "" {
		return answer(http.StatusOK, map[string]any{"factor": true})
	}
	return v.open(nil)
}

func (v *vendor) refresh(body string) *reply {
	token := member(body, "refresh")
	if v.spent[token] {
		v.reused++
		for _, s := range v.sessions {
			s.dead = s.dead || s.refresh != ""
		}
	}
	for _, s := range v.sessions {
		if s.refresh == token && !s.dead && !v.spent[token] {
			if v.spent == nil {
				v.spent = map[string]bool{}
			}
			v.spent[token] = true
			return v.open(s)
		}
	}
	return answer(http.StatusUnauthorized, map[string]any{"error": "refresh token"})
}

// open opens a session in place of another one.
func (v *vendor) open(old *vsession) *reply {
	if old != nil {
		old.dead = true
	}
	if v.single {
		for _, s := range v.sessions {
			s.dead = true
		}
	}
	now := time.Now()
	s := &vsession{token: v.secret("tk"), opened: now, used: now}
	told := map[string]any{"token": s.token}
	if v.rotate {
		s.refresh = v.secret("rf")
		told["refresh"] = s.refresh
	}
	if v.lifetime > 0 {
		told["expiresIn"] = v.lifetime.Seconds()
	}
	if v.told != nil {
		told["expiresIn"] = v.told
	}
	v.sessions = append(v.sessions, s)
	return answer(http.StatusOK, told)
}

// find returns the session with a token if it is alive.
func (v *vendor) find(token string) *vsession {
	for _, s := range v.sessions {
		if s.token != token || s.dead {
			continue
		}
		now := time.Now()
		if v.lifetime > 0 && now.Sub(s.opened) >= v.lifetime || v.idle > 0 && now.Sub(s.used) >= v.idle {
			return nil
		}
		return s
	}
	return nil
}

// revoke ends all sessions.
func (v *vendor) revoke() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.sessions {
		s.dead = true
	}
}

// alive counts the sessions that are open.
func (v *vendor) alive() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, s := range v.sessions {
		if v.find(s.token) != nil {
			n++
		}
	}
	return n
}

// count counts the requests to a path.
func (v *vendor) count(path string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, r := range v.requests {
		if r.path == path {
			n++
		}
	}
	return n
}

// seen returns a copy of the requests.
func (v *vendor) seen() []sentRequest {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]sentRequest(nil), v.requests...)
}

func (v *vendor) set(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

// on returns a fault for one path.
func on(path string, f func() (*reply, error)) func(*http.Request, string) (*reply, error) {
	return func(req *http.Request, _ string) (*reply, error) {
		if strings.HasSuffix(req.URL.Path, path) {
			return f()
		}
		return nil, nil
	}
}

func status(code int) func() (*reply, error) {
	return func() (*reply, error) { return answer(code, map[string]any{"error": "on purpose"}), nil }
}

// answer makes a JSON answer.
func answer(status int, body any) *reply {
	data, _ := json.Marshal(body)
	return text(status, "application/json", string(data))
}

func text(status int, contentType, body string) *reply {
	return &reply{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {contentType}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
}

// member returns a member of a JSON object as text.
func member(body, name string) string {
	object := map[string]any{}
	if json.Unmarshal([]byte(body), &object) != nil {
		return ""
	}
	s, _ := object[name].(string)
	return s
}

// A driver signs in at a vendor.
type driver struct {
	password func() string
	version  func() string
	subject  string
	idle     time.Duration
	factor   session.ChallengeKind
	signIn   func(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error)
	judge    func(resp *http.Response, body string) session.Verdict
}

func (d *driver) Vendor() string { return "acme" }

func operation(id, method string, inSession bool) *rest.Operation {
	return &rest.Operation{
		Vendor: "acme", ID: id, Method: method, Path: "/" + id, Session: inSession, Sensitive: true,
		Failure: &rest.Failure{Code: []string{"code"}, Message: []string{"error"}},
	}
}

// post calls an operation with members of a JSON object.
func post(ctx context.Context, client *rest.Client, id string, inSession bool, members ...string) (rest.Object, error) {
	r := client.NewRequest(operation(id, http.MethodPost, inSession), nil)
	r.Literal("/" + id)
	body := rest.Object{}
	for i := 0; i+1 < len(members); i += 2 {
		body[members[i]], _ = json.Marshal(members[i+1])
	}
	r.JSON("application/json", body)
	got, err := rest.Do[rest.Object](ctx, r)
	if err != nil {
		return nil, err
	}
	return *got, nil
}

func textOf(o rest.Object, name string) string {
	var s string
	_ = json.Unmarshal(o[name], &s)
	return s
}

func (d *driver) SignIn(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
	if d.signIn != nil {
		return d.signIn(ctx, client, answer)
	}
	got, err := post(ctx, client, "login", false, "password", d.password())
	if err != nil {
		return nil, err
	}
	if string(got["factor"]) == "true" {
		return session.Ask(ctx, answer, session.Challenge{Kind: d.factor}, func(code rest.Secret) (*session.Grant, error) {
			got, err := post(ctx, client, "factor", false, "code", code.Reveal())
			if err != nil {
				return nil, err
			}
			return d.grant(got)
		})
	}
	return d.grant(got)
}

func (d *driver) grant(got rest.Object) (*session.Grant, error) {
	g := &session.Grant{Token: rest.NewSecret(textOf(got, "token")), Refresh: rest.NewSecret(textOf(got, "refresh")), Idle: d.idle, Subject: d.subject}
	if g.Token.IsZero() {
		return nil, errors.New("the answer has no token")
	}
	var seconds float64
	if json.Unmarshal(got["expiresIn"], &seconds) == nil {
		g.Lifetime = time.Duration(seconds * float64(time.Second))
	}
	return g, nil
}

func (d *driver) Apply(h http.Header, g *session.Grant) {
	h.Set("Authorization", "Bearer "+g.Token.Reveal())
}

func (d *driver) SecretHeaders() []string { return []string{"authorization", "X-Api-Key"} }

func (d *driver) Judge(resp *http.Response, body string) session.Verdict {
	if d.judge != nil {
		return d.judge(resp, body)
	}
	return session.JudgeStatus(resp)
}

func (d *driver) Subject() string { return d.subject }

func (d *driver) CredentialVersion() string {
	if d.version == nil {
		return "1"
	}
	return d.version()
}

// refresher is a driver that refreshes.
type refresher struct{ *driver }

func (d refresher) Refresh(ctx context.Context, client *rest.Client, g *session.Grant) (*session.Grant, error) {
	got, err := post(ctx, client, "refresh", false, "refresh", g.Refresh.Reveal())
	if err != nil {
		return nil, err
	}
	return d.grant(got)
}

// revoker is a driver that signs out.
type revoker struct{ *driver }

func (d revoker) SignOut(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	_, err := post(ctx, client, "logout", true)
	return err
}

// everything is a driver that can do all.
type everything struct {
	refresher
	revoker
	*driver
}

func (d everything) Touch(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	_, err := post(ctx, client, "touch", true)
	return err
}

// A harness is an engine with a vendor behind it.
type harness struct {
	*vendor
	t      *testing.T
	driver *driver
	engine *session.Engine
	client *http.Client
	events *events
}

// events keeps what an observer was told.
type events struct {
	mu   sync.Mutex
	seen []session.Event
}

func (o *events) Observe(_ context.Context, e session.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, e)
}

func (o *events) count(kind session.EventKind) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, e := range o.seen {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// newVendor returns a vendor with a password.
func newVendor() *vendor {
	v := &vendor{sentinel: &sentinel{}, effects: map[string]int{}}
	v.password = v.secret("pw")
	return v
}

func newDriver(v *vendor) *driver {
	password := v.password
	return &driver{password: func() string { return password }, subject: "me@acme.example", factor: session.ChallengeTOTP}
}

// A kind makes a driver out of the parts.
type kind func(*driver) session.Driver

func plain(d *driver) session.Driver      { return d }
func refreshing(d *driver) session.Driver { return refresher{d} }
func revoking(d *driver) session.Driver   { return revoker{d} }
func full(d *driver) session.Driver       { return everything{refresher{d}, revoker{d}, d} }

// start makes an engine for a vendor.
func start(t *testing.T, v *vendor, d *driver, k kind, opts ...session.Option) *harness {
	t.Helper()
	h := &harness{vendor: v, t: t, driver: d, events: &events{}}
	logger := slog.New(slog.NewJSONHandler(v.sentinel, &slog.HandlerOptions{Level: slog.LevelDebug}))
	all := append([]session.Option{
		session.WithTransport(v), session.WithLogger(logger), session.WithObserver(h.events), session.WithTimeout(0),
	}, opts...)
	engine, err := session.New(k(d), baseURL, all...)
	if err != nil {
		t.Fatal(err)
	}
	h.engine = engine
	h.client = &http.Client{Transport: engine.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() { h.stop() })
	return h
}

// new makes an engine with a vendor of its own.
func newHarness(t *testing.T, k kind, opts ...session.Option) *harness {
	t.Helper()
	v := newVendor()
	return start(t, v, newDriver(v), k, opts...)
}

// stop closes the engine and looks for secrets in all that was printed.
func (h *harness) stop() {
	h.t.Helper()
	h.dump(h.engine, h.driver, h.engine.Status())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.engine.Close(ctx); err != nil {
		h.dump(err)
	}
	h.events.mu.Lock()
	for _, e := range h.events.seen {
		h.dump(e)
	}
	h.events.mu.Unlock()
	h.check(h.t)
}

// do sends a request and returns the status and the body of the answer.
func (h *harness) do(ctx context.Context, method, path string, body io.Reader) (int, string, error) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, baseURL+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		h.dump(err)
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.Request != nil {
		h.dump(resp.Request.Header, session.Reason(resp))
	}
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// get makes a call and returns its status; it wants no error.
func (h *harness) get(path string) int {
	h.t.Helper()
	code, _, err := h.do(context.Background(), http.MethodGet, path, nil)
	if err != nil {
		h.t.Errorf("GET %s: %v", path, err)
	}
	return code
}

// fail makes a call and returns its error; it wants one.
func (h *harness) fail(path string) error {
	h.t.Helper()
	code, _, err := h.do(context.Background(), http.MethodGet, path, nil)
	if err == nil {
		h.t.Errorf("GET %s: no error but status %d", path, code)
	}
	return err
}

// want compares.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got error %v, want one that is %v", err, target)
	}
}

// together runs n goroutines and waits for them.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
