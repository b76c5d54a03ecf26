package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/totp"
)

// gather returns the credentials of a vendor: those of the environment, else
// those that a remembered account points to. What the account points to is used
// for its own login only.
func (a *app) gather(v vendor, acc account) (credentials, error) {
	env := func(name string) rest.Secret { return rest.NewSecret(v.getenv(name)) }
	c := credentials{login: v.getenv(v.login), password: env("PASSWORD"), totp: env("TOTP_SECRET")}
	if v.key != "" {
		c.key = env(v.key)
	}
	if c.login == "" && c.key.IsZero() {
		c.login = acc.Login
		if acc.Login == "" && acc.KeyFile != "" {
			var err error
			c.key, err = a.secretFile(acc.KeyFile)
			return c, err
		}
	}
	if c.login == "" || c.login != acc.Login {
		return c, nil
	}
	if c.password.IsZero() && acc.PasswordFile != "" {
		c.password, c.missing = a.secretFile(acc.PasswordFile)
	}
	var err error
	if c.totp.IsZero() && acc.TOTPFile != "" {
		c.totp, err = a.secretFile(acc.TOTPFile)
	}
	c.helper = acc.Helper
	return c, err
}

// secretFile reads a secret from a file, or from standard input for "-". A line
// break at the end does not belong to it.
func (a *app) secretFile(name string) (rest.Secret, error) {
	if name == "-" && term.IsTerminal(int(a.stdin.Fd())) {
		return rest.Secret{}, usagef("standard input is a terminal, which shows what is typed: leave the file out, and you are asked")
	}
	text, err := a.readFile(name)
	if err != nil {
		return rest.Secret{}, err
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return rest.Secret{}, usagef("%s is empty", describeFile(name))
	}
	return rest.NewSecret(secret), nil
}

// readFile reads a file, or standard input for "-", which is there once only.
func (a *app) readFile(name string) ([]byte, error) {
	if name != "-" {
		data, err := await(a.end, func() ([]byte, error) { return os.ReadFile(name) }) //nolint:gosec // the user says which file
		if err != nil {
			return nil, usagef("%v", err)
		}
		return data, nil
	}
	if a.stdinUsed {
		return nil, usagef("standard input can be used for one thing only")
	}
	a.stdinUsed = true
	if a.prompter().available() {
		fmt.Fprintln(a.err.w, "reading from the terminal; end with ^D on a line of its own")
	}
	data, err := await(a.end, func() ([]byte, error) { return io.ReadAll(a.stdin) })
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return data, nil
}

func describeFile(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// challengerFor returns what answers second factors: the secret if there is one,
// else the person at the terminal if one may be asked, else nobody.
func (a *app) challengerFor(ctx context.Context, c credentials, ask bool) (session.Challenger, error) {
	if !c.totp.IsZero() {
		build := func(s rest.Secret) (*totp.Challenger, error) { return totp.New(s) }
		if bytes.HasPrefix([]byte(c.totp.Reveal()), []byte("otpauth:")) {
			build = totp.FromURL
		}
		challenger, err := build(c.totp)
		if err != nil {
			return nil, usagef("the secret of the second factor: %v", err)
		}
		return challenger, nil
	}
	if p := a.prompter(); ask && p.available() {
		return p.challenger(ctx), nil
	}
	return nil, nil
}
