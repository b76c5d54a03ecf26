package session

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// onOrigin reports whether a URL has the scheme, host and port of the base URL.
func (e *Engine) onOrigin(u *url.URL) bool {
	if u.Host == e.host && u.Scheme == e.scheme {
		return true
	}
	return rest.SameOrigin(u, &url.URL{Scheme: e.scheme, Host: e.host})
}

// isLoopback reports whether a host name stands for this machine.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// isSecret reports whether a header must not leave the origin.
func (e *Engine) isSecret(name string) bool {
	for _, secret := range e.secrets {
		if strings.EqualFold(secret, name) {
			return true
		}
	}
	return false
}

// hasSecret reports whether the caller has set one of the secret headers.
func (e *Engine) hasSecret(h http.Header) bool {
	for _, name := range e.secrets {
		if _, ok := h[name]; ok {
			return true
		}
	}
	return false
}

// strip returns req, or a copy of it without the secret headers if it has any.
func (e *Engine) strip(req *http.Request) *http.Request {
	found := false
	for name := range req.Header {
		found = found || e.isSecret(name)
	}
	if !found {
		return req
	}
	stripped := *req
	stripped.Header = make(http.Header, len(req.Header))
	for name, values := range req.Header {
		if !e.isSecret(name) {
			stripped.Header[name] = values
		}
	}
	return &stripped
}
