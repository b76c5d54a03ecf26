package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// A refusal says why a login is not accepted.
type refusal struct {
	status  int // HTTP
	message string
}

// What a refused login is told; the texts are made up.
const (
	tooManyLogins = "Too many failed logins. Try again later."
	wrongLogin    = "Wrong login or password."
	wrongCode     = "Wrong code."
)

// judge checks login and password, and counts a failure. It returns nil if they
// are right.
func (st *Standin) judge(c *call, login, password string) *refusal {
	if r := st.judgeLock(c); r != nil {
		return r
	}
	if login == DemoLogin && password == st.settings.password {
		return nil
	}
	st.lockout.fail(c.now)
	c.event(EventRefused, nil)
	return &refusal{status: st.settings.loginStatus, message: wrongLogin}
}

// judgeCode checks a code of the second factor, and counts a failure. It returns
// nil if it is right.
func (st *Standin) judgeCode(c *call, code string) *refusal {
	if r := st.judgeLock(c); r != nil {
		return r
	}
	if st.settings.acceptCode(code, c.now) {
		return nil
	}
	st.lockout.fail(c.now)
	c.event(EventRefused, nil)
	return &refusal{status: st.settings.loginStatus, message: wrongCode}
}

// judgeLock refuses everything during a lock-out.
func (st *Standin) judgeLock(c *call) *refusal {
	if !st.lockout.locked(c.now) {
		return nil
	}
	c.event(EventRefused, nil)
	return &refusal{status: st.settings.lockStatus, message: tooManyLogins}
}

// open gives the caller a new session.
func (st *Standin) open(c *call, idle time.Duration, expires time.Time) *session {
	st.lockout.succeed()
	if st.settings.onePerUser {
		for _, s := range st.table.endAll(c.now, Replaced) {
			c.event(EventReplaced, s)
		}
	}
	c.session = st.table.open(c.now, idle, expires)
	c.event(EventLogin, c.session)
	return c.session
}

// use takes the session of a bearer token as the caller's, if it is live.
func (st *Standin) use(c *call, value string) bool {
	t := st.table.tokens[value]
	if t == nil || t.kind != bearer {
		return false
	}
	if !t.usable(c.now) {
		st.noteExpired(c, t)
		return false
	}
	t.session.used = c.now
	c.session = t.session
	return true
}

// noteExpired tells of a token that came after its time.
func (st *Standin) noteExpired(c *call, t *token) {
	if t.session.stateAt(c.now) == Expired {
		t.session.state = Expired
		c.event(EventExpired, t.session)
	} else if t.session.state == Live && !t.spent {
		c.event(EventExpired, t.session)
	}
}

// logOut ends the session of the caller.
func (st *Standin) logOut(c *call) {
	if c.session != nil && c.session.state == Live {
		c.session.state = LoggedOut
		c.event(EventLogout, c.session)
	}
}

// after returns the time d from now, zero if d is.
func after(now time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return now.Add(d)
}

// authorization returns the credential that follows the scheme word in the
// Authorization header, "" if there is another scheme or none.
func authorization(r *http.Request, scheme string) string {
	word, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(word, scheme) {
		return ""
	}
	return credential
}
