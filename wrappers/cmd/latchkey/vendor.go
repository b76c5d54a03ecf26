package main

import (
	"os"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A vendor is what the command knows besides the description.
type vendor struct {
	name    string
	baseURL string
	login   string // what the vendor calls the name of a user, as in environment variables
	key     string // what it calls a key, as in environment variables; "" if it has none
	factor  bool   // may ask for a second factor
	ends    string // how a session ends
	open    func(credentials, ...session.Option) (*session.Engine, error)
}

// credentials say who calls.
type credentials struct {
	login    string
	password rest.Secret
	key      rest.Secret // in place of login and password
	totp     rest.Secret // what second factors are computed from; may be empty
	helper   string      // a command that knows the password; may be empty
	missing  error       // why a password that was remembered is not here; may be nil
}

var vendors = []vendor{ //nolint:gochecknoglobals // a table that never changes
	{
		name: "anomify", baseURL: anomify.BaseURL, login: "EMAIL", key: "ORGANIZATION_TOKEN", factor: true,
		ends: "when Anomify forgets it",
		open: func(c credentials, opts ...session.Option) (*session.Engine, error) {
			client, err := anomify.New(anomify.Credentials{
				Email: c.login, Password: c.password, OrganizationToken: c.key,
				ClientToken: rest.NewSecret(os.Getenv("ANOMIFY_CLIENT_TOKEN")),
			}, opts...)
			if err != nil {
				return nil, err
			}
			return client.Engine, nil
		},
	},
	{
		name: "alertsite", baseURL: alertsite.BaseURL, login: "LOGIN",
		ends: "after 15 minutes without a call",
		open: func(c credentials, opts ...session.Option) (*session.Engine, error) {
			client, err := alertsite.New(alertsite.Credentials{Login: c.login, Password: c.password}, opts...)
			if err != nil {
				return nil, err
			}
			return client.Engine, nil
		},
	},
	{
		name: "misaka", baseURL: misaka.BaseURL, login: "EMAIL", key: "API_TOKEN", factor: true,
		ends: "when the refresh token expires",
		open: func(c credentials, opts ...session.Option) (*session.Engine, error) {
			client, err := misaka.New(misaka.Credentials{
				Email: c.login, Password: c.password, APIToken: c.key,
				Sliding: os.Getenv("MISAKA_SLIDING") == "1", CodeField: os.Getenv("MISAKA_CODE_FIELD"),
			}, opts...)
			if err != nil {
				return nil, err
			}
			return client.Engine, nil
		},
	},
	{
		name: "babel", baseURL: babel.BaseURL, login: "USERNAME", key: "API_KEY",
		ends: "when the token expires, by default after 30 minutes",
		open: openBabel,
	},
}

func openBabel(c credentials, opts ...session.Option) (*session.Engine, error) {
	creds := babel.Credentials{Username: c.login, Password: c.password, APIKey: c.key, APIKeyHeader: os.Getenv("BABEL_API_KEY_HEADER")}
	if text := os.Getenv("BABEL_EXPIRY_UNIT"); text != "" {
		unit, err := time.ParseDuration(text)
		if err != nil || unit <= 0 {
			return nil, usagef("BABEL_EXPIRY_UNIT is no duration such as 1s or 1m")
		}
		creds.ExpiryUnit = unit
	}
	client, err := babel.New(creds, opts...)
	if err != nil {
		return nil, err
	}
	return client.Engine, nil
}

// findVendor returns the vendor of that name, or an error that suggests one.
func findVendor(name string) (vendor, error) {
	i := slices.IndexFunc(vendors, func(v vendor) bool { return v.name == name })
	if i < 0 {
		return vendor{}, usagef("there is no vendor %q%s", name, suggestion(name, vendorNames()))
	}
	return vendors[i], nil
}

func vendorNames() []string {
	names := make([]string, len(vendors))
	for i, v := range vendors {
		names[i] = v.name
	}
	return names
}

// env returns the name of an environment variable, such as ANOMIFY_EMAIL.
func (v vendor) env(name string) string { return strings.ToUpper(v.name) + "_" + name }

// getenv returns the value of an environment variable of the vendor.
func (v vendor) getenv(name string) string { return os.Getenv(v.env(name)) }

// ways says how to sign in without a question.
func (v vendor) ways() string {
	text := "run latchkey login " + v.name + ", or set " + v.env(v.login) + " and " + v.env("PASSWORD")
	if v.key != "" {
		text += ", or " + v.env(v.key)
	}
	return text
}
