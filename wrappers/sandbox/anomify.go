package sandbox

import (
	"net/http"
	"time"
)

// Credentials of Anomify besides login and password. They are made up.
const (
	anomifyAPIKey = "0123456789abcdef0123456789abcdef"
	anomifyToken  = "fedcba9876543210fedcba9876543210"
)

// pendingLifetime is how long a login waits for its second factor; the
// sandbox's own.
const pendingLifetime = 10 * time.Minute

// anomify has the rules of Anomify.
//
// Published: the id of a session travels in the header X-Session-Id, else in the
// parameter session_id, else in a cookie of that name; a request without
// authorisation is given an id in status.session_id; an organisation token
// travels in X-Auth-Token, and a session with a user wins over it; login and
// validateclient answer with data.session; a code needs the client that logged
// in, unless a token comes with it.
//
// The sandbox's own: status 401 in HTTP and in status.code for wrong credentials
// and for a missing or dead session, a fresh id on every unauthorised request,
// login never keeping an id that was sent, sessions of one hour without use.
type anomify struct {
	*Standin

	pending map[string]time.Time // ids of sessions that wait for a code, and until when
}

func newAnomify(st *Standin) *anomify {
	st.settings.idle = time.Hour
	st.settings.loginStatus = http.StatusUnauthorized
	st.settings.lockStatus = http.StatusForbidden
	return &anomify{Standin: st, pending: make(map[string]time.Time)}
}

func (a *anomify) handlers() map[string]func(*call) *answer {
	return map[string]func(*call) *answer{
		"POST /login":                a.login,
		"POST /login/validateclient": a.validateClient,
		"POST /signup/verify":        a.verifySignup,
		"POST /user/logout":          a.logout,
		"PUT /user/password":         a.changePassword,
	}
}

func (a *anomify) parameters() []string {
	return []string{"session_id"}
}

// sessionID returns the id that a request carries, the first in the order in
// which Anomify looks.
func (a *anomify) sessionID(c *call) string {
	if id := c.req.Header.Get("X-Session-Id"); id != "" {
		return id
	}
	if id := c.query.Get("session_id"); id != "" {
		return id
	}
	if id := c.field("session_id"); id != "" {
		return id
	}
	if cookie, err := c.req.Cookie("session_id"); err == nil {
		return cookie.Value
	}
	return ""
}

func (a *anomify) authenticate(c *call) bool {
	if a.use(c, a.sessionID(c)) {
		return true
	}
	return c.op.acceptsHeader("X-Auth-Token") && c.req.Header.Get("X-Auth-Token") == anomifyAPIKey
}

func (a *anomify) refuse(c *call) *answer {
	return a.fail(c, http.StatusUnauthorized, "Please log in.")
}

func (a *anomify) fail(c *call, status int, message string) *answer {
	var body any
	if c.op != nil {
		body = c.op.failureExample(status)
	}
	if body == nil {
		body = map[string]any{"status": map[string]any{"session_id": ""}, "data": map[string]any{}}
	}
	set(body, "status.code", status)
	set(body, "data.message", message)
	a.sign(c, body)
	return a.json(status, body)
}

func (a *anomify) sign(c *call, example any) {
	id := randomHex(16)
	if c.session != nil {
		id = c.session.tokens[0]
	}
	replace(example, "status.session_id", id)
	replace(example, "data.session.id", id)
}

func (a *anomify) login(c *call) *answer {
	if r := a.judge(c, c.field("email"), c.field("password")); r != nil {
		return a.fail(c, r.status, r.message)
	}
	if a.settings.secondFactor {
		return a.challenge(c)
	}
	body := c.op.success.pick(func(example any) bool { return !needsCode(example) })
	replace(body, "data.two_factor_auth_required", false)
	return a.signIn(c, body)
}

// signIn opens a session and answers with it. Its id is new, whatever the
// request carried.
func (a *anomify) signIn(c *call, body any) *answer {
	s := a.open(c, a.settings.idle, after(c.now, a.settings.lifetime))
	a.table.add(s, randomHex(16), bearer, time.Time{})
	a.sign(c, body)
	return a.json(c.op.success.status, body)
}

// challenge answers a login that needs a code. The id in status.session_id is
// that of the client for which the code is good.
func (a *anomify) challenge(c *call) *answer {
	for id, until := range a.pending {
		if !c.now.Before(until) {
			delete(a.pending, id)
		}
	}
	id := randomHex(16)
	a.pending[id] = c.now.Add(pendingLifetime)
	c.session = nil // the one that the request may have carried stays as it is
	c.event(EventChallenged, nil)
	body := c.op.success.pick(needsCode)
	if body == nil {
		body = c.op.example()
		set(body, "data.two_factor_auth_required", true)
		remove(body, "data.session")
	}
	set(body, "status.session_id", id)
	return a.json(c.op.success.status, body)
}

// needsCode tells whether an answer to a login asks for the second factor.
func needsCode(body any) bool {
	required, _ := member(body, "data.two_factor_auth_required")
	return required == true
}

func (a *anomify) validateClient(c *call) *answer {
	id, ok := a.waiting(c)
	if !ok {
		c.event(EventRefused, nil)
		return a.fail(c, a.settings.loginStatus, "No login of this client is waiting for a code.")
	}
	if r := a.judgeCode(c, c.field("code")); r != nil {
		return a.fail(c, r.status, r.message)
	}
	delete(a.pending, id)
	return a.signIn(c, c.op.example())
}

// waiting returns the id of the waiting login that a code is for.
func (a *anomify) waiting(c *call) (string, bool) {
	id := a.sessionID(c)
	if until, ok := a.pending[id]; ok && c.now.Before(until) {
		return id, true
	}
	if a.settings.bindFactor && c.field("token") != anomifyToken {
		return "", false
	}
	latest, found := "", false
	for id, until := range a.pending {
		if c.now.Before(until) && (!found || until.After(a.pending[latest])) {
			latest, found = id, true
		}
	}
	return latest, found
}

// verifySignup answers with a session that is logged in, as its published
// example does.
func (a *anomify) verifySignup(c *call) *answer {
	return a.signIn(c, c.op.example())
}

func (a *anomify) logout(c *call) *answer {
	a.logOut(c)
	return a.reply(c, c.op.success, c.op.example())
}

func (a *anomify) changePassword(c *call) *answer {
	first := c.field("new_password_1")
	switch {
	case c.session == nil: // an organisation token has no password
		return a.refuse(c)
	case c.field("old_password") != a.settings.password:
		return a.fail(c, http.StatusBadRequest, "The old password is wrong.")
	case first != c.field("new_password_2"):
		return a.fail(c, http.StatusBadRequest, "The new passwords differ.")
	}
	a.settings.password = first
	return a.reply(c, c.op.success, c.op.example())
}
