package sandbox_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

var anomifyID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func TestAnomifyLogin(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Anomify)
	r := f.loginAnomify()
	want(t, "HTTP status", r.status, http.StatusOK)
	want(t, "data.two_factor_auth_required", r.at("data.two_factor_auth_required"), "false")
	id := r.at("data.session.id")
	if !anomifyID.MatchString(id) {
		t.Errorf("session id %q", id)
	}
	want(t, "status.session_id", r.at("status.session_id"), id)
	want(t, "user", r.at("data.session.user.email"), sandbox.DemoLogin)

	again := f.do(http.MethodPost, f.URL+"/anomify/login", "email=demo%40example.com&password=sandbox-password-1",
		"Content-Type", asForm, "X-Session-Id", "00000000000000000000000000000000")
	if got := again.at("data.session.id"); got == id || got == "00000000000000000000000000000000" {
		t.Errorf("login kept the id %s", got)
	}
	want(t, "first session", f.alive(sandbox.Anomify, []string{"X-Session-Id", id}), true)

	st.SetPassword("another")
	r = f.do(http.MethodPost, f.URL+"/anomify/login", "email=demo%40example.com&password=sandbox-password-1", "Content-Type", asForm)
	want(t, "HTTP status of a wrong password", r.status, http.StatusUnauthorized)
	want(t, "status.code", r.at("status.code"), "401")
	want(t, "data.session", r.at("data.session"), "")
	want(t, "failed logins", st.FailedLogins(), 1)
	want(t, "login with the new password", f.loginAnomify().status, http.StatusOK)
}

func TestAnomifyCredentialForms(t *testing.T) {
	f := start(t)
	id := f.loginAnomify().at("data.session.id")
	token := f.Vendor(sandbox.Anomify).Account().APIKey
	tests := []struct {
		name, path string
		header     []string
		ok         bool
	}{
		{name: "header", path: "/user/ping", header: []string{"X-Session-Id", id}, ok: true},
		{name: "query", path: "/user/ping?session_id=" + id, ok: true},
		{name: "cookie", path: "/user/ping", header: []string{"Cookie", "session_id=" + id}, ok: true},
		{name: "header before query", path: "/user/ping?session_id=" + id, header: []string{"X-Session-Id", "0"}},
		{name: "query before cookie", path: "/user/ping?session_id=0", header: []string{"Cookie", "session_id=" + id}},
		{name: "organisation token", path: "/anomalies", header: []string{"X-Auth-Token", token}, ok: true},
		{name: "both", path: "/anomalies", header: []string{"X-Auth-Token", token, "X-Session-Id", id}, ok: true},
		{name: "wrong token", path: "/anomalies", header: []string{"X-Auth-Token", id}},
		{name: "token where the description has none", path: "/user/ping", header: []string{"X-Auth-Token", token}},
		{name: "bearer", path: "/user/ping", header: []string{"Authorization", "Bearer " + id}},
		{name: "nothing", path: "/user/ping"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := f.do(http.MethodGet, f.URL+"/anomify"+tt.path, "", tt.header...)
			want(t, "accepted", r.status == http.StatusOK, tt.ok)
			if !tt.ok {
				want(t, "status", r.status, http.StatusUnauthorized)
			}
		})
	}
}

func TestAnomifyGivesEachUnauthorisedRequestANewID(t *testing.T) {
	f := start(t)
	seen := map[string]bool{"": true}
	for _, header := range [][]string{nil, nil, {"X-Session-Id", "0123456789abcdef0123456789abcdef"}} {
		for _, path := range []string{"/user/ping", "/ping"} {
			id := f.do(http.MethodGet, f.URL+"/anomify"+path, "", header...).at("status.session_id")
			if seen[id] || id == "0123456789abcdef0123456789abcdef" {
				t.Errorf("%s: id %q is not new", path, id)
			}
			seen[id] = true
			want(t, "alive", f.alive(sandbox.Anomify, []string{"X-Session-Id", id}), false)
		}
	}
	id := f.loginAnomify().at("data.session.id")
	for _, path := range []string{"/user/ping", "/ping", "/anomalies"} {
		r := f.do(http.MethodGet, f.URL+"/anomify"+path, "", "X-Session-Id", id)
		want(t, path+" status.session_id", r.at("status.session_id"), id)
	}
}

func TestAnomifyLogoutEndsTheSession(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.Anomify)
	r := f.do(http.MethodPost, f.URL+"/anomify/user/logout", "", header...)
	want(t, "status", r.status, http.StatusOK)
	want(t, "logouts", f.Vendor(sandbox.Anomify).Logouts(), 1)
	want(t, "alive", f.alive(sandbox.Anomify, header), false)
	want(t, "logout by form", f.do(http.MethodPost, f.URL+"/anomify/user/logout",
		"session_id="+f.signIn(sandbox.Anomify)[1], "Content-Type", asForm).status, http.StatusOK)
	r = f.do(http.MethodPost, f.URL+"/anomify/user/logout", "", header...)
	want(t, "status of the second logout", r.status, http.StatusUnauthorized)
	want(t, "logouts", f.Vendor(sandbox.Anomify).Logouts(), 2)
}

func TestAnomifySessionExpiresAfterAnHourWithoutUse(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.Anomify)
	f.Clock().Advance(59 * time.Minute)
	want(t, "alive after 59 minutes", f.alive(sandbox.Anomify, header), true)
	f.Clock().Advance(61 * time.Minute)
	want(t, "alive after 61 minutes", f.alive(sandbox.Anomify, header), false)

	f.Vendor(sandbox.Anomify).SetIdle(time.Minute)
	header = f.signIn(sandbox.Anomify)
	f.Clock().Advance(2 * time.Minute)
	want(t, "alive past a limit that was set", f.alive(sandbox.Anomify, header), false)
}

func (f *fixture) validate(form string, header ...string) response {
	f.t.Helper()
	return f.do(http.MethodPost, f.URL+"/anomify/login/validateclient", form, append(header, "Content-Type", asForm)...)
}

func TestAnomifySecondFactor(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Anomify)
	st.RequireSecondFactor(true)
	challenge := func() string {
		t.Helper()
		r := f.loginAnomify()
		want(t, "status", r.status, http.StatusOK)
		want(t, "data.two_factor_auth_required", r.at("data.two_factor_auth_required"), "true")
		want(t, "data.session", r.at("data.session"), "")
		id := r.at("status.session_id")
		want(t, "alive before the code", f.alive(sandbox.Anomify, []string{"X-Session-Id", id}), false)
		return id
	}

	id := challenge()
	want(t, "logins before the code", st.Logins(), 0)
	want(t, "wrong code", f.validate("code=000000", "X-Session-Id", id).status, http.StatusUnauthorized)
	want(t, "code from another client", f.validate("code=123456").status, http.StatusUnauthorized)
	want(t, "failed", st.FailedLogins(), 2)
	r := f.validate("code=123456", "X-Session-Id", id)
	want(t, "right code", r.status, http.StatusOK)
	want(t, "alive", f.alive(sandbox.Anomify, []string{"X-Session-Id", r.at("data.session.id")}), true)
	want(t, "logins", st.Logins(), 1)
	want(t, "same code again", f.validate("code=123456", "X-Session-Id", id).status, http.StatusUnauthorized)

	challenge()
	want(t, "wrong token", f.validate("code=123456&token=0").status, http.StatusUnauthorized)
	want(t, "token", f.validate("code=123456&token="+st.Account().Token).status, http.StatusOK)
	want(t, "token without a login", f.validate("code=123456&token="+st.Account().Token).status, http.StatusUnauthorized)

	st.BindSecondFactor(false)
	challenge()
	want(t, "code of an unbound client", f.validate("code=123456").status, http.StatusOK)

	id = challenge()
	f.Clock().Advance(10 * time.Minute)
	want(t, "code after 10 minutes", f.validate("code=123456", "X-Session-Id", id).status, http.StatusUnauthorized)

	st.AcceptCode(func(code string, now time.Time) bool { return code == now.UTC().Format("020106") })
	id = challenge()
	want(t, "fixed code", f.validate("code=123456", "X-Session-Id", id).status, http.StatusUnauthorized)
	code := f.Clock().Now().UTC().Format("020106")
	want(t, "code by the clock", f.validate("code="+code, "X-Session-Id", id).status, http.StatusOK)

	st.AcceptCode(nil)
	st.Lockout(1, time.Minute)
	id = challenge()
	want(t, "wrong code", f.validate("code=000000", "X-Session-Id", id).status, http.StatusUnauthorized)
	want(t, "right code while locked", f.validate("code=123456", "X-Session-Id", id).status, http.StatusForbidden)
	f.Clock().Advance(time.Minute)
	want(t, "right code after the lock", f.validate("code=123456", "X-Session-Id", id).status, http.StatusOK)
}

func TestAnomifyPasswordChange(t *testing.T) {
	f := start(t)
	header := append(f.signIn(sandbox.Anomify), "Content-Type", asForm)
	change := func(form string) int {
		t.Helper()
		return f.do(http.MethodPut, f.URL+"/anomify/user/password", form, header...).status
	}
	want(t, "wrong old password", change("old_password=x&new_password_1=secret-2&new_password_2=secret-2"), http.StatusBadRequest)
	want(t, "new passwords differ", change("old_password=sandbox-password-1&new_password_1=secret-2&new_password_2=y"), http.StatusBadRequest)
	want(t, "right", change("old_password=sandbox-password-1&new_password_1=secret-2&new_password_2=secret-2"), http.StatusOK)
	want(t, "password", f.Vendor(sandbox.Anomify).Account().Password, "secret-2")
	want(t, "login", f.loginAnomify().status, http.StatusOK)
}

func TestAnomifySignupSignsIn(t *testing.T) {
	f := start(t)
	for _, d := range operations(t, sandbox.Anomify) {
		if d.OperationID != "verifySignup" {
			continue
		}
		contentType, body := d.body(t, "")
		r := f.do(d.method, f.URL+"/anomify"+d.path, body, "Content-Type", contentType)
		want(t, "alive", f.alive(sandbox.Anomify, []string{"X-Session-Id", r.at("data.session.id")}), true)
	}
}
