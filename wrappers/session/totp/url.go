package totp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// FromURL returns a Challenger for the text of a QR code as authenticator apps
// read it, such as
//
//	otpauth://totp/Acme:me@acme.example?secret=JBSWY3DPEHPK3PXP&issuer=Acme
//
// with the optional parameters digits, period (in seconds) and algorithm
// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). What
// the label and the issuer say is not used.
//
// FromURL returns an error for what [New] does, and for anything that it does
// not know how to compute: a guess would be a wrong code, which counts as a
// failed attempt. The error does not repeat the URL.
func FromURL(text rest.Secret) (*Challenger, error) {
	u, err := url.Parse(strings.TrimSpace(text.Reveal()))
	if err != nil || u.Scheme != "otpauth" {
		return nil, errors.New("totp: not an otpauth URL")
	}
	if !strings.EqualFold(u.Host, "totp") {
		return nil, errors.New("totp: otpauth URL of another type than totp")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("totp: otpauth URL with a malformed query")
	}
	if query.Has("encoder") {
		return nil, errors.New("totp: otpauth URL with an encoder of its own")
	}
	var opts []Option
	if algorithm := query.Get("algorithm"); algorithm != "" {
		opts = append(opts, WithAlgorithm(Algorithm(strings.ToUpper(algorithm))))
	}
	for name, option := range map[string]func(int) Option{
		"digits": WithDigits,
		"period": func(n int) Option { return WithPeriod(time.Duration(n) * time.Second) },
	} {
		if text := query.Get(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 16)
			if err != nil {
				return nil, fmt.Errorf("totp: otpauth URL with %s that cannot be", name)
			}
			opts = append(opts, option(int(n)))
		}
	}
	return New(rest.NewSecret(query.Get("secret")), opts...)
}
