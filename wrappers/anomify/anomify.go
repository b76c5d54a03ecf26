// Package anomify is a client of the Anomify API that signs in by itself.
//
// A session begins with the first call. Its lifetime is not published, so the
// client signs in again when Anomify no longer knows the session. If the
// account has two-factor authentication, the code comes from the
// [session.Challenger] given with [session.WithChallenger]. Instead of a user
// an organization can call, with its token.
//
// Anomify reports failures in status.code of the body, too; they are returned
// as [*rest.Error].
package anomify

import (
	"errors"
	"strings"
	"unicode"

	"github.com/latchkey-go/latchkey/generated/anomifyapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/retry"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// BaseURL is where Anomify answers, unless [session.WithBaseURL] says
// otherwise.
const BaseURL = "https://api.anomify.ai"

// Credentials say who calls: a user with a password, or an organization.
type Credentials struct {
	Email    string
	Password rest.Secret

	// Version names this version of the credentials where there is a store: any
	// text that changes with the password and does not tell it, such as a date.
	// A refusal that the store has noted does not hold for another version.
	Version string

	// ClientToken is sent with the code of a second factor. It may be empty;
	// then Anomify takes the code only from the client that began the login,
	// which this one is.
	ClientToken rest.Secret

	// OrganizationToken is used in place of a user. Which operations take it is
	// not published.
	OrganizationToken rest.Secret
}

// A Client has every operation of Anomify, and the methods of its session. It
// is safe for concurrent use.
type Client struct {
	*anomifyapi.Client
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
	return &Client{Client: anomifyapi.New(engine.Client()), Engine: engine}, nil
}

func newDriver(creds Credentials) (session.Driver, error) {
	user := creds.Email != "" || !creds.Password.IsZero()
	switch {
	case user && !creds.OrganizationToken.IsZero():
		// With both on a request the user would win.
		return nil, errors.New("anomify: credentials need either an e-mail and a password or an organization token, not both")
	case strings.ContainsFunc(creds.OrganizationToken.Reveal(), unicode.IsControl):
		return nil, errors.New("anomify: the organization token holds a line break or another control character")
	case !creds.OrganizationToken.IsZero():
		return session.Key("anomify", "X-Auth-Token", creds.OrganizationToken), nil
	case creds.Email == "" || creds.Password.IsZero():
		return nil, errors.New("anomify: credentials need an e-mail and a password, or an organization token")
	}
	return &driver{creds}, nil
}
