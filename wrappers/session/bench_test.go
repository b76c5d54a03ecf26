package session_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// An instantly answering transport: what is measured is the rest.
type instant struct{ resp *http.Response }

func (i instant) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/login") {
		return (*http.Response)(answer(200, map[string]any{"token": "0123456789abcdef0123456789abcdef"})), nil
	}
	resp := *i.resp
	return &resp, nil
}

// headerOnly is what a hand-written wrapper does: it sets a header in a clone.
type headerOnly struct {
	base  http.RoundTripper
	token string
}

func (h headerOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	clone := req.Clone(req.Context())
	clone.Header.Set("Authorization", "Bearer "+h.token)
	return h.base.RoundTrip(clone)
}

func benchRequest(b testing.TB) *http.Request {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, baseURL+"/data", nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header = http.Header{"Accept": {"application/json"}, "User-Agent": {"bench"}}
	return req
}

func benchTransports(b testing.TB, idle time.Duration) map[string]http.RoundTripper {
	base := instant{&http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody}}
	json := instant{&http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1, Body: readable{}}}
	return map[string]http.RoundTripper{
		"base":              base,
		"header only":       headerOnly{base, "0123456789abcdef0123456789abcdef"},
		"session":           benchEngine(b, base, idle).Transport(),
		"session and peek":  benchEngine(b, json, idle).Transport(),
		"header only, JSON": headerOnly{json, "0123456789abcdef0123456789abcdef"},
	}
}

// readable is a body that is always at its beginning.
type readable struct{}

func (readable) Read(p []byte) (int, error) {
	return copy(p, `{"status":{"code":200},"data":{}}`), io.EOF
}
func (readable) Close() error { return nil }

func benchEngine(b testing.TB, base http.RoundTripper, idle time.Duration) *session.Engine {
	e, err := session.New(&driver{password: func() string { return "x" }, idle: idle}, baseURL, session.WithTransport(base))
	if err != nil {
		b.Fatal(err)
	}
	if err := e.SignIn(context.Background()); err != nil {
		b.Fatal(err)
	}
	return e
}

// BenchmarkCall measures what a session costs per call, beside a transport that
// answers at once.
func BenchmarkCall(b *testing.B) {
	for _, idle := range []time.Duration{0, 15 * time.Minute} {
		transports := benchTransports(b, idle)
		for _, name := range []string{"base", "header only", "session", "header only, JSON", "session and peek"} {
			rt := transports[name]
			b.Run(fmt.Sprintf("%s/idle %v", name, idle), func(b *testing.B) {
				req := benchRequest(b)
				b.ReportAllocs()
				for b.Loop() {
					resp, err := rt.RoundTrip(req)
					if err != nil {
						b.Fatal(err)
					}
					_ = resp.Body.Close()
				}
			})
		}
	}
}

// BenchmarkCallParallel measures the same with many goroutines on one engine.
func BenchmarkCallParallel(b *testing.B) {
	transports := benchTransports(b, 0)
	for _, name := range []string{"header only", "session"} {
		rt := transports[name]
		for _, n := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					req := benchRequest(b)
					for pb.Next() {
						resp, err := rt.RoundTrip(req)
						if err != nil {
							b.Error(err)
							return
						}
						_ = resp.Body.Close()
					}
				})
			})
		}
	}
}

// BenchmarkAcquire measures finding the session that is there.
func BenchmarkAcquire(b *testing.B) {
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := benchEngine(b, instant{}, 15*time.Minute)
			b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					session.AcquireAndLeave(e)
				}
			})
		})
	}
}

// BenchmarkPool measures finding an account among many, beside a map without a
// lock that holds as many, and what an account costs that is signed in and idle.
func BenchmarkPool(b *testing.B) {
	const accounts = 100_000
	pool := session.NewPool(0, func(key string, shared session.Option) (*session.Engine, error) {
		return session.New(&account{key: key}, baseURL, shared)
	}, session.WithTransport(instant{}))
	keys := make([]string, accounts)
	for i := range keys {
		keys[i] = fmt.Sprintf("account-%06d@example.com", i)
	}
	goroutines, before := runtime.NumGoroutine(), heap()
	for _, key := range keys {
		if err := pool.Do(key, func(e *session.Engine) error { return e.SignIn(context.Background()) }); err != nil {
			b.Fatal(err)
		}
	}
	perAccount := float64(heap()-before) / accounts
	extra := runtime.NumGoroutine() - goroutines
	for _, n := range []int{1, 64} {
		for _, used := range []int{1000, accounts} { // how many are in use at a time
			b.Run(fmt.Sprintf("%d/%d", n, used), func(b *testing.B) {
				b.SetParallelism(max(n/runtime.GOMAXPROCS(0), 1))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for i := 0; pb.Next(); i++ {
						_ = pool.Do(keys[i*7919%used], func(*session.Engine) error { return nil })
					}
				})
				b.ReportMetric(perAccount, "B/account")
				b.ReportMetric(float64(extra), "goroutines")
			})
		}
	}
	runtime.KeepAlive(pool)
	plain := map[string]*atomic.Int64{}
	for _, key := range keys {
		plain[key] = new(atomic.Int64)
	}
	b.Run(fmt.Sprintf("map/%d", accounts), func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			plain[keys[i*7919%accounts]].Add(1)
		}
	})
}

// heap returns how much memory is in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// account is a driver as small as one of a service with many accounts.
type account struct{ key string }

func (a *account) Vendor() string { return "acme" }
func (a *account) SignIn(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
	token := fmt.Sprintf("%032d", len(a.key))
	return &session.Grant{Token: rest.NewSecret(token), Lifetime: time.Hour, Idle: 15 * time.Minute, Subject: a.key}, nil
}
func (a *account) Apply(h http.Header, g *session.Grant) {
	h["Authorization"] = []string{"Bearer " + g.Token.Reveal()}
}
func (a *account) SecretHeaders() []string { return []string{"Authorization"} }
func (a *account) Judge(resp *http.Response, _ string) session.Verdict {
	return session.JudgeStatus(resp)
}

// The numbers that are gates: allocations do not depend on the machine.
func TestAllocationsPerCall(t *testing.T) {
	for name, most := range map[string]float64{"session": 4, "session and peek": 4} {
		rt := benchTransports(t, 15*time.Minute)[name]
		req := benchRequest(t)
		base := testing.AllocsPerRun(1000, func() {
			if resp, err := rt.RoundTrip(req); err == nil {
				_ = resp.Body.Close()
			}
		})
		if got := base - 1; got > most { // one is the answer
			t.Errorf("%s: %v allocations per call, want at most %v", name, got, most)
		}
	}
	e := benchEngine(t, instant{}, 15*time.Minute)
	if got := testing.AllocsPerRun(1000, func() { session.AcquireAndLeave(e) }); got != 0 {
		t.Errorf("finding the session takes %v allocations", got)
	}
}
