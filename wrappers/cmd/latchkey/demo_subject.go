package main

import (
	"context"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A client is what the wrappers of all vendors have in common.
type client interface {
	SignIn(ctx context.Context) error
	Close(ctx context.Context) error
}

// A subject is a vendor to try.
type subject struct {
	vendor   sandbox.Vendor
	open     func(login string, password rest.Secret, opts ...session.Option) (client, error)
	call     string        // an operation without arguments that needs a session
	expire   time.Duration // after this the session is over
	renewed  string        // how it is renewed then: "login" or "refresh"
	code     string        // the operation that takes a second factor, "" if there is none
	signsOut bool
}

var subjects = []subject{ //nolint:gochecknoglobals // a table that never changes
	{
		vendor: sandbox.Anomify, call: "getUserInfo", expire: 61 * time.Minute, renewed: "login", code: "validateClient", signsOut: true,
		open: func(login string, password rest.Secret, opts ...session.Option) (client, error) {
			return anomify.New(anomify.Credentials{Email: login, Password: password}, opts...)
		},
	},
	{
		vendor: sandbox.AlertSite, call: "getLocations", expire: 16 * time.Minute, renewed: "login",
		open: func(login string, password rest.Secret, opts ...session.Option) (client, error) {
			return alertsite.New(alertsite.Credentials{Login: login, Password: password}, opts...)
		},
	},
	{
		vendor: sandbox.Misaka, call: "listDevices", expire: 6 * time.Minute, renewed: "refresh", code: "loginWithSecondFactor", signsOut: true,
		open: func(login string, password rest.Secret, opts ...session.Option) (client, error) {
			return misaka.New(misaka.Credentials{Email: login, Password: password}, opts...)
		},
	},
	{
		vendor: sandbox.Babel, call: "getLoggedInUser", expire: 31 * time.Minute, renewed: "login", signsOut: true,
		open: func(login string, password rest.Secret, opts ...session.Option) (client, error) {
			return babel.New(babel.Credentials{Username: login, Password: password}, opts...)
		},
	},
}
