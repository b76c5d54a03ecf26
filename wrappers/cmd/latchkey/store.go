package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
	"github.com/latchkey-go/latchkey/wrappers/session/keyringstore"
)

// Kinds of stores.
const (
	storeAuto    = "auto"
	storeKeyring = "keyring"
	storeFile    = "file"
	storeMemory  = "memory"
)

func storeKinds() []string { return []string{storeAuto, storeKeyring, storeFile, storeMemory} }

// A keep is where sessions are kept between runs.
type keep struct {
	kind  string        // keyring, file or memory
	store session.Store // nil for memory
}

// directory returns where the command keeps what it knows.
func (a *app) directory() (string, error) {
	if a.flags.storeDir != "" {
		return filepath.Abs(a.flags.storeDir)
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", usagef("nowhere to keep sessions: %v; give --store-dir or --store memory", err)
	}
	return filepath.Join(dir, "latchkey"), nil
}

// accounts returns the accounts that are remembered; none are with sessions in
// memory.
func (a *app) accounts() accounts {
	dir, err := a.directory()
	if err != nil || a.flags.store == storeMemory {
		return ""
	}
	return accounts(filepath.Join(dir, "accounts"))
}

// openStore opens the store of the sessions of an account. Unless the user says
// which, it is the one of the last login, or else the key ring if there is one.
func (a *app) openStore(ctx context.Context, acc account) (keep, error) {
	kind := a.flags.store
	if kind == storeAuto && acc.Store != "" {
		kind = acc.Store
	}
	if kind == storeMemory {
		return keep{kind: kind}, nil
	}
	dir, err := a.directory()
	if err != nil {
		return keep{}, err
	}
	files, err := filestore.New(filepath.Join(dir, "sessions"))
	if err != nil {
		return keep{}, fmt.Errorf("%w; give --store-dir or --store memory", err)
	}
	if kind == storeFile || kind == storeAuto && !mayHaveKeyring() {
		return keep{storeFile, files}, nil
	}
	var opts []keyringstore.Option
	if a.prompter().available() {
		opts = append(opts, keyringstore.WithInteraction()) // somebody can unlock it
	}
	ring, err := keyringstore.New("latchkey", files, opts...)
	if err != nil {
		return keep{}, err
	}
	if kind == storeAuto {
		if _, _, err := ring.Load(ctx, "probe"); errors.Is(err, keyringstore.ErrUnavailable) {
			return keep{storeFile, files}, nil
		}
	}
	return keep{storeKeyring, ring}, nil
}

// mayHaveKeyring reports whether it makes sense to look for a key ring. Without
// a session bus the attempt would start one.
func mayHaveKeyring() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus")) //nolint:gosec // the directory is the user's own
	return err == nil
}

// errPeeked ends the sign-in of an engine that is only to ask for a record.
var errPeeked = errors.New("looked only")

// A peek is a store that notes what it is asked for and changes nothing.
type peek struct {
	store   session.Store
	key     string
	record  *session.Record
	version session.Version
	err     error
}

// Load implements [session.Store].
func (p *peek) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	p.key = key
	p.record, p.version, p.err = p.store.Load(ctx, key)
	return nil, "", errPeeked
}

// CompareAndSwap implements [session.Store].
func (*peek) CompareAndSwap(context.Context, string, session.Version, *session.Record) (session.Version, error) {
	return "", errPeeked
}

// Lock implements [session.Store].
func (*peek) Lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }

// hasSession tells whether there is a record with a session, be it over.
func (p *peek) hasSession() bool { return p.record != nil && !p.record.Token.IsZero() }

// refusals returns what the record says of attempts to sign in, without the
// session; nil if it says nothing.
func (p *peek) refusals() *session.Record {
	if r := p.record; r != nil && (len(r.Attempts) > 0 || !r.Rejected.IsZero()) {
		return &session.Record{Vendor: r.Vendor, Rejected: r.Rejected, Attempts: r.Attempts, Credentials: r.Credentials}
	}
	return nil
}

// look returns the record of an account, without waiting for anybody; its
// record is nil if there is none.
func look(ctx context.Context, v vendor, baseURL, login string, store session.Store) (*peek, error) {
	p := &peek{store: store}
	engine, err := v.engine(credentials{login: login, password: placeholder()},
		session.WithBaseURL(baseURL), session.WithStore(p), session.WithStorePolicy(session.FailClosed), session.WithTransport(&guard{}))
	if err != nil {
		return nil, err
	}
	err = engine.SignIn(ctx)
	_ = engine.Close(ctx)
	switch {
	case p.key == "" && err != nil:
		return nil, err
	case p.err == nil, errors.Is(p.err, session.ErrNotFound), errors.Is(p.err, session.ErrCorrupt):
		return p, nil
	default:
		return nil, p.err
	}
}
