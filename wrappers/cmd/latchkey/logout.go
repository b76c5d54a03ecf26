package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

func (a *app) logoutCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logout VENDOR",
		Short: "End the session at the vendor and forget the account",
		Long: `Ends the session of the last login at the vendor, if the vendor has a way to do
that, and forgets it and where its credentials are. If the vendor cannot be
reached, the session is forgotten here all the same, and ends there by itself.
That the vendor has refused a password is not forgotten.`,
		Example:           "  latchkey logout babel",
		Args:              vendorArgument,
		ValidArgsFunction: a.completeVendor,
		RunE:              a.onTarget(a.logout),
	}
	return a.sessionFlags(cmd)
}

func (a *app) logout(ctx context.Context, t target) error {
	login := t.account.Login
	if login == "" {
		login = t.getenv(t.login)
	}
	kept, err := a.openStore(ctx, t.account)
	if err != nil {
		return err
	}
	var ending error
	signedIn := false
	if login != "" && kept.store != nil {
		p, err := look(ctx, t.vendor, t.baseURL, login, kept.store)
		if err != nil {
			return err
		}
		signedIn = p.hasSession()
		ending = a.endSession(ctx, t, login, kept.store, p)
	}
	if t.known {
		if err := a.accounts().remove(t.account); err != nil {
			return err
		}
	}
	switch {
	case ending != nil:
		return fmt.Errorf("the session is forgotten here, but not ended there: %w", ending)
	case signedIn:
		a.err.note(t.name + ": signed out")
	case t.known && t.account.KeyFile != "":
		a.err.note(t.name + ": the key is not used any more")
	case t.known:
		a.err.note(t.name + ": not signed in; the account is forgotten")
	default:
		a.err.note(t.name + ": not signed in")
	}
	return nil
}

// endSession ends a session that is kept, at the vendor and here. A note that
// the credentials were refused stays.
func (a *app) endSession(ctx context.Context, t target, login string, store session.Store, p *peek) error {
	var ending error
	if standing(p.record, time.Now()).State == stateSignedIn {
		ending = a.revoke(ctx, t, login, store)
		var err error
		if p, err = look(ctx, t.vendor, t.baseURL, login, store); err != nil {
			return err
		}
	}
	if p.version == "" || p.err == nil && !p.hasSession() {
		return ending
	}
	_, err := store.CompareAndSwap(ctx, p.key, p.version, p.refusals())
	if errors.Is(err, session.ErrConflict) {
		err = nil // somebody else has signed in meanwhile, or out
	}
	return errors.Join(ending, err)
}

// revoke ends a session at the vendor. It takes it over from the store first.
func (a *app) revoke(ctx context.Context, t target, login string, store session.Store) error {
	w := work{wrap: func(base http.RoundTripper) http.RoundTripper { return &guard{base: base} }}
	opts := append(a.options(t, w, nil), session.WithStore(store), session.WithSharedSignOut())
	engine, err := t.engine(credentials{login: login, password: placeholder()}, opts...)
	if err != nil {
		return err
	}
	err = engine.SignIn(ctx)
	if errors.Is(err, errNoPassword) {
		err = nil // it is over already
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if closing := engine.Close(ctx); err == nil {
		err = closing
	}
	return err
}
