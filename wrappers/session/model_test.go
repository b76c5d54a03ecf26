package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// TestModel drives engines with random actions, and compares what they do with
// a model of the vendor: what it counts, locks and has done.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := worlds[rapid.IntRange(0, len(worlds)-1).Draw(rt, "world")]
		w.rotate = rapid.Bool().Draw(rt, "refresh tokens")
		w.single = rapid.Bool().Draw(rt, "one session per user")
		w.lifetime = rapid.SampledFrom([]time.Duration{0, 30 * time.Second, time.Hour}).Draw(rt, "lifetime")
		w.idle = rapid.SampledFrom([]time.Duration{0, 15 * time.Minute}).Draw(rt, "idle")
		actions := rapid.SliceOfN(action(w), 10, 60).Draw(rt, "actions")
		var fault string
		synctest.Test(t, func(t *testing.T) {
			m := newModel(t, w)
			defer m.stop()
			for i, a := range actions {
				m.do(a)
				m.rest()
				if fault = m.check(); fault != "" {
					fault = fmt.Sprintf("after action %d, %v: %s", i, a, fault)
					return
				}
			}
		})
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

// A world is what a model is made of.
type world struct {
	name           string
	processes      int
	store          bool
	fragile        bool // the store fails at times
	rotate, single bool
	lifetime, idle time.Duration
}

var worlds = []world{
	{name: "alone", processes: 1},
	{name: "kept", processes: 1, store: true},
	{name: "shared", processes: 3, store: true},
	{name: "fragile", processes: 3, store: true, fragile: true},
}

// A step is one action.
type step struct {
	kind    string
	process int
	n       int
	wait    time.Duration
}

func action(w world) *rapid.Generator[step] {
	kinds := []string{
		"call", "post", "everyone", "everyone", "hammer", "hammer", "forbidden", "burst", "late", "impatient", "elsewhere",
		"wait", "wait", "sleep", "revoke", "change password", "change password", "fix password", "sign in",
		"login down", "login cut before", "login cut after", "login garbage", "refresh down", "refresh cut after", "all cut after",
		"data down", "data cut after", "up", "up", "up",
	}
	switch {
	case w.fragile:
		kinds = append(kinds, "store down", "store down", "store up")
	case w.store:
		kinds = append(kinds, "restart", "killed", "killed")
	default:
		kinds = append(kinds, "jump")
	}
	return rapid.Custom(func(rt *rapid.T) step {
		return step{
			kind:    rapid.SampledFrom(kinds).Draw(rt, "kind"),
			process: rapid.IntRange(0, w.processes-1).Draw(rt, "process"),
			n:       rapid.IntRange(1, 16).Draw(rt, "n"),
			wait: rapid.SampledFrom([]time.Duration{
				10 * time.Millisecond, time.Second, 31 * time.Second, 5 * time.Minute, 16 * time.Minute, 3 * time.Hour,
			}).Draw(rt, "wait"),
		}
	})
}

// A model is some processes, their vendor, and what is to be expected of them.
type model struct {
	world
	t         *testing.T
	v         *vendor
	store     *watchedStore
	processes []*process
	clock     *clocks
	asleep    time.Duration // in all; the monotonic clock stood still
	odd       bool          // the clocks have jumped
	begun     time.Time
	known     string // the password that the program has
	version   int    // of known
	faulty    bool   // a fault is switched on
	seen      int    // requests that were checked

	mu       sync.Mutex
	sent     map[string]int // requests by id
	problems []string
}

// A process is an engine, and what was seen of it.
type process struct {
	*harness
	id       int
	attempts int // to sign in
	latched  int // attempts when it was found latched; -1 if it was not
	asked    int // times that the program asked for a sign-in
	fixed    int // attempts when the program got another password
	busy     int // sign-ins under way
}

func newModel(t *testing.T, w world) *model {
	m := &model{world: w, t: t, v: newVendor(), store: &watchedStore{}, begun: time.Now(), sent: map[string]int{}}
	m.v.rotate, m.v.single, m.v.lifetime, m.v.idle = w.rotate, w.single, w.lifetime, w.idle
	m.v.loginTime, m.v.dataTime = 20*time.Millisecond, 5*time.Millisecond
	if !w.fragile { // processes without a common store count for themselves
		m.v.lockAfter = 5
	}
	m.known = m.v.password
	m.clock = newClocks()
	for i := range w.processes {
		m.processes = append(m.processes, nil)
		m.restart(i)
	}
	return m
}

// now is the clock of the machine that the processes run on.
func (m *model) now() (wall, mono int64) {
	offset, _ := m.clock.read()
	elapsed := time.Since(m.begun)
	return offset + int64(elapsed), int64(elapsed-m.asleep) + 1
}

// restart replaces a process; its memory is lost.
func (m *model) restart(i int) {
	if old := m.processes[i]; old != nil {
		_ = old.engine.Close(context.Background())
	}
	p := &process{id: i, latched: -1, fixed: -1}
	d := &driver{
		password: func() string { return m.known }, version: func() string { return fmt.Sprint(m.version) },
		subject: "me@acme.example", idle: m.idle,
	}
	opts := []session.Option{session.WithClock(m.now), session.WithTransport(observed{m, p})}
	if m.world.store {
		opts = append(opts, session.WithStore(m.store), session.WithRejectedMarker(0))
	}
	p.harness = start(m.t, m.v, d, refreshing, opts...)
	m.processes[i] = p
}

// observed is the vendor as one process sees it.
type observed struct {
	m *model
	p *process
}

func (o observed) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != "api.acme.example" {
		if req.Header.Get("Authorization") != "" || req.Header.Get("X-Api-Key") != "" {
			o.m.problem("I9: a secret header went to %s", req.URL.Host)
		}
		closeAll(req)
		return (*http.Response)(answer(200, nil)), nil
	}
	o.m.mu.Lock()
	if id := req.Header.Get("X-Id"); id != "" {
		o.m.sent[id]++
	}
	path := strings.TrimPrefix(req.URL.Path, "/base")
	signing := path == "/login" || path == "/refresh"
	if signing {
		o.p.busy++
	}
	if path == "/login" {
		o.p.attempts++
	}
	busy := o.p.busy
	o.m.mu.Unlock()
	if busy > 1 {
		o.m.problem("I1: %d sign-ins at a time", busy)
	}
	resp, err := o.m.v.RoundTrip(req)
	if signing {
		o.m.mu.Lock()
		o.p.busy--
		o.m.mu.Unlock()
	}
	return resp, err
}

func (m *model) problem(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems = append(m.problems, fmt.Sprintf(format, args...))
}

func (m *model) stop() {
	for _, p := range m.processes {
		_ = p.engine.Close(context.Background())
	}
}

func (m *model) do(a step) {
	p := m.processes[a.process]
	switch a.kind {
	case "call":
		m.call(p, http.MethodGet, "/data")
	case "post":
		m.call(p, http.MethodPost, "/data")
	case "everyone":
		for _, p := range m.processes {
			m.call(p, http.MethodPost, "/data")
		}
	case "hammer":
		for range a.n {
			m.call(p, http.MethodPost, "/data")
			time.Sleep(min(a.wait, 31*time.Second))
		}
	case "forbidden":
		for i := range a.n {
			m.call(p, http.MethodGet, fmt.Sprintf("/forbidden/%d", i))
		}
	case "late":
		m.late(p, a.n)
	case "burst":
		together(a.n, func(int) { m.call(p, http.MethodPost, "/data") })
	case "impatient":
		ctx, cancel := context.WithTimeout(m.t.Context(), a.wait)
		defer cancel()
		_, _, _ = p.do(ctx, http.MethodGet, "/data", nil)
		time.Sleep(time.Second) // the sign-in goes on
	case "elsewhere":
		req, _ := http.NewRequestWithContext(m.t.Context(), http.MethodGet, "https://elsewhere.example/", nil)
		req.Header.Set("X-Api-Key", "x")
		if resp, err := p.client.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	case "wait":
		time.Sleep(a.wait)
	case "sleep":
		time.Sleep(a.wait)
		m.asleep += a.wait
		m.odd = true
	case "jump":
		m.clock.wall.Add(int64(a.wait))
		if a.n%2 == 0 {
			m.clock.wall.Add(-2 * int64(a.wait))
		}
		m.odd = true
	case "revoke":
		m.v.revoke()
	case "change password":
		m.v.revoke()
		m.v.set(func() { m.v.password = m.v.secret("pw") })
	case "fix password":
		m.fix()
	case "sign in":
		p.latched = -1
		p.asked++
		_ = p.engine.SignIn(m.t.Context())
	case "restart":
		m.restart(a.process)
	case "killed":
		m.kill(p)
	case "store down":
		m.store.fail(errors.New("away"))
	case "store up":
		m.store.fail(nil)
	default:
		m.fault(a.kind)
	}
}

// late lets calls be refused after the session was replaced.
func (m *model) late(p *process, n int) {
	m.call(p, http.MethodGet, "/data")
	if m.faulty || p.engine.Status().State != session.StateActive {
		return
	}
	before, arrived, release := hold("/slow", n)
	m.v.set(func() { m.v.before = before })
	var calls sync.WaitGroup
	for range n {
		calls.Go(func() { m.call(p, http.MethodGet, "/slow") })
	}
	arrived.Wait()
	m.v.revoke()
	m.call(p, http.MethodGet, "/data")
	dropped := p.events.count(session.EventInvalidate)
	release()
	calls.Wait()
	m.v.set(func() { m.v.before = nil })
	if more := p.events.count(session.EventInvalidate) - dropped; more > 1 {
		m.problem("I5: late refusals dropped %d sessions", more)
	}
}

// kill ends a process between a refresh and its end.
func (m *model) kill(p *process) {
	m.fault("up")
	m.v.set(func() {
		m.v.after = on("/refresh", func() (*reply, error) { runtime.Goexit(); return nil, nil })
	})
	m.faulty = true
	if m.lifetime > 0 {
		time.Sleep(m.lifetime)
	} else {
		m.v.revoke()
	}
	m.call(p, http.MethodGet, "/data")
	m.fault("up")
	m.restart(p.id)
}

// fix gives the program the right password, if it had a wrong one.
func (m *model) fix() {
	if m.known == m.v.password {
		return
	}
	m.known = m.v.password
	m.version++
	m.v.set(func() {
		if m.v.lockAfter > 0 {
			m.v.lockAfter++ // each password that the program is given may be tried once
		}
	})
	for _, p := range m.processes {
		p.latched, p.fixed = -1, p.attempts
		p.asked++
	}
}

// fault switches a fault on, or all of them off.
func (m *model) fault(kind string) {
	m.v.set(func() {
		m.v.before, m.v.after = nil, nil
		m.faulty = kind != "up"
		switch kind {
		case "login down":
			m.v.before = on("/login", status(503))
		case "login cut before":
			m.v.before = on("/login", cut)
		case "login cut after":
			m.v.after = on("/login", cut)
		case "login garbage":
			m.v.after = on("/login", func() (*reply, error) { return text(200, "text/html", "<html>"), nil })
		case "refresh down":
			m.v.before = on("/refresh", status(503))
		case "refresh cut after":
			m.v.after = on("/refresh", cut)
		case "all cut after":
			m.v.after = func(*http.Request, string) (*reply, error) { return cut() }
		case "data down":
			m.v.before = on("/data", status(503))
		case "data cut after":
			m.v.after = on("/data", cut)
		}
	})
}

// call makes a call and compares its end with what is to be expected.
func (m *model) call(p *process, method, path string) {
	id := m.v.secret("id")
	before := p.engine.Status()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(id)
	}
	req, _ := http.NewRequestWithContext(m.t.Context(), method, baseURL+path, body)
	req.Header.Set("X-Id", id)
	resp, err := p.client.Do(req)
	code := 0
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		code = resp.StatusCode
	}
	p.dump(err)
	m.mu.Lock()
	sent := m.sent[id]
	m.mu.Unlock()
	if sent > 2 {
		m.problem("I6: a request was sent %d times", sent)
	}
	done := 0
	m.v.set(func() { done = m.v.effects[id] })
	if method == http.MethodPost && (done > 1 || code == 200 && done != 1) {
		m.problem("a call with status %d and error %v was carried out %d times", code, err, done)
	}
	healthy := !m.faulty && m.known == m.v.password && m.store.broken.Load() == nil
	usable := before.Err == nil && before.State != session.StateClosed
	if healthy && usable && path == "/data" && code != 200 && !m.excused(resp, err) {
		m.problem("a call in state %q ended with status %d and error %v (%v)", before.State, code, err, session.Reason(resp))
	}
}

// excused reports whether a call may fail although nothing is wrong now.
func (m *model) excused(resp *http.Response, err error) bool {
	why := session.Reason(resp)
	switch {
	case errors.Is(why, session.ErrBudget), errors.Is(why, session.ErrDenied), errors.Is(err, session.ErrStolen):
		return true
	case errors.Is(why, session.ErrNotReplayable), errors.Is(err, session.ErrRejected):
		return m.world.store // noted by another process, or by an earlier one
	case resp != nil && resp.StatusCode == http.StatusUnauthorized:
		return m.single && m.world.processes > 1 // another process signed in meanwhile
	default:
		return false
	}
}

// rest waits until no session is being renewed.
func (m *model) rest() {
	synctest.Wait()
	for _, p := range m.processes {
		for p.engine.Status().State == session.StateRefreshing {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// check returns what is wrong now.
func (m *model) check() string {
	m.v.mu.Lock()
	lockouts, reused := m.v.lockouts, m.v.reused
	requests := m.v.requests[m.seen:]
	m.seen = len(m.v.requests)
	for _, r := range requests {
		for _, s := range m.v.sessions {
			if !m.odd && m.lifetime > 0 && s.token == r.token && r.at.Sub(s.opened) >= m.lifetime {
				m.problem("I2: a call in a session that ended %v ago", r.at.Sub(s.opened)-m.lifetime)
			}
		}
	}
	m.v.mu.Unlock()
	if lockouts > 0 {
		m.problem("the account was locked")
	}
	if reused > 0 {
		m.problem("%d refresh tokens were used twice", reused)
	}
	if n := goroutines(); n > 0 {
		m.problem("I15: %d goroutines while idle", n)
	}
	for _, p := range m.processes {
		m.checkProcess(p)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.problems, "; ")
}

// signIns counts the attempts to sign in by their ends.
func (p *process) signIns() (opened, failed int) {
	p.events.mu.Lock()
	defer p.events.mu.Unlock()
	for _, e := range p.events.seen {
		switch {
		case e.Kind != session.EventSignIn:
		case e.Err == nil:
			opened++
		default:
			failed++
		}
	}
	return opened, failed
}

// checkProcess looks for sign-ins in spite of a refusal, and for too many.
func (m *model) checkProcess(p *process) {
	// One for the first call, and those that the program asked for.
	most := 4 + int(time.Since(m.begun)/(20*time.Second)) + p.asked
	opened, failed := p.signIns()
	if m.lifetime == 0 && m.idle == 0 && opened > most {
		m.problem("I8: process %d signed in %d times in %v", p.id, opened, time.Since(m.begun))
	}
	if most += int(time.Since(m.begun) / time.Second); failed > most { // a back-off takes a second at least
		m.problem("I4: process %d failed to sign in %d times in %v", p.id, failed, time.Since(m.begun))
	}
	switch latched := p.engine.Status().State == session.StateLatched; {
	case !latched || p.attempts == p.fixed:
		p.latched = -1
	case p.latched < 0:
		p.latched = p.attempts
	case p.attempts > p.latched:
		m.problem("I3: process %d signed in although it was latched", p.id)
	}
}
