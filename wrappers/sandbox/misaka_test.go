package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// claims decodes the claims of a JWT.
func claims(t *testing.T, token string) (c struct {
	TokenType string `json:"token_type"`
	Iat, Exp  int64
}) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", token)
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fixture) refreshMisaka(token string) response {
	f.t.Helper()
	return f.do(http.MethodPost, f.URL+"/misaka/v3/session/refresh", `{"refresh": "`+token+`"}`, "Content-Type", asJSON)
}

func (f *fixture) aliveMisaka(token string) bool {
	f.t.Helper()
	return f.alive(sandbox.Misaka, []string{"Authorization", "Bearer " + token})
}

func TestMisakaLogin(t *testing.T) {
	f := start(t)
	r := f.loginMisaka("")
	want(t, "status", r.status, http.StatusOK)
	want(t, "access_token", r.at("access_token"), r.at("access"))
	want(t, "refresh_token", r.at("refresh_token"), r.at("refresh"))
	want(t, "sliding_token", r.at("sliding_token"), "")
	want(t, "alive", f.aliveMisaka(r.at("access")), true)
	want(t, "alive by refresh token", f.aliveMisaka(r.at("refresh")), false)

	access, refresh := claims(t, r.at("access")), claims(t, r.at("refresh"))
	want(t, "lifetime in seconds", access.Exp-access.Iat, 300)
	want(t, "type", access.TokenType, "access")
	want(t, "lifetime of the refresh token in seconds", refresh.Exp-refresh.Iat, 86400)

	r = f.loginMisaka(`, "sliding": true`)
	want(t, "alive by sliding token", f.aliveMisaka(r.at("sliding_token")), true)
	r = f.loginMisaka(`, "sliding": false`)
	want(t, "sliding_token", r.at("sliding_token"), "")

	login := func(body string) response {
		t.Helper()
		return f.do(http.MethodPost, f.URL+"/misaka/v3/session/login", body, "Content-Type", asJSON)
	}
	want(t, "username", login(`{"username": "demo@example.com", "password": "sandbox-password-1"}`).status, http.StatusOK)
	r = login(`{"username": "demo@example.com", "email": "x@example.com", "password": "sandbox-password-1"}`)
	want(t, "username beside email", r.status, http.StatusUnauthorized)
	r = login(`{"email": "demo@example.com", "password": "string"}`)
	want(t, "wrong password", r.status, http.StatusUnauthorized)
	want(t, "tokens", r.at("access")+r.at("refresh"), "")
	if r.at("detail") == "" {
		t.Error("no detail")
	}
}

func TestMisakaCredentialForms(t *testing.T) {
	f := start(t)
	access := f.loginMisaka("").at("access")
	key := f.Vendor(sandbox.Misaka).Account().APIKey
	for value, ok := range map[string]bool{
		"Bearer " + access:  true,
		"bearer " + access:  true,
		"Token " + key:      true,
		"Token " + access:   false,
		"Bearer " + key:     false,
		access:              false,
		"Bearer":            false,
		"Bearer " + "a.b.c": false,
	} {
		want(t, value, f.alive(sandbox.Misaka, []string{"Authorization", value}), ok)
	}
	r := f.do(http.MethodPost, f.URL+"/misaka/v3/session/token", "", "Authorization", "Token "+key)
	want(t, "API token where the description has none", r.status, http.StatusUnauthorized)
}

func TestMisakaAccessTokenExpires(t *testing.T) {
	f := start(t)
	r := f.loginMisaka(`, "sliding": true`)
	f.Clock().Advance(299 * time.Second)
	want(t, "alive before", f.aliveMisaka(r.at("access")), true)
	f.Clock().Advance(time.Second)
	want(t, "alive after 5 minutes", f.aliveMisaka(r.at("access")), false)
	want(t, "alive by sliding token", f.aliveMisaka(r.at("sliding_token")), false)
	want(t, "refresh", f.refreshMisaka(r.at("refresh")).status, http.StatusOK)
	f.Clock().Advance(24 * time.Hour)
	r = f.refreshMisaka(r.at("refresh"))
	want(t, "refresh after a day", r.status, http.StatusUnauthorized)
	want(t, "code", r.at("code"), "token_not_valid")
}

func TestMisakaRefreshTokensAreGoodForOnce(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Misaka)
	first := f.loginMisaka("")
	second := f.refreshMisaka(first.at("refresh"))
	want(t, "status", second.status, http.StatusOK)
	want(t, "alive", f.aliveMisaka(second.at("access")), true)
	want(t, "old access token", f.aliveMisaka(first.at("access")), true)
	if second.at("refresh") == first.at("refresh") {
		t.Error("the refresh token is the same")
	}
	want(t, "refreshes", st.Refreshes(), 1)

	other := f.loginMisaka("")
	want(t, "reuse", f.refreshMisaka(first.at("refresh")).status, http.StatusUnauthorized)
	want(t, "refreshes", st.Refreshes(), 1)
	want(t, "alive after reuse", f.aliveMisaka(second.at("access")), false)
	want(t, "newest refresh token after reuse", f.refreshMisaka(second.at("refresh")).status, http.StatusUnauthorized)
	want(t, "other session", f.aliveMisaka(other.at("access")), true)
	want(t, "unknown refresh token", f.refreshMisaka("a.b.c").status, http.StatusUnauthorized)
	want(t, "access token as refresh token", f.refreshMisaka(other.at("access")).status, http.StatusUnauthorized)
}

func TestMisakaRefreshTokensWithoutRotation(t *testing.T) {
	f := start(t)
	f.Vendor(sandbox.Misaka).RotateRefresh(false)
	token := f.loginMisaka("").at("refresh")
	for range 3 {
		r := f.refreshMisaka(token)
		want(t, "status", r.status, http.StatusOK)
		want(t, "refresh", r.at("refresh"), token)
		want(t, "alive", f.aliveMisaka(r.at("access")), true)
	}
}

func TestMisakaRefreshKeepsASessionFor(t *testing.T) {
	f := start(t)
	f.Vendor(sandbox.Misaka).SetRefreshLifetime(time.Hour)
	token := f.loginMisaka("").at("refresh")
	for range 100 { // more tokens than a session remembers
		f.Clock().Advance(50 * time.Minute)
		r := f.refreshMisaka(token)
		if r.status != http.StatusOK || !f.aliveMisaka(r.at("access")) {
			t.Fatal(r.body)
		}
		token = r.at("refresh")
	}
}

func TestMisakaLogout(t *testing.T) {
	f := start(t)
	logout := func(body string, header ...string) {
		t.Helper()
		r := f.do(http.MethodPost, f.URL+"/misaka/v3/session/logout", body, append(header, "Content-Type", asJSON)...)
		want(t, "status", r.status, http.StatusOK)
	}
	byRefresh, byAccess := f.loginMisaka(""), f.loginMisaka("")
	logout(`{"refresh": "` + byRefresh.at("refresh") + `"}`)
	want(t, "access", f.aliveMisaka(byRefresh.at("access")), false)
	want(t, "refresh", f.refreshMisaka(byRefresh.at("refresh")).status, http.StatusUnauthorized)
	want(t, "other session", f.aliveMisaka(byAccess.at("access")), true)
	logout("{}", "Authorization", "Bearer "+byAccess.at("access"))
	want(t, "access", f.aliveMisaka(byAccess.at("access")), false)
	want(t, "logouts", f.Vendor(sandbox.Misaka).Logouts(), 2)
	logout(`{"refresh": "unknown"}`)
	want(t, "logouts", f.Vendor(sandbox.Misaka).Logouts(), 2)
}

func TestMisakaSecondFactor(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.Misaka)
	st.RequireSecondFactor(true)
	withCode := func(body string) response {
		t.Helper()
		return f.do(http.MethodPost, f.URL+"/misaka/v3/session/login/2fa", body, "Content-Type", asJSON)
	}
	want(t, "code without a login", withCode(`{"code": "123456"}`).status, http.StatusUnauthorized)
	r := f.loginMisaka("")
	want(t, "status", r.status, http.StatusUnauthorized)
	want(t, "tokens", r.at("access"), "")
	if r.at("detail") == "" || r.at("code") != "" {
		t.Errorf("body %s", r.body)
	}
	want(t, "logins", st.Logins(), 0)
	want(t, "wrong code", withCode(`{"code": "654321"}`).status, http.StatusUnauthorized)
	r = withCode(`{"code": "123456"}`)
	want(t, "right code", r.status, http.StatusOK)
	want(t, "alive", f.aliveMisaka(r.at("access")), true)
	want(t, "code again", withCode(`{"code": "123456"}`).status, http.StatusUnauthorized)

	all := `{"email": "demo@example.com", "password": "sandbox-password-1", "sliding": true, "code": "123456"}`
	want(t, "alive", f.aliveMisaka(withCode(all).at("sliding_token")), true)
	wrong := strings.Replace(all, "password-1", "password-2", 1)
	want(t, "wrong password with right code", withCode(wrong).status, http.StatusUnauthorized)

	st.SetChallengeStatus(http.StatusOK)
	r = f.loginMisaka("")
	want(t, "status that was set", r.status, http.StatusOK)
	want(t, "tokens", r.at("access"), "")
}

func TestMisakaPasswordChange(t *testing.T) {
	f := start(t)
	header := append(f.signIn(sandbox.Misaka), "Content-Type", asJSON)
	other := f.signIn(sandbox.Misaka)
	change := func(body string) response {
		t.Helper()
		return f.do(http.MethodPost, f.URL+"/misaka/v3/account/password", body, header...)
	}
	want(t, "wrong password", change(`{"current_password": "string", "new_password": "string-2"}`).status, http.StatusBadRequest)
	r := change(`{"current_password": "sandbox-password-1", "new_password": "string-2"}`)
	want(t, "success", r.at("success"), "true")
	want(t, "other session", f.alive(sandbox.Misaka, other), true)
	want(t, "login", f.loginMisaka("").status, http.StatusOK)
	change(`{"current_password": "string-2", "new_password": "string-3", "logout_all_sessions": true}`)
	want(t, "other session", f.alive(sandbox.Misaka, other), false)
	want(t, "own session", f.alive(sandbox.Misaka, header), false)
}
