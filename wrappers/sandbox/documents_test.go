package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// The calls that the vendors' documents print, unchanged but for the host and the
// credentials.
func TestDocumentedCalls(t *testing.T) {
	f := start(t)
	babel := []string{"Content-Type", "application/json-patch+json", "Accept", "text/plain"}
	babelKey := append(babel, "x-api-key", f.Vendor(sandbox.Babel).Account().APIKey)
	tests := []struct {
		name, method, path, body string
		header                   []string
		status                   int
		want                     map[string]string // members of the answer
	}{
		{
			name: "AlertSite login", method: http.MethodPost, path: "/alertsite/login",
			body: `{"login": "demo@example.com", "password": "sandbox-password-1"}`, header: []string{"Content-Type", asJSON},
			status: http.StatusOK, want: map[string]string{"metadata.status": "0", "metadata.message": "No errors.", "metadata.login": "demo@example.com"},
		},
		{
			name: "AlertSite login with a wrong password", method: http.MethodPost, path: "/alertsite/login",
			body: `{"login": "demo@example.com", "password": "passw0rd"}`, header: []string{"Content-Type", asJSON},
			status: http.StatusOK, want: map[string]string{"metadata.status": "40", "metadata.message": "Invalid login information.", "metadata.session": ""},
		},
		{
			name: "Anomify login", method: http.MethodPost, path: "/anomify/login",
			body: "email=demo%40example.com&password=sandbox-password-1", header: []string{"Content-Type", asForm},
			status: http.StatusOK, want: map[string]string{"status.code": "200", "data.two_factor_auth_required": "false"},
		},
		{
			name: "Misaka login without an address", method: http.MethodPost, path: "/misaka/v3/session/login",
			body: `{    "password": "string"  }`, header: []string{"Content-Type", asJSON},
			status: http.StatusUnauthorized, want: map[string]string{"access": ""},
		},
		{
			name: "Misaka login", method: http.MethodPost, path: "/misaka/v3/session/login",
			body: `{"email": "demo@example.com", "password": "sandbox-password-1"}`, header: []string{"Content-Type", asJSON},
			status: http.StatusOK, want: map[string]string{"user.country": "ZZ"},
		},
		{
			name: "Babel login", method: http.MethodPost, path: "/babel/v1/auth/login",
			body: `{ "username": "demo@example.com", "password": "sandbox-password-1" }`, header: babelKey,
			status: http.StatusOK, want: map[string]string{"success": "true", "code": "0", "expiresIn": "1800"},
		},
		{
			name: "Babel user", method: http.MethodGet, path: "/babel/v1/auth/user", header: babelKey,
			status: http.StatusOK, want: map[string]string{"success": "true", "user.countryCode": "XX"},
		},
		{
			name: "Babel update", method: http.MethodPost, path: "/babel/v1/auth/user", header: babelKey,
			body:   `{ "user": { "id": "string", "userName": "string", "email": "string" } }`,
			status: http.StatusOK, want: map[string]string{"success": "true", "user.userName": "string"},
		},
		{
			name: "Babel logout", method: http.MethodPost, path: "/babel/v1/auth/logout", body: `{}`, header: babelKey,
			status: http.StatusOK, want: map[string]string{"success": "true", "code": "0"},
		},
		{
			name: "Babel logout without a key", method: http.MethodPost, path: "/babel/v1/auth/logout", body: `{}`, header: babel,
			status: http.StatusUnauthorized, want: map[string]string{"success": "false"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := f.do(tt.method, f.URL+tt.path, tt.body, tt.header...)
			want(t, "status", r.status, tt.status)
			for path, value := range tt.want {
				want(t, path, r.at(path), value)
			}
			if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, asJSON) {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
}
