package session

import (
	"context"
	"net/http"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// Key returns a [Driver] for a vendor that takes a fixed key in place of a
// session: calls carry value in the given header, nothing is sent to sign in or
// out, and a refusal goes to the caller. A [Store] has nothing to do for it.
func Key(vendor, header string, value rest.Secret) Driver {
	return &key{vendor: vendor, header: http.CanonicalHeaderKey(header), value: value}
}

type key struct {
	vendor, header string
	value          rest.Secret
}

func (k *key) Vendor() string { return k.vendor }

func (k *key) SignIn(context.Context, *rest.Client, Challenger) (*Grant, error) {
	return &Grant{Token: k.value}, nil
}

func (k *key) Apply(header http.Header, grant *Grant) { header.Set(k.header, grant.Token.Reveal()) }

func (k *key) SecretHeaders() []string { return []string{k.header} }

// Judge never takes a key for dead: signing in again would bring the same one.
func (k *key) Judge(*http.Response, string) Verdict { return Alive }
