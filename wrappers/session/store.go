package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// A Store keeps sessions between runs of a program and shares them between
// processes. Package storetest checks that a Store does what is said here. A
// Store is safe for concurrent use, and its methods return when ctx ends.
type Store interface {
	// Load returns the record under key and its version. If there is none, it
	// returns [ErrNotFound] and an empty version; if what is there cannot be
	// read, [ErrCorrupt] and the version, so that it can be replaced.
	Load(ctx context.Context, key string) (*Record, Version, error)
	// CompareAndSwap replaces the record if its version is old, and returns the
	// new version. An empty old means that there must be none, a nil record
	// that there will be none. The record is durable when CompareAndSwap
	// returns. If the version is another, nothing is changed and the error is
	// [ErrConflict].
	CompareAndSwap(ctx context.Context, key string, old Version, record *Record) (Version, error)
	// Lock waits until nobody else holds the lock of key. The lock is held
	// until unlock is called, however long that takes, or the process dies. It
	// protects the renewal of a session, not the record: Load and
	// CompareAndSwap do not need it. Unlock may be called more than once.
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// A Version tells states of a record apart. It never comes back once the record
// has changed, except that it is empty whenever there is no record.
type Version string

// Errors of a [Store].
var (
	// ErrNotFound: there is no record.
	ErrNotFound = errors.New("no session stored")
	// ErrCorrupt: what is stored is no record, or one of a later program.
	ErrCorrupt = errors.New("stored session cannot be read")
	// ErrConflict: somebody else has changed the record.
	ErrConflict = errors.New("stored session has been changed")
)

// A StorePolicy says what the engine does when its store fails.
type StorePolicy uint8

const (
	// FailOpen goes on in memory, each process with a session of its own.
	FailOpen StorePolicy = iota
	// FailClosed opens no session; calls fail with [ErrStore] when the one
	// they have ends.
	FailClosed
)

// WithStore keeps the session in store, for later runs of the program and for
// other processes with the same account. The driver must be an [Identity]. A
// nil store changes nothing.
func WithStore(store Store) Option {
	return func(s *settings) {
		if store != nil {
			s.store = store
		}
	}
}

// WithStorePolicy says what to do when the store fails; the default is
// [FailOpen].
func WithStorePolicy(policy StorePolicy) Option {
	return func(s *settings) { s.storePolicy = policy }
}

// WithTenant keeps sessions of the same account apart in the store.
func WithTenant(name string) Option { return func(s *settings) { s.tenant = name } }

// WithRejectedMarker notes in the store that the vendor refused the
// credentials: for ttl, 15 minutes if it is zero, no process tries them again,
// so that a program that is restarted in a loop does not lock the account. It
// notes attempts that came to no clear end too: three of either kind within 15
// minutes have the same effect. [Engine.SignIn] is held back by those three
// only; other credentials and [Engine.Reset] are not held back.
func WithRejectedMarker(ttl time.Duration) Option {
	return func(s *settings) {
		if ttl <= 0 {
			ttl = attemptWindow
		}
		s.marker = ttl
	}
}

// WithSharedSignOut lets [Engine.Close] end a session that other processes may
// use through the store.
func WithSharedSignOut() Option { return func(s *settings) { s.signOutAll = true } }

// storeKey returns the key of the account in the store.
func (e *Engine) storeKey() string {
	subject := ""
	if who, ok := e.driver.(Identity); ok {
		subject = who.Subject()
	}
	h := sha256.New()
	for _, part := range []string{e.driver.Vendor(), e.base, subject, e.set.tenant} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
