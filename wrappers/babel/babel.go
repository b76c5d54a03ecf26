// Package babel is a client of the Babel Licensing Service that signs in by
// itself.
//
// A session begins with the first call and ends when the token expires, by
// default after 30 minutes; the service has no way to renew it, so the client
// signs in again ahead of time. Instead of a user name and a password the
// service also takes an API key.
//
// The service answers most failures with success false in the body; they are
// returned as [*rest.Error].
package babel

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/latchkey-go/latchkey/generated/babelapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/retry"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// BaseURL is where the service answers in its own examples, unless
// [session.WithBaseURL] says otherwise. Everybody runs a server of their own.
const BaseURL = "https://localhost:5455"

// APIKeyHeader is the header of an API key, unless the service is set up
// otherwise.
const APIKeyHeader = "x-api-key"

// Credentials say who calls: a user with a password, or the owner of an API
// key.
type Credentials struct {
	Username string
	Password rest.Secret

	// Version names this version of the credentials where there is a store: any
	// text that changes with the password and does not tell it, such as a date.
	// A refusal that the store has noted does not hold for another version.
	Version string

	APIKey       rest.Secret // in place of user name and password
	APIKeyHeader string      // [APIKeyHeader] if empty

	// ExpiryUnit is the unit of expiresIn in the answer to a login. No page
	// states it; zero means seconds, which is inferred from the name.
	ExpiryUnit time.Duration
}

// A Client has every operation of the service, and the methods of its session.
// It is safe for concurrent use.
type Client struct {
	*babelapi.Client
	*session.Engine
}

// New returns a Client that signs in as creds with its first call. It sends
// nothing itself.
//
// New returns an error if creds are incomplete, say two things at once or cannot
// be sent, or if the base URL cannot be used.
func New(creds Credentials, opts ...session.Option) (*Client, error) {
	driver, err := newDriver(creds)
	if err != nil {
		return nil, err
	}
	engine, err := session.New(driver, BaseURL, retry.Default(opts)...)
	if err != nil {
		return nil, err
	}
	return &Client{Client: babelapi.New(engine.Client()), Engine: engine}, nil
}

func newDriver(creds Credentials) (session.Driver, error) {
	user := creds.Username != "" || !creds.Password.IsZero()
	switch {
	case user && !creds.APIKey.IsZero():
		return nil, errors.New("babel: credentials need either a user name and a password or an API key, not both")
	case strings.ContainsFunc(creds.APIKey.Reveal(), unicode.IsControl):
		return nil, errors.New("babel: the API key holds a line break or another control character")
	case !creds.APIKey.IsZero():
		return newKeyDriver(creds)
	case creds.Username == "" || creds.Password.IsZero():
		return nil, errors.New("babel: credentials need a user name and a password, or an API key")
	}
	if creds.ExpiryUnit < 0 {
		return nil, fmt.Errorf("babel: the unit of the expiry is negative: %v", creds.ExpiryUnit)
	}
	if creds.ExpiryUnit == 0 {
		creds.ExpiryUnit = time.Second
	}
	return &driver{creds}, nil
}

func newKeyDriver(creds Credentials) (session.Driver, error) {
	header := cmp.Or(creds.APIKeyHeader, APIKeyHeader)
	for _, r := range header {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) { // RFC 9110, section 5.6.2
			return nil, errors.New("babel: APIKeyHeader is not the name of a header")
		}
	}
	return session.Key("babel", header, creds.APIKey), nil
}
