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

// guard keeps other sites out of own, which is what belongs to the page, and of
// the stand-ins: it refuses requests that a browser sends for another site and
// that are not only for reading, and those under a host name that could have
// been made to lead here. What a program sends to a stand-in is not looked at,
// so that a stand-in can have any name.
func (p *page) guard(own, standins http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ours := r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, prefix)
		if ours {
			setHeaders(w.Header())
		}
		fromBrowser := r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
		switch err := sameOrigin.Check(r); {
		case (ours || fromBrowser) && !p.knows(r.Host):
			fail(w, http.StatusMisdirectedRequest, "reach the sandbox by its address or as localhost")
		case err != nil:
			fail(w, http.StatusForbidden, "another site must not use the sandbox: "+err.Error())
		case ours:
			own.ServeHTTP(w, r)
		default:
			standins.ServeHTTP(w, r)
		}
	})
}

// setHeaders sets the headers that keep the page to itself.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
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
