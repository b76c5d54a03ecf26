package soaktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Beginnings of all secrets, so that they are found wherever they turn up.
const (
	passwordMark = "pw-0123-"
	tokenMark    = "tok-4567-"
	refreshMark  = "ref-89ab-"
)

const (
	sessionHeader = "X-Session"
	lockAfter     = 5 // failed sign-ins within lockWindow that lock an account
	lockWindow    = 15 * time.Minute
)

// A request is what the vendor sees of one.
type request struct {
	origin, method, path, session string
	body                          []byte
}

// A reply is what the vendor answers.
type reply struct {
	status      int
	contentType string
	header      map[string]string
	body        string
	cut         bool // the body ends before its end
}

// A vsession is a session at the vendor.
type vsession struct {
	opened, used time.Time
	refresh      string
}

// An account is one at the vendor. Its policy does not change.
type account struct {
	user     string
	single   bool          // a sign-in ends the sessions before it
	inBody   bool          // dead sessions are told in the body of a 200
	rotate   bool          // hands out refresh tokens, each good for once
	lifetime time.Duration // of a session; 0 is for ever
	idle     time.Duration // without a call that ends a session; 0 is any

	password string
	refusing bool // refuses the right password too
	sessions map[string]*vsession
	spent    map[string]bool // refresh tokens

	failures                         []time.Time
	locked                           time.Time
	lockouts, logins, refusals       int
	refreshes, reused, busy, busiest int
}

// A vendor has accounts and counts what is done to them. Requests that change
// something carry an id, so that it is known how often each was carried out.
type vendor struct {
	origin string // empty until it is known

	mu       sync.Mutex
	accounts map[string]*account
	secrets  int            // so far
	effects  map[string]int // by id
	leaks    int            // requests to another origin that carried a session or a body
}

func newVendor(accounts ...*account) *vendor {
	v := &vendor{accounts: map[string]*account{}, effects: map[string]int{}}
	for _, a := range accounts {
		a.sessions, a.spent = map[string]*vsession{}, map[string]bool{}
		a.password = v.secret(passwordMark)
		v.accounts[a.user] = a
	}
	return v
}

// secret returns a new secret. The caller holds v.mu, or is alone.
func (v *vendor) secret(mark string) string {
	v.secrets++
	return fmt.Sprintf("%s%08d", mark, v.secrets)
}

// change changes accounts.
func (v *vendor) change(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

// revoke ends all sessions of an account.
func (v *vendor) revoke(a *account) {
	v.change(func() { clear(a.sessions) })
}

// newPassword gives an account another password and ends its sessions.
func (v *vendor) newPassword(a *account) {
	v.change(func() {
		a.password = v.secret(passwordMark)
		clear(a.sessions)
	})
}

// elsewhere notes a request to another origin.
func (v *vendor) elsewhere(r request) {
	if r.session != "" || len(r.body) > 0 {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.leaks++
	}
}

// credentials are what sign-ins and refreshes carry.
type credentials struct{ User, Password, Refresh string }

func (r request) credentials() credentials {
	var c credentials
	_ = json.Unmarshal(r.body, &c)
	return c
}

// isSigning reports whether a request is a sign-in or a refresh.
func (r request) isSigning() bool { return r.path == "/login" || r.path == "/refresh" }

// begin and end count sign-ins under way.
func (v *vendor) begin(r request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if a := v.accounts[r.credentials().User]; a != nil {
		a.busy++
		a.busiest = max(a.busiest, a.busy)
	}
}

func (v *vendor) end(r request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if a := v.accounts[r.credentials().User]; a != nil {
		a.busy--
	}
}

// handle carries a request out.
func (v *vendor) handle(r request) reply {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch r.path {
	case "/login":
		return v.login(r.credentials())
	case "/refresh":
		return v.refresh(r.credentials())
	}
	a, s := v.find(r.session)
	if s == nil {
		return deadAnswer(a)
	}
	s.used = time.Now()
	switch {
	case r.path == "/logout":
		delete(a.sessions, r.session)
	case strings.HasPrefix(r.path, "/forbidden"):
		return deadAnswer(a)
	case r.method == http.MethodPost:
		v.effects[string(r.body)]++
	}
	return jsonAnswer(http.StatusOK, map[string]any{"metadata": map[string]string{"status": "0"}, "done": string(r.body)})
}

// find returns whose session a token is, and the session if it is alive. Tokens
// begin with their mark and name the account.
func (v *vendor) find(token string) (*account, *vsession) {
	user, _, _ := strings.Cut(strings.TrimPrefix(token, tokenMark), "-")
	a := v.accounts[user]
	if a == nil {
		return nil, nil
	}
	s := a.sessions[token]
	now := time.Now()
	if s == nil || a.lifetime > 0 && now.Sub(s.opened) >= a.lifetime || a.idle > 0 && now.Sub(s.used) >= a.idle {
		return a, nil
	}
	return a, s
}

func (v *vendor) login(c credentials) reply {
	a := v.accounts[c.User]
	now := time.Now()
	switch {
	case a == nil:
		return jsonAnswer(http.StatusUnauthorized, nil)
	case now.Before(a.locked):
		r := jsonAnswer(http.StatusLocked, nil)
		r.header = map[string]string{"Retry-After": strconv.Itoa(int(a.locked.Sub(now)/time.Second) + 1)}
		return r
	case c.Password != a.password || a.refusing:
		a.refusals++
		a.fail(now)
		return jsonAnswer(http.StatusUnauthorized, map[string]any{"error": "wrong password " + c.Password})
	}
	a.logins++
	return v.open(a, now)
}

// fail counts a failed sign-in.
func (a *account) fail(now time.Time) {
	recent := a.failures[:0]
	for _, at := range a.failures {
		if now.Sub(at) < lockWindow {
			recent = append(recent, at)
		}
	}
	a.failures = append(recent, now)
	if len(a.failures) >= lockAfter {
		a.locked = now.Add(lockWindow)
		a.lockouts++
	}
}

func (v *vendor) refresh(c credentials) reply {
	a := v.accounts[c.User]
	if a == nil {
		return jsonAnswer(http.StatusUnauthorized, nil)
	}
	if a.spent[c.Refresh] {
		a.reused++
	}
	for token, s := range a.sessions {
		if s.refresh == c.Refresh && !a.spent[c.Refresh] {
			a.spent[c.Refresh] = true
			a.refreshes++
			delete(a.sessions, token)
			return v.open(a, time.Now())
		}
	}
	return jsonAnswer(http.StatusUnauthorized, map[string]any{"error": "no such refresh token " + c.Refresh})
}

// open opens a session.
func (v *vendor) open(a *account, now time.Time) reply {
	if a.single {
		clear(a.sessions)
	}
	s := &vsession{opened: now, used: now}
	token := v.secret(tokenMark + a.user + "-")
	told := map[string]any{"token": token}
	if a.rotate {
		s.refresh = v.secret(refreshMark)
		told["refresh"] = s.refresh
	}
	if a.lifetime > 0 {
		told["expiresIn"] = a.lifetime.Seconds()
	}
	a.sessions[token] = s
	return jsonAnswer(http.StatusOK, told)
}

// deadAnswer says that a session is dead.
func deadAnswer(a *account) reply {
	if a != nil && a.inBody {
		return jsonAnswer(http.StatusOK, map[string]any{"metadata": map[string]string{"status": "40"}})
	}
	return jsonAnswer(http.StatusUnauthorized, map[string]any{"error": "no session"})
}

func jsonAnswer(status int, body any) reply {
	data, _ := json.Marshal(body)
	return reply{status: status, contentType: "application/json", body: string(data)}
}

func htmlAnswer(status int) reply {
	return reply{status: status, contentType: "text/html", body: "<html><title>" + http.StatusText(status) + "</title></html>"}
}
