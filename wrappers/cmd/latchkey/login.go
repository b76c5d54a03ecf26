package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A loginFlags says where the credentials of a login are.
type loginFlags struct {
	login, passwordFile, keyFile, totpFile, helper string
	again                                          bool
}

func (a *app) loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use:   "login VENDOR",
		Short: "Sign in and keep the session for later commands",
		Long: `Signs in at a vendor and keeps the session, so that call and header need no
password until it is over. If there is a session already, nothing is sent.

The credentials come from the flags, else from the environment, else from the
last login, else from the person at the terminal:

  anomify    ANOMIFY_EMAIL, ANOMIFY_PASSWORD, or ANOMIFY_ORGANIZATION_TOKEN
  alertsite  ALERTSITE_LOGIN, ALERTSITE_PASSWORD
  misaka     MISAKA_EMAIL, MISAKA_PASSWORD, or MISAKA_API_TOKEN
  babel      BABEL_USERNAME, BABEL_PASSWORD, or BABEL_API_KEY

A second factor is asked for, or computed from the secret of an authenticator
in --totp-file or VENDOR_TOTP_SECRET: base32, or an otpauth:// URL.

The names of the files and of the helper are remembered, so that later commands
can sign in again by themselves; what is in them is not. A password that was
typed is not remembered: when its session is over, call says so.

` + helperHelp,
		Example: `  latchkey login anomify
  latchkey login misaka --login demo@example.com --password-file ~/.misaka --totp-file ~/.misaka-totp
  pass show babel | latchkey login babel --login demo@example.com --password-file -
  latchkey login babel --login demo@example.com --helper "git credential-store"`,
		Args:              vendorArgument,
		ValidArgsFunction: a.completeVendor,
		RunE:              a.onTarget(func(ctx context.Context, t target) error { return a.login(ctx, t, f) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.login, "login", "", "user name or e-mail address")
	flags.StringVar(&f.passwordFile, "password-file", "", "file that holds the password, - for standard input")
	flags.StringVar(&f.keyFile, "key-file", "", "file that holds an API key, in place of login and password")
	flags.StringVar(&f.totpFile, "totp-file", "", "file that holds the secret of an authenticator")
	flags.StringVar(&f.helper, "helper", "", "credential helper, a command that prints the password")
	flags.BoolVar(&f.again, "again", false, "end the session that there is and sign in anew")
	cmd.PreRunE = func(*cobra.Command, []string) error { return f.conflict() }
	noFiles(cmd, "login")
	return a.sessionFlags(cmd)
}

// conflict returns an error if the flags name two ways to sign in.
func (f loginFlags) conflict() error {
	other := ""
	switch {
	case f.login != "":
		other = "--login"
	case f.passwordFile != "":
		other = "--password-file"
	case f.totpFile != "":
		other = "--totp-file"
	case f.helper != "":
		other = "--helper"
	}
	switch {
	case f.keyFile != "" && other != "":
		return usagef("a key takes the place of login and password: give --key-file or %s, not both", other)
	case f.passwordFile != "" && f.helper != "":
		return usagef("the password comes from one place: give --password-file or --helper, not both")
	default:
		return nil
	}
}

func (a *app) login(ctx context.Context, t target, f loginFlags) error {
	if f.keyFile != "" {
		return a.loginWithKey(t, f.keyFile)
	}
	next, creds, err := a.loginCredentials(t, f)
	if err != nil {
		return err
	}
	if !creds.key.IsZero() {
		a.err.note(t.name + ": calls use the key that is in the environment or was given before; there is nothing to sign in")
		return nil
	}
	if creds.login == "" && creds.helper != "" {
		if err := creds.ask(ctx, t.baseURL, a.err); err != nil {
			return err
		}
	}
	if creds.login == "" {
		if creds.login, err = a.askLogin(ctx, t); err != nil {
			return err
		}
	}
	challenger, err := a.challengerFor(ctx, creds, true)
	if err != nil {
		return err
	}
	kept, err := a.openStore(ctx, t.account)
	if err != nil {
		return err
	}
	next.Login, next.Store, next.Since = creds.login, kept.kind, time.Now()
	if kept.store != nil {
		done, err := a.keepSession(ctx, t, creds, kept, f.again)
		if err != nil {
			return err
		}
		if done {
			return a.remember(next)
		}
	}
	if err := a.askPassword(ctx, t, &creds); err != nil {
		return err
	}
	return a.signIn(ctx, t, creds, kept, next, challenger)
}

// keepSession reports whether there is a session that is good as far as is
// known here. If another is wanted, it ends that one.
func (a *app) keepSession(ctx context.Context, t target, creds credentials, kept keep, again bool) (done bool, err error) {
	p, err := look(ctx, t.vendor, t.baseURL, creds.login, kept.store)
	if err != nil {
		return false, err
	}
	s := standing(p.record, time.Now())
	if s.State != stateSignedIn {
		return false, nil
	}
	if again {
		return false, a.endSession(ctx, t, creds.login, kept.store, p)
	}
	a.err.note(t.name + ": already signed in as " + creds.login + s.until())
	return true, nil
}

// signIn opens a session and keeps it. If the program is interrupted, it ends
// the session that may have come about.
func (a *app) signIn(ctx context.Context, t target, creds credentials, kept keep, next account, challenger session.Challenger) error {
	seen := &watch{vendor: t.name, out: a.err}
	opts := append(a.options(t, work{}, seen),
		session.WithStore(kept.store), session.WithStorePolicy(session.FailClosed), session.WithRejectedMarker(0), session.WithChallenger(challenger))
	engine, err := t.engine(creds, opts...)
	if err != nil {
		return err
	}
	err = engine.SignIn(ctx)
	if ctx.Err() != nil {
		seen.wait(closeTime)
	}
	status := engine.Status()
	a.closeEngine(ctx, engine)
	switch {
	case ctx.Err() != nil:
		return a.undo(ctx, t, creds, kept, seen)
	case errors.Is(err, session.ErrChallenge):
		return fmt.Errorf("%w; run it at a terminal, or give --totp-file or %s", err, t.env("TOTP_SECRET"))
	case err != nil:
		return err
	}
	a.err.note(t.name + ": signed in as " + creds.login + until(status.Expires, status.Idle) + where(kept))
	return a.remember(next)
}

// undo ends a session that was opened although the program was interrupted.
func (a *app) undo(ctx context.Context, t target, creds credentials, kept keep, seen *watch) error {
	if seen.hasOpened() && kept.store != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		if p, err := look(ctx, t.vendor, t.baseURL, creds.login, kept.store); err == nil {
			_ = a.endSession(ctx, t, creds.login, kept.store, p)
		}
	}
	return context.Cause(ctx)
}

// remember writes down an account, unless nothing is to be kept.
func (a *app) remember(acc account) error {
	dir := a.accounts()
	if dir == "" {
		return nil
	}
	return dir.save(acc)
}

// where tells where a session is kept.
func where(kept keep) string {
	switch kept.kind {
	case storeKeyring:
		return "; the session is in the key ring"
	case storeFile:
		return "; the session is in a file"
	default:
		return "; the credentials are good, the session is not kept"
	}
}
