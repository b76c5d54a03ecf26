package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// closeTime is how long ending may take after the work is done or interrupted.
const closeTime = 5 * time.Second

// A target is a vendor at an address, with what is remembered of it.
type target struct {
	vendor
	baseURL string
	account account
	known   bool // account was remembered
}

// target returns where to send calls: to the address of the flag, else of the
// environment, else of the last login, else of the vendor.
func (a *app) target(name string) (target, error) {
	v, err := findVendor(name)
	if err != nil {
		return target{}, err
	}
	t := target{vendor: v, baseURL: a.flags.baseURL}
	if t.baseURL == "" {
		t.baseURL = v.getenv("BASE_URL")
	}
	if t.baseURL == "" {
		if list := a.accounts().list(v.name); len(list) > 0 {
			t.baseURL = list[0].BaseURL
		}
	}
	if t.baseURL == "" {
		t.baseURL = v.baseURL
	}
	base, err := rest.ParseBaseURL(t.baseURL)
	if err != nil {
		return target{}, usagef("%s: %v", v.name, err)
	}
	t.baseURL = base.String()
	t.account, t.known = a.accounts().find(v.name, t.baseURL)
	return t, nil
}

// onTarget runs a command whose argument is a vendor.
func (a *app) onTarget(do func(context.Context, target) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		t, err := a.target(args[0])
		if err != nil {
			return err
		}
		return do(cmd.Context(), t)
	}
}

// engine returns the engine for credentials. What is wrong with these is a
// matter of usage.
func (v vendor) engine(c credentials, opts ...session.Option) (*session.Engine, error) {
	engine, err := v.open(c, opts...)
	about, usage := (*session.Error)(nil), (*usageError)(nil)
	if err == nil || errors.As(err, &about) || errors.As(err, &usage) {
		return engine, err
	}
	return nil, usagef("%v", err)
}

// A work is what to do with a session.
type work struct {
	own  *rest.Operation                                      // the operation that is to be called
	wrap func(base http.RoundTripper) http.RoundTripper       // puts something in front of the network; may be nil
	do   func(ctx context.Context, client *rest.Client) error // is done again if there was no session
}

// perform does a work in the session of a target. It opens one if there is none
// and the credentials are known.
func (a *app) perform(ctx context.Context, t target, w work) error {
	creds, err := a.gather(t.vendor, t.account)
	switch {
	case err != nil:
		return err
	case !w.own.Session:
		return a.anonymous(ctx, t, w)
	case !creds.key.IsZero():
		return a.use(ctx, t, creds, w, nil)
	case creds.login == "":
		return fmt.Errorf("%s: %w: %s", t.name, errNotSignedIn, t.ways())
	}
	kept, err := a.openStore(ctx, t.account)
	if err != nil {
		return err
	}
	if creds.password.IsZero() {
		err := a.useKept(ctx, t, creds, w, kept)
		if !errors.Is(err, errNoPassword) || ctx.Err() != nil {
			return err
		}
		switch {
		case creds.missing != nil:
			return fmt.Errorf("%s: %w: %s", t.name, errNotSignedIn, creds.missing.Error())
		case creds.helper == "":
			return fmt.Errorf("%s: %w: %s", t.name, errNotSignedIn, t.ways())
		}
		if err := creds.ask(ctx, t.baseURL, a.err); err != nil {
			return err
		}
	}
	challenger, err := a.challengerFor(ctx, creds, false)
	if err != nil {
		return err
	}
	err = a.use(ctx, t, creds, w, kept.store, session.WithChallenger(challenger), session.WithRejectedMarker(0))
	if errors.Is(err, session.ErrChallenge) {
		return fmt.Errorf("%w; run latchkey login %s at a terminal, or set %s", err, t.name, t.env("TOTP_SECRET"))
	}
	return err
}

// anonymous does a work that needs no session.
func (a *app) anonymous(ctx context.Context, t target, w work) error {
	none := session.Key(t.name, "Authorization", placeholder())
	engine, err := session.New(none, t.vendor.baseURL, a.options(t, w, nil)...)
	if err != nil {
		return err
	}
	return a.finish(ctx, engine, nil, w)
}

// useKept does a work in the session that is kept, without a password.
func (a *app) useKept(ctx context.Context, t target, creds credentials, w work, kept keep) error {
	creds.password = placeholder()
	wrap := w.wrap
	w.wrap = func(base http.RoundTripper) http.RoundTripper {
		if wrap != nil {
			base = wrap(base)
		}
		return &guard{base, w.own}
	}
	return a.use(ctx, t, creds, w, kept.store)
}

// use does a work with credentials.
func (a *app) use(ctx context.Context, t target, creds credentials, w work, store session.Store, opts ...session.Option) error {
	seen := &watch{vendor: t.name, out: a.err}
	opts = append(a.options(t, w, seen), opts...)
	engine, err := t.engine(creds, append(opts, session.WithStore(store))...)
	if err != nil {
		return err
	}
	return a.finish(ctx, engine, seen, w)
}

// finish does the work, waits for a sign-in that was interrupted, and closes the
// engine.
func (a *app) finish(ctx context.Context, engine *session.Engine, seen *watch, w work) error {
	err := w.do(ctx, engine.Client())
	if seen != nil && ctx.Err() != nil {
		seen.wait(closeTime)
	}
	a.closeEngine(ctx, engine)
	return err
}

// closeEngine ends a session that is not kept, and warns if that fails.
func (a *app) closeEngine(ctx context.Context, engine *session.Engine) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if err := engine.Close(ctx); err != nil {
		a.err.warn(err.Error())
	}
}

// options returns what all engines have in common.
func (a *app) options(t target, w work, seen *watch) []session.Option {
	var transport http.RoundTripper = rest.NewTransport()
	if w.wrap != nil {
		transport = w.wrap(transport)
	}
	opts := []session.Option{session.WithBaseURL(t.baseURL), session.WithTransport(transport), session.WithTimeout(a.flags.timeout)}
	if seen != nil {
		opts = append(opts, session.WithObserver(seen))
	}
	if a.flags.verbose {
		opts = append(opts, session.WithLogger(slog.New(slog.NewTextHandler(a.err.w, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	}
	return opts
}
