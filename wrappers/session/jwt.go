package session

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// maxJWT is the length of the longest token that is looked into, in bytes.
const maxJWT = 16 << 10

// JWTLifetime returns how long a JSON Web Token is good from the moment it was
// issued, from its claims exp and iat: their difference does not depend on the
// clocks of this machine and the vendor's. The signature is not checked, since
// nothing but the time of renewal depends on the answer. It reports false for
// anything else than a token with both claims.
func JWTLifetime(token string) (time.Duration, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxJWT {
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
	if !(seconds > 0) || seconds > float64(math.MaxInt64/int64(time.Second)) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
