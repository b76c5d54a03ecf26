package session_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A site is a vendor behind real servers; every host name leads to them.
type site struct {
	*vendor
	mu      sync.Mutex
	got     []*http.Request // by any host
	bodies  []string
	handle  func(w http.ResponseWriter, r *http.Request, body string) bool
	plain   *httptest.Server
	secure  *httptest.Server
	connect atomic.Int64
}

func newSite(t *testing.T, http2 bool) *site {
	t.Helper()
	s := &site{vendor: newVendor()}
	s.plain = httptest.NewServer(s)
	s.secure = httptest.NewUnstartedServer(s)
	s.secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.secure.EnableHTTP2 = http2
	s.secure.StartTLS()
	t.Cleanup(s.plain.Close)
	t.Cleanup(s.secure.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.handle != nil && s.handle(w, r, token) {
		return
	}
	data, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.got = append(s.got, r)
	s.bodies = append(s.bodies, string(data))
	s.mu.Unlock()
	resp := s.vendor.handle(r, strings.TrimPrefix(r.URL.Path, "/base"), token, string(data))
	defer func() { _ = resp.Body.Close() }()
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

// transport leads every name to the servers: port 443 and 8443 to the secure
// one, 80 to the plain one.
func (s *site) transport() *http.Transport {
	return &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2: s.secure.EnableHTTP2,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			s.connect.Add(1)
			to := s.secure.Listener.Addr().String()
			if strings.HasSuffix(addr, ":80") {
				to = s.plain.Listener.Addr().String()
			}
			return (&net.Dialer{}).DialContext(ctx, network, to)
		},
	}
}

func (s *site) engine(t *testing.T) *session.Engine {
	t.Helper()
	transport := s.transport()
	e, err := session.New(refresher{newDriver(s.vendor)}, "https://api.a.test/base", session.WithTransport(transport))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = e.Close(context.Background())
		transport.CloseIdleConnections()
		s.check(t)
	})
	return e
}

func TestF27RedirectsToAnotherOrigin(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	get(t, e)
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"https://b.test/x", "https://sub.api.a.test/x", "https://a.test/x", "https://api.a.test:8443/x", "http://api.a.test/x"} {
			s.handle = func(w http.ResponseWriter, r *http.Request, _ string) bool {
				if r.URL.Path == "/base/leave" {
					http.Redirect(w, r, to, code)
					return true
				}
				return false
			}
			s.got = nil
			resp := send(t, e.Client(), "/leave")
			want(t, "status", resp, code)
			want(t, fmt.Sprintf("requests that followed %d to %s", code, to), len(s.got), 0)

			// A careless client follows, but takes no session along.
			careless := &http.Client{Transport: e.Transport(), Jar: nil}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.a.test/base/leave", strings.NewReader("text"))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := careless.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			for _, r := range s.got {
				for _, name := range []string{"Authorization", "X-Api-Key", "Cookie"} {
					if r.Header.Get(name) != "" && r.Host != "api.a.test" {
						t.Errorf("%d to %s: %s leaks", code, to, name)
					}
				}
			}
		}
	}
}

func TestF27ChainsOfRedirects(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	get(t, e)
	s.handle = func(w http.ResponseWriter, r *http.Request, token string) bool {
		switch r.URL.Path {
		case "/base/leave":
			http.Redirect(w, r, "https://b.test/1", http.StatusFound)
		case "/1":
			http.Redirect(w, r, "https://api.a.test.b.test/2", http.StatusFound)
		case "/2":
			http.Redirect(w, r, "https://b.test/3", http.StatusFound)
		default:
			return false
		}
		if r.Host != "api.a.test" && token != "" {
			t.Errorf("%s got the session", r.Host)
		}
		return true
	}
	careless := &http.Client{Transport: e.Transport()}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.a.test/base/leave", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := careless.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if last := s.got[len(s.got)-1]; last.Header.Get("Authorization") != "" {
		t.Error("the last host got the session")
	}
}

func TestF27CookiesAreNotKept(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	s.handle = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Header.Get("Cookie") != "" {
			t.Error("a cookie came back")
		}
		w.Header().Set("Set-Cookie", "session=1; Path=/")
		return false
	}
	get(t, e)
	get(t, e)
}

func TestF09PasswordGoesToOneServerOnly(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	s.handle = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.URL.Path == "/base/login" {
			http.Redirect(w, r, "http://b.test/steal", http.StatusTemporaryRedirect)
			return true
		}
		return false
	}
	wantIs(t, e.SignIn(t.Context()), session.ErrRedirected)
	want(t, "requests to other servers", len(s.got), 0)
}

func TestF03NothingIsSentIfTheHandshakeFails(t *testing.T) {
	s := newSite(t, false)
	e, err := session.New(newDriver(s.vendor), s.secure.URL) // whose certificate nobody trusts
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close(t.Context()) }()
	for range 3 {
		err = e.SignIn(t.Context())
	}
	wait := (*session.BackoffError)(nil)
	if !errors.As(err, &wait) || wait.After > time.Second {
		t.Errorf("got %v, want a short wait, since no password was sent", err)
	}
}

func TestF05ServerCutsTheAnswer(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	s.handle = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.URL.Path != "/base/login" {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}
	wait := (*session.BackoffError)(nil)
	if err := e.SignIn(t.Context()); !errors.As(err, &wait) || wait.After < 29*time.Second {
		t.Errorf("got %v, want a long wait, since the password was sent", err)
	}
}

func TestF10EarlyRefusalOfAnUpload(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2 %t", http2), func(t *testing.T) {
			s := newSite(t, http2)
			e := s.engine(t)
			get(t, e)
			s.revoke()
			s.handle = func(w http.ResponseWriter, r *http.Request, token string) bool {
				s.vendor.mu.Lock()
				alive := s.find(token) != nil
				s.vendor.mu.Unlock()
				if r.URL.Path != "/base/upload" || alive {
					return false
				}
				w.WriteHeader(http.StatusUnauthorized) // without reading the body
				return true
			}
			body := strings.Repeat("0123456789abcdef", 1<<20/16*4)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.a.test/base/upload", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := e.Transport().RoundTrip(req)
			if err != nil {
				// On HTTP/1.1 the write may fail before the refusal is read.
				t.Skipf("the transport lost the refusal: %v", err)
			}
			_ = resp.Body.Close()
			want(t, "status", resp.StatusCode, 200)
			want(t, "body", s.bodies[len(s.bodies)-1] == body, true)
		})
	}
}

func TestF10RefusalThatClosesTheConnection(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	get(t, e)
	s.revoke()
	s.handle = func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		w.Header().Set("Connection", "close")
		return false
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.a.test/base/data", strings.NewReader("text"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	want(t, "status", resp.StatusCode, 200)
	want(t, "body", s.bodies[len(s.bodies)-1], "text")
}

func TestF10RefusalsAreDrainedForReuse(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	for range 2 {
		get(t, e)
		s.revoke()
	}
	want(t, "connections", s.connect.Load(), 1)
}

func TestF33EventsArriveAtOnce(t *testing.T) {
	s := newSite(t, false)
	e := s.engine(t)
	release := make(chan struct{})
	s.handle = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.URL.Path != "/base/events" {
			return false
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-release
		return true
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.a.test/base/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 9)
	if _, err := io.ReadFull(resp.Body, buf); err != nil || string(buf) != "data: 1\n\n" {
		t.Errorf("got %q, %v", buf, err)
	}
	close(release)
	_ = resp.Body.Close()
}

// get makes a call that has to succeed.
func get(t *testing.T, e *session.Engine) {
	t.Helper()
	want(t, "status", send(t, e.Client(), "/data"), 200)
}

// send makes a call through generated code and returns the status.
func send(t *testing.T, client *rest.Client, path string) int {
	t.Helper()
	var resp *http.Response
	r := client.NewRequest(operation("data", http.MethodGet, true), []rest.CallOption{rest.WithResponse(&resp)})
	r.Literal(path)
	if err := rest.DoEmpty(t.Context(), r); resp == nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}
