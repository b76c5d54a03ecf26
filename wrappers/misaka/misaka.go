// Package misaka is a client of the Misaka.io API that signs in by itself.
//
// A session begins with the first call. Its access token is renewed with the
// refresh token ahead of the expiry that stands in the token; if that is
// refused, the client signs in again. If the account has a second factor, the
// code comes from the [session.Challenger] given with
// [session.WithChallenger]. Instead of a user an API token can call.
//
// Much of this API is known by title only; the comments of the operations say
// what is inferred.
package misaka

import (
	"errors"
	"strings"
	"unicode"

	"github.com/latchkey-go/latchkey/generated/misakaapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/retry"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// BaseURL is where Misaka answers, unless [session.WithBaseURL] says otherwise.
const BaseURL = "https://api.misaka.io"

// Credentials say who calls: a user with a password, or the owner of an API
// token.
type Credentials struct {
	Email    string
	Password rest.Secret

	// Version names this version of the credentials where there is a store: any
	// text that changes with the password and does not tell it, such as a date.
	// A refusal that the store has noted does not hold for another version.
	Version string

	// Sliding asks for a sliding token at sign-in and calls with it.
	Sliding bool

	// CodeField is the name of the field in which the code of a second factor
	// is sent. It is not published; empty means code, which is inferred.
	CodeField string

	// APIToken is used in place of a user, as "Authorization: Token …".
	// Observed for DNS operations; that the others take it is inferred.
	APIToken rest.Secret
}

// A Client has every operation of Misaka, and the methods of its session. It is
// safe for concurrent use.
type Client struct {
	*misakaapi.Client
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
	return &Client{Client: misakaapi.New(engine.Client()), Engine: engine}, nil
}

func newDriver(creds Credentials) (session.Driver, error) {
	user := creds.Email != "" || !creds.Password.IsZero()
	switch {
	case user && !creds.APIToken.IsZero():
		return nil, errors.New("misaka: credentials need either an e-mail and a password or an API token, not both")
	case strings.ContainsFunc(creds.APIToken.Reveal(), unicode.IsControl):
		return nil, errors.New("misaka: the API token holds a line break or another control character")
	case !creds.APIToken.IsZero():
		return session.Key("misaka", "Authorization", rest.NewSecret("Token "+creds.APIToken.Reveal())), nil
	case creds.Email == "" || creds.Password.IsZero():
		return nil, errors.New("misaka: credentials need an e-mail and a password, or an API token")
	}
	return &driver{creds}, nil
}
