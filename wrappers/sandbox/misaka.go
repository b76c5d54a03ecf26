package sandbox

import (
	"cmp"
	"net/http"
	"time"
)

// misakaAPIKey is the API token of the account. It is made up.
const misakaAPIKey = "sandbox-misaka-api-token"

// misaka has the rules of Misaka.
//
// Published: login takes email, or username if there is none, and answers with
// an access and a refresh token, each under two names, and with a sliding token
// if it was asked for; refresh takes the refresh token in its body and answers
// with both again; access tokens go after the word Bearer; a change of password
// can end all sessions. Seen in clients: access tokens are JWTs with an exp in
// seconds, a dead one brings 401 with code token_not_valid, an API token goes
// after the word Token.
//
// The sandbox's own: all lifetimes; a refresh token that is good for once; an
// access token that ends with its session at logout, but not at a refresh; a
// sliding token that is a bearer token and is not renewed; 401 for wrong
// credentials and for a login that needs a code; the whole second factor.
type misaka struct {
	*Standin

	key     []byte    // signs tokens
	waiting time.Time // until when a login waits for its code
}

func newMisaka(st *Standin) *misaka {
	st.settings.lifetime = 5 * time.Minute
	st.settings.refreshLifetime = 24 * time.Hour
	st.settings.loginStatus = http.StatusUnauthorized
	st.settings.challengeStatus = http.StatusUnauthorized
	st.settings.lockStatus = http.StatusForbidden
	return &misaka{Standin: st, key: []byte(randomHex(32))}
}

func (m *misaka) handlers() map[string]func(*call) *answer {
	return map[string]func(*call) *answer{
		"POST /v3/session/login":     m.login,
		"POST /v3/session/login/2fa": m.loginWithCode,
		"POST /v3/session/refresh":   m.refresh,
		"POST /v3/session/logout":    m.logout,
		"POST /v3/account/password":  m.changePassword,
	}
}

func (m *misaka) parameters() []string { return nil }

func (m *misaka) authenticate(c *call) bool {
	if m.use(c, authorization(c.req, "Bearer")) {
		return true
	}
	return c.op.acceptsHeader("Authorization") && authorization(c.req, "Token") == misakaAPIKey
}

func (m *misaka) refuse(c *call) *answer {
	return m.tokenNotValid("The token is missing, expired or revoked.")
}

// tokenNotValid refuses a token in the form that clients expect.
func (m *misaka) tokenNotValid(detail string) *answer {
	return m.json(http.StatusUnauthorized, map[string]any{"detail": detail, "code": "token_not_valid"})
}

func (m *misaka) fail(_ *call, status int, message string) *answer {
	return m.json(status, map[string]any{"detail": message})
}

func (m *misaka) sign(*call, any) {} // answers carry tokens only where they are new

func (m *misaka) login(c *call) *answer {
	if r := m.judge(c, m.name(c), c.field("password")); r != nil {
		return m.fail(c, r.status, r.message)
	}
	if m.settings.secondFactor {
		m.waiting = c.now.Add(pendingLifetime)
		c.event(EventChallenged, nil)
		return m.fail(c, m.settings.challengeStatus, "A second factor is required. Log in with your two-factor code.")
	}
	return m.signIn(c)
}

// name returns the login in a request: username counts only without email.
func (m *misaka) name(c *call) string {
	return cmp.Or(c.field("email"), c.field("username"))
}

// loginWithCode completes a login. The credentials come with the code, or came
// with the login before.
func (m *misaka) loginWithCode(c *call) *answer {
	if m.name(c) != "" || c.field("password") != "" {
		if r := m.judge(c, m.name(c), c.field("password")); r != nil {
			return m.fail(c, r.status, r.message)
		}
	} else if !c.now.Before(m.waiting) {
		c.event(EventRefused, nil)
		return m.fail(c, m.settings.loginStatus, "No login is waiting for a code.")
	}
	if r := m.judgeCode(c, c.field("code")); r != nil {
		return m.fail(c, r.status, r.message)
	}
	m.waiting = time.Time{}
	return m.signIn(c)
}

// signIn opens a session and answers with its tokens.
func (m *misaka) signIn(c *call) *answer {
	s := m.open(c, 0, after(c.now, m.settings.refreshLifetime))
	access := m.addToken(c, s, accessToken)
	refresh := m.addToken(c, s, refreshToken)
	body := c.op.example()
	for _, name := range []string{"access", "access_token"} {
		replace(body, name, access)
	}
	for _, name := range []string{"refresh", "refresh_token"} {
		replace(body, name, refresh)
	}
	remove(body, "sliding_token")
	if c.is("sliding") {
		set(body, "sliding_token", m.addToken(c, s, slidingToken))
	}
	return m.json(c.op.success.status, body)
}

// Values of token_type in a JWT.
const (
	accessToken  = "access"
	refreshToken = "refresh"
	slidingToken = "sliding"
)

// addToken gives a session a new token of a type.
func (m *misaka) addToken(c *call, s *session, tokenType string) string {
	kind, expires := bearer, after(c.now, m.settings.lifetime)
	if tokenType == refreshToken {
		kind, expires = refresh, after(c.now, m.settings.refreshLifetime)
	}
	value := newJWT(m.key, tokenType, c.now, expires)
	m.table.add(s, value, kind, expires)
	return value
}

func (m *misaka) refresh(c *call) *answer {
	value := c.field("refresh")
	t := m.table.tokens[value]
	if t == nil || t.kind != refresh {
		c.event(EventUnauthorized, nil)
		return m.tokenNotValid("The refresh token is not known.")
	}
	if !t.usable(c.now) {
		m.noteExpired(c, t)
		m.noteReuse(c, t)
		c.event(EventUnauthorized, t.session)
		return m.tokenNotValid("The refresh token is expired or revoked.")
	}
	c.session = t.session
	c.session.used = c.now
	if m.settings.rotateRefresh {
		t.spent = true
		c.session.expires = after(c.now, m.settings.refreshLifetime)
		value = m.addToken(c, c.session, refreshToken)
	}
	c.event(EventRefresh, c.session)
	body := c.op.example()
	set(body, "access", m.addToken(c, c.session, accessToken))
	set(body, "refresh", value)
	return m.json(c.op.success.status, body)
}

// noteReuse ends a session of which a spent refresh token came again: one of two
// who have it must have stolen it.
func (m *misaka) noteReuse(c *call, t *token) {
	if t.spent && t.session.stateAt(c.now) == Live {
		t.session.state = Revoked
		c.event(EventReuse, t.session)
	}
}

// logout ends the session of the refresh token in the body, else that of the
// access token in the header. What belongs to no session is ended already.
func (m *misaka) logout(c *call) *answer {
	if t := m.table.tokens[c.field("refresh")]; t != nil && t.kind == refresh && t.session.stateAt(c.now) == Live {
		c.session = t.session
	}
	m.logOut(c)
	return m.reply(c, c.op.success, c.op.example())
}

func (m *misaka) changePassword(c *call) *answer {
	if c.field("current_password") != m.settings.password {
		return m.fail(c, http.StatusBadRequest, "The current password is wrong.")
	}
	m.settings.password = c.field("new_password")
	if c.is("logout_all_sessions") {
		for _, s := range m.table.endAll(c.now, Revoked) {
			c.event(EventRevoked, s)
		}
	}
	return m.reply(c, c.op.success, c.op.example())
}
