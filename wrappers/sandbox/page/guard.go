package page

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// policy lets the page load from its own origin only. Images in style sheets
// may be written out there; nothing else may be inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard sets the headers that keep the page to itself, and refuses requests that
// change something and come from another site.
func (p *page) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	checked := sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if r.Method == http.MethodPost && !p.knows(r.Host) {
			fail(w, http.StatusMisdirectedRequest, "reach the sandbox by its address or as localhost")
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// knows tells whether a Host header names the sandbox in a way that a site
// elsewhere cannot bring about by what it answers in the DNS: by an address, by
// a name without dots or of this machine or network, or as [sandbox.Server]
// names itself.
func (p *page) knows(host string) bool {
	if u, err := url.Parse(p.server.URL); err == nil && u.Host != "" && strings.EqualFold(u.Host, host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if net.ParseIP(name) != nil || name != "" && !strings.Contains(name, ".") {
		return true
	}
	for _, suffix := range []string{".localhost", ".local", ".internal", ".test"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
