package sandbox

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// Statuses of AlertSite, with their texts. All but the dead session are
// documented.
const (
	alertSiteOK            = "0"
	alertSiteInvalidLogin  = "40"
	alertSiteInvalidDevice = "65"
)

// alertSite has the rules of AlertSite.
//
// Documented: login answers with an id of 16 hexadecimal digits, which expires
// 15 minutes after its last use; wrong credentials bring status 40, an unknown
// monitor 65; the id is sent as Base64 of login:id after the word Bearer, or as
// the query parameters login and session; there is no logout. Deduced: failures
// come with HTTP 200.
//
// The sandbox's own: what a dead session brings (status 20, see
// [Standin.SetDeadSession]), and a locked login bringing 40 as well.
type alertSite struct {
	*Standin

	monitors *monitors // nil until first needed
}

func newAlertSite(st *Standin) *alertSite {
	st.settings.idle = 15 * time.Minute
	st.settings.loginStatus = http.StatusOK
	st.settings.lockStatus = http.StatusOK
	st.settings.deadStatus = "20"
	st.settings.deadMessage = "Session is invalid."
	return &alertSite{Standin: st}
}

func (a *alertSite) handlers() map[string]func(*call) *answer {
	return map[string]func(*call) *answer{
		"POST /login":          a.login,
		"GET /devices":         a.listMonitors,
		"POST /devices":        a.addMonitor,
		"PATCH /devices/{id}":  a.editMonitor,
		"DELETE /devices/{id}": a.deleteMonitor,
	}
}

func (a *alertSite) parameters() []string {
	return nil // login and session stand in the description
}

// credentials returns the login and the session id that a request carries.
func (a *alertSite) credentials(r *http.Request) (login, id string) {
	if r.Header.Get("Authorization") == "" {
		query := r.URL.Query()
		return query.Get("login"), query.Get("session")
	}
	joined, err := base64.StdEncoding.Strict().DecodeString(authorization(r, "Bearer"))
	if err != nil {
		return "", ""
	}
	i := strings.LastIndexByte(string(joined), ':')
	if i < 0 {
		return "", ""
	}
	return string(joined[:i]), string(joined[i+1:])
}

func (a *alertSite) authenticate(c *call) bool {
	login, id := a.credentials(c.req)
	return login == DemoLogin && a.use(c, id)
}

func (a *alertSite) refuse(c *call) *answer {
	login, _ := a.credentials(c.req)
	return a.metadata(c, http.StatusOK, login, a.settings.deadStatus, a.settings.deadMessage)
}

// fail answers with an HTTP status, of which AlertSite publishes none: plain
// text, as from a server in front of it.
func (a *alertSite) fail(_ *call, status int, message string) *answer {
	return textAnswer(status, message)
}

func (a *alertSite) sign(c *call, example any) {
	if c.session != nil {
		replace(example, "metadata.session", c.session.tokens[0])
	}
}

// metadata answers without results.
func (a *alertSite) metadata(c *call, httpStatus int, login, status, message string) *answer {
	metadata := map[string]any{"login": login, "status": status, "message": message}
	if c.session != nil {
		metadata["session"] = c.session.tokens[0]
	}
	return a.json(httpStatus, map[string]any{"metadata": metadata})
}

// done answers that a call succeeded.
func (a *alertSite) done(c *call) *answer {
	return a.metadata(c, http.StatusOK, DemoLogin, alertSiteOK, "No errors.")
}

// invalidDevice answers that there is no such monitor.
func (a *alertSite) invalidDevice(c *call) *answer {
	return a.metadata(c, http.StatusOK, DemoLogin, alertSiteInvalidDevice, "Invalid device.")
}

func (a *alertSite) login(c *call) *answer {
	c.session = nil // a session of the query is not that of the answer
	login := c.field("login")
	if r := a.judge(c, login, c.field("password")); r != nil {
		return a.metadata(c, r.status, login, alertSiteInvalidLogin, "Invalid login information.")
	}
	s := a.open(c, a.settings.idle, after(c.now, a.settings.lifetime))
	a.table.add(s, randomHex(8), bearer, time.Time{})
	return a.done(c)
}
