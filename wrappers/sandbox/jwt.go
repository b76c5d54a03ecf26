package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// newJWT returns a JSON Web Token signed with HS256. Its times are whole seconds;
// it has no exp if expires is zero.
func newJWT(key []byte, tokenType string, issued, expires time.Time) string {
	claims := map[string]any{
		"token_type": tokenType,
		"iat":        issued.Unix(),
		"jti":        randomHex(16),
		"user_id":    1,
	}
	if !expires.IsZero() {
		claims["exp"] = expires.Unix()
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc.EncodeToString(encode(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + enc.EncodeToString(mac.Sum(nil))
}
