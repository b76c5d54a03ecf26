// Package alertsite is a client of the AlertSite JSON API that signs in by
// itself.
//
// A session begins with the first call and ends 15 minutes after the last one
// (https://support.smartbear.com/alertsite/docs/api/json-api/login.html). The
// client signs in again before a call that would come too late, and once more
// if AlertSite ended the session early. AlertSite has no way to sign out.
//
// AlertSite reports failures in the body of an answer with HTTP status 200;
// they are returned as [*rest.Error] with AlertSite's status as Code.
package alertsite

import (
	"errors"

	"github.com/latchkey-go/latchkey/generated/alertsiteapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/retry"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// BaseURL is where AlertSite answers, unless [session.WithBaseURL] says
// otherwise.
const BaseURL = "https://www.alertsite.com/alertsite-restapi"

// Credentials say who signs in. AlertSite does not let single sign-on users
// use its API.
type Credentials struct {
	Login    string // the e-mail address of the account
	Password rest.Secret

	// Version names this version of the credentials where there is a store: any
	// text that changes with the password and does not tell it, such as a date.
	// A refusal that the store has noted does not hold for another version.
	Version string
}

// A Client has every operation of AlertSite, and the methods of its session.
// It is safe for concurrent use.
type Client struct {
	*alertsiteapi.Client
	*session.Engine
}

// New returns a Client that signs in as creds with its first call. It sends
// nothing itself.
//
// New returns an error if creds are incomplete or the base URL cannot be used.
func New(creds Credentials, opts ...session.Option) (*Client, error) {
	if creds.Login == "" || creds.Password.IsZero() {
		return nil, errors.New("alertsite: credentials need a login and a password")
	}
	engine, err := session.New(&driver{creds}, BaseURL, retry.Default(opts)...)
	if err != nil {
		return nil, err
	}
	return &Client{Client: alertsiteapi.New(engine.Client()), Engine: engine}, nil
}
