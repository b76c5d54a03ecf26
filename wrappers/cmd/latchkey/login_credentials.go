package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// loginWithKey remembers where a key is.
func (a *app) loginWithKey(t target, file string) error {
	if t.key == "" {
		return usagef("%s has no keys; sign in with a login and a password", t.name)
	}
	path, err := remembered(file)
	if err != nil {
		return err
	}
	if path == "" {
		return usagef("a key cannot be remembered from standard input; set %s, or give a file", t.env(t.key))
	}
	if _, err := a.secretFile(path); err != nil {
		return err
	}
	if err := a.remember(account{Vendor: t.name, BaseURL: t.baseURL, KeyFile: path, Store: storeFile, Since: time.Now()}); err != nil {
		return err
	}
	a.err.note(t.name + ": calls use the key in " + path + " from now on; whether it is good shows with the first one")
	return nil
}

// loginCredentials returns the credentials that flags and environment give, and
// the account to remember. What the account of before points to counts for the
// same login only.
func (a *app) loginCredentials(t target, f loginFlags) (account, credentials, error) {
	acc := t.account
	if f.login != "" && f.login != acc.Login {
		acc = account{Login: f.login}
	}
	if f.passwordFile != "" || f.helper != "" {
		acc.PasswordFile, acc.Helper = "", f.helper
	}
	creds, err := a.gather(t.vendor, acc)
	if err != nil {
		return acc, creds, err
	}
	if f.login != "" || f.passwordFile != "" || f.helper != "" {
		creds.key = rest.Secret{}
	}
	if f.login != "" && creds.login != f.login {
		creds = credentials{login: f.login}
	}
	if f.helper != "" {
		creds.password, creds.helper = rest.Secret{}, f.helper
	}
	if f.passwordFile != "" {
		creds.helper = ""
		if creds.password, err = a.secretFile(f.passwordFile); err != nil {
			return acc, creds, err
		}
		if acc.PasswordFile, err = remembered(f.passwordFile); err != nil {
			return acc, creds, err
		}
	}
	if f.totpFile != "" {
		if creds.totp, err = a.secretFile(f.totpFile); err != nil {
			return acc, creds, err
		}
		if acc.TOTPFile, err = remembered(f.totpFile); err != nil {
			return acc, creds, err
		}
	}
	acc.Vendor, acc.BaseURL, acc.KeyFile = t.name, t.baseURL, ""
	return acc, creds, nil
}

// remembered returns the absolute name of a file, or nothing for standard input.
func remembered(file string) (string, error) {
	if file == "-" {
		return "", nil
	}
	return filepath.Abs(file)
}

func (a *app) askLogin(ctx context.Context, t target) (string, error) {
	p := a.prompter()
	if !p.available() {
		return "", fmt.Errorf("%s: %w: no terminal to ask at; set %s, or give --login", t.name, errNotSignedIn, t.env(t.login))
	}
	label := map[string]string{"EMAIL": "E-mail", "LOGIN": "Login", "USERNAME": "User name"}[t.login]
	login, err := p.line(ctx, label)
	if err == nil && login == "" {
		err = usagef("no login was given")
	}
	return login, err
}

// askPassword asks the helper for the password, or the person at the terminal.
func (a *app) askPassword(ctx context.Context, t target, creds *credentials) error {
	if !creds.password.IsZero() {
		return nil
	}
	if creds.helper != "" {
		return creds.ask(ctx, t.baseURL, a.err)
	}
	p := a.prompter()
	if !p.available() {
		return fmt.Errorf("%s: %w: no terminal to ask for the password at; set %s, or give --password-file or --helper", t.name, errNotSignedIn, t.env("PASSWORD"))
	}
	var err error
	creds.password, err = p.secret(ctx, "Password of "+creds.login)
	return err
}
