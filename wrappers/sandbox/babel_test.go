package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestBabelLogin(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Babel)
	r := f.loginBabel(sandbox.DemoPassword)
	want(t, "status", r.status, http.StatusOK)
	want(t, "success", r.at("success"), "true")
	want(t, "expiresIn", r.at("expiresIn"), "1800")
	if !strings.HasPrefix(r.header.Get("Content-Type"), asJSON) {
		t.Errorf("Content-Type %s", r.header.Get("Content-Type"))
	}
	want(t, "alive", f.alive(sandbox.Babel, []string{"Authorization", "Bearer " + r.at("token")}), true)

	r = f.loginBabel("wrong")
	want(t, "status of a wrong password", r.status, http.StatusUnauthorized)
	want(t, "success", r.at("success"), "false")
	want(t, "token", r.at("token"), "")
	st.SetLoginRefusal(http.StatusOK)
	r = f.loginBabel("wrong")
	want(t, "status that was set", r.status, http.StatusOK)
	want(t, "success", r.at("success"), "false")
	want(t, "token", r.at("token"), "")

	st.SetExpiresInUnit(time.Minute)
	want(t, "expiresIn in minutes", f.loginBabel(sandbox.DemoPassword).at("expiresIn"), "30")
}

func TestBabelCredentialForms(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Babel)
	token, key := f.loginBabel(sandbox.DemoPassword).at("token"), st.Account().APIKey
	tests := []struct {
		name   string
		header []string
		ok     bool
	}{
		{name: "bearer", header: []string{"Authorization", "Bearer " + token}, ok: true},
		{name: "key", header: []string{"x-api-key", key}, ok: true},
		{name: "both", header: []string{"Authorization", "Bearer " + token, "x-api-key", key}, ok: true},
		{name: "dead token with key", header: []string{"Authorization", "Bearer x", "x-api-key", key}, ok: true},
		{name: "plain token", header: []string{"Authorization", token}},
		{name: "key as bearer", header: []string{"Authorization", "Bearer " + key}},
		{name: "token as key", header: []string{"x-api-key", token}},
		{name: "another header", header: []string{"x-licence-key", key}},
		{name: "nothing"},
	}
	for _, tt := range tests {
		want(t, tt.name, f.alive(sandbox.Babel, tt.header), tt.ok)
	}
	st.SetAPIKeyHeader("x-licence-key")
	want(t, "key in a header that was set", f.alive(sandbox.Babel, []string{"x-licence-key", key}), true)
	want(t, "key in the usual header", f.alive(sandbox.Babel, []string{"x-api-key", key}), false)
}

func TestBabelTokenExpires30MinutesAfterLogin(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.Babel)
	f.Clock().Advance(29 * time.Minute)
	want(t, "alive after 29 minutes", f.alive(sandbox.Babel, header), true)
	f.Clock().Advance(time.Minute)
	want(t, "alive after 30 minutes", f.alive(sandbox.Babel, header), false)
}

func TestBabelLifetimeIsSettable(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Babel)
	st.SetLifetime(10 * time.Second)
	r := f.loginBabel(sandbox.DemoPassword)
	want(t, "expiresIn", r.at("expiresIn"), "10")
	f.Clock().Advance(10 * time.Second)
	want(t, "alive", f.alive(sandbox.Babel, []string{"Authorization", "Bearer " + r.at("token")}), false)
	st.SetLifetime(0)
	header := f.signIn(sandbox.Babel)
	f.Clock().Advance(1000 * time.Hour)
	want(t, "alive without a limit", f.alive(sandbox.Babel, header), true)
}

func TestBabelLogout(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.Babel)
	r := f.do(http.MethodPost, f.URL+"/babel/v1/auth/logout", "{}", append(header, "Content-Type", "application/json-patch+json")...)
	want(t, "success", r.at("success"), "true")
	want(t, "logouts", f.Vendor(sandbox.Babel).Logouts(), 1)
	want(t, "alive", f.alive(sandbox.Babel, header), false)
}

func TestBabelLocksAfterFiveFailures(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Babel)
	for range 4 {
		f.loginBabel("wrong")
	}
	want(t, "login after four", f.loginBabel(sandbox.DemoPassword).status, http.StatusOK)
	for range 5 {
		want(t, "wrong login", f.loginBabel("wrong").status, http.StatusUnauthorized)
	}
	want(t, "right login after five in a row", f.loginBabel(sandbox.DemoPassword).status, http.StatusForbidden)
	f.Clock().Advance(5*time.Minute - time.Second)
	want(t, "right login within 5 minutes", f.loginBabel(sandbox.DemoPassword).status, http.StatusForbidden)
	want(t, "failed logins", st.FailedLogins(), 11)
	f.Clock().Advance(time.Second)
	want(t, "right login after 5 minutes", f.loginBabel(sandbox.DemoPassword).status, http.StatusOK)
	st.SetLockoutRefusal(http.StatusTooManyRequests)
	st.Lockout(1, time.Minute)
	f.loginBabel("wrong")
	want(t, "status that was set", f.loginBabel(sandbox.DemoPassword).status, http.StatusTooManyRequests)
}

func TestBabelUserCanBeUpdated(t *testing.T) {
	f := start(t)
	header := append(f.signIn(sandbox.Babel), "Content-Type", asJSON)
	before := f.do(http.MethodGet, f.URL+"/babel/v1/auth/user", "", header...)
	r := f.do(http.MethodPost, f.URL+"/babel/v1/auth/user",
		`{"user": {"id": "x", "city": "Springfield", "title": null, "roles": ["Administrator"]}}`, header...)
	want(t, "success", r.at("success"), "true")
	after := f.do(http.MethodGet, f.URL+"/babel/v1/auth/user", "", header...)
	want(t, "city in the answer", r.at("user.city"), "Springfield")
	want(t, "city", after.at("user.city"), "Springfield")
	want(t, "title", after.at("user.title"), "null")
	for _, name := range []string{"id", "userName", "roles", "apiKeys", "createdAt", "firstName"} {
		if before.at("user."+name) == "" {
			t.Errorf("no %s", name)
		}
		want(t, name, after.at("user."+name), before.at("user."+name))
	}
	if after.at("user.updatedAt") == before.at("user.updatedAt") {
		t.Error("updatedAt has not changed")
	}
}

func TestBabelLeavesOutDefaults(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Babel)
	header := f.signIn(sandbox.Babel)
	full := f.do(http.MethodGet, f.URL+"/babel/v1/auth/user", "", header...)
	want(t, "code", full.at("code"), "0")
	st.LeaveOutDefaults(true)
	short := f.do(http.MethodGet, f.URL+"/babel/v1/auth/user", "", header...)
	want(t, "code", short.at("code"), "")
	want(t, "success", short.at("success"), "true")
	want(t, "user", short.at("user.userName"), full.at("user.userName"))
	want(t, "success of a wrong login", f.loginBabel("wrong").at("success"), "")
}
