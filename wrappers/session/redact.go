package session

import (
	"net/http"
	"slices"
)

// Redact returns a copy of h for logs, in which the values of all headers that
// usually hold credentials, and of those named, are replaced by [redacted].
// [Driver.SecretHeaders] has the names for a vendor.
func Redact(h http.Header, names ...string) http.Header {
	secret := []string{
		"Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie", "X-Api-Key", "X-Auth-Token", "X-Session-Id",
	}
	for _, name := range names {
		secret = append(secret, http.CanonicalHeaderKey(name))
	}
	clean := make(http.Header, len(h))
	for name, values := range h {
		if slices.Contains(secret, http.CanonicalHeaderKey(name)) {
			values = slices.Repeat([]string{"[redacted]"}, len(values))
		}
		clean[name] = slices.Clone(values)
	}
	return clean
}
