package session

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// JWTLifetime returns how long a JSON Web Token was good when it was issued:
// the difference of its claims exp and iat, so that it does not matter what the
// vendor's clock shows. It checks no signature, since whoever sends the token
// back need not trust it.
//
// It returns false if token is no JSON Web Token, lacks one of the claims, or
// is longer than 64 KiB.
func JWTLifetime(token string) (lifetime time.Duration, ok bool) {
	const longestToken = 64 << 10
	if len(token) > longestToken {
		return 0, false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return 0, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return 0, false
	}
	var claims struct {
		Expires *float64 `json:"exp"`
		Issued  *float64 `json:"iat"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Expires == nil || claims.Issued == nil {
		return 0, false
	}
	seconds := *claims.Expires - *claims.Issued
	if seconds <= 0 || seconds > longest.Seconds() {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
