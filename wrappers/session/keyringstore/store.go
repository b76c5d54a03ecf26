package keyringstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// How long a key ring may take to answer.
const (
	Timeout            = 3 * time.Second
	InteractiveTimeout = 30 * time.Second // see [WithInteraction]
)

// A Locker makes locks, which key rings lack. Those of a [filestore.Store]
// exclude other processes, those of a [session.MemoryStore] other goroutines
// only: take that if no two processes ever use the account at once.
//
// [filestore.Store]: https://pkg.go.dev/github.com/latchkey-go/latchkey/wrappers/session/filestore#Store
type Locker interface {
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// A Store is a [session.Store] in a key ring. It is safe for concurrent use.
type Store struct {
	service string
	locks   Locker
	ring    ring
	timeout time.Duration
}

// An Option changes how [New] builds a [Store].
type Option func(*Store)

// WithTimeout waits for each answer of the key ring for d. The default is
// [Timeout].
func WithTimeout(d time.Duration) Option {
	return func(s *Store) {
		if d > 0 {
			s.timeout = d
		}
	}
}

// WithInteraction waits for each answer for [InteractiveTimeout], time enough
// for a person to type the password of the key ring. An engine waits for a
// store 5 s longer than [session.WithLoginTimeout] says, whose default is the
// same 30 s: raise that, too, to give people more time by [WithTimeout].
func WithInteraction() Option { return WithTimeout(InteractiveTimeout) }

// New returns a Store that keeps its sessions in the user's key ring as secrets
// of the given service, which is a name that the user may get to see. It does
// not ask the key ring for anything yet.
//
// Besides renewals, locks guards what the Store itself does, under keys of its
// own. New returns an error if service is empty or locks nil.
func New(service string, locks Locker, opts ...Option) (*Store, error) {
	if service == "" {
		return nil, errors.New("keyringstore: no service given")
	}
	if locks == nil {
		return nil, errors.New("keyringstore: no locks given")
	}
	s := &Store{service: service, locks: locks, ring: system{}, timeout: Timeout}
	for _, opt := range opts {
		if opt != nil {
			opt(s)
		}
	}
	return s, nil
}

// Load implements [session.Store].
func (s *Store) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	var found found
	err := s.do(ctx, func(context.Context) (err error) {
		found, err = s.get(key)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if found.version == "" {
		return nil, "", session.ErrNotFound
	}
	record, err := session.DecodeRecord(found.record)
	if err != nil {
		return nil, found.version, fmt.Errorf("keyringstore: %w", err)
	}
	return record, found.version, nil
}

// CompareAndSwap implements [session.Store]. It returns an error with
// [ErrTooLarge] if the record is too large for the key ring, and one with
// [ErrUnavailable] if the key ring fails or does not answer; in the latter case
// it may yet do what it was asked for, but never after somebody else has
// changed the record.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old session.Version, record *session.Record) (session.Version, error) {
	version, text, err := encode(record)
	if err != nil {
		return "", err
	}
	err = s.do(ctx, func(ctx context.Context) error { return s.swap(ctx, key, old, text) })
	if err != nil {
		return "", err
	}
	return version, nil
}

// swap replaces what is stored by text, or by nothing if that is empty. It does
// nothing once ctx has ended: the caller has been told that it failed.
func (s *Store) swap(ctx context.Context, key string, old session.Version, text string) error {
	unlock, err := s.locks.Lock(ctx, key+"/write")
	if err != nil {
		return err
	}
	defer unlock() // not sooner than the key ring is done, even if the caller has gone
	found, err := s.get(key)
	if err != nil {
		return err
	}
	if found.version != old {
		return session.ErrConflict
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch {
	case text != "":
		err = s.ring.Set(s.service, key, text)
	case old != "":
		err = s.ring.Delete(s.service, key)
	}
	if errors.Is(err, keyring.ErrSetDataTooBig) {
		return fmt.Errorf("keyringstore: %w: it has %d bytes; choose another store, such as filestore", ErrTooLarge, len(text))
	}
	return unavailable(err)
}

// get returns what is stored under key, or nothing.
func (s *Store) get(key string) (found, error) {
	text, err := s.ring.Get(s.service, key)
	if errors.Is(err, keyring.ErrNotFound) {
		return found{}, nil
	}
	if err != nil {
		return found{}, unavailable(err)
	}
	return decode(text), nil
}

// Lock implements [session.Store], with a lock of the [Locker] given to [New].
func (s *Store) Lock(ctx context.Context, key string) (unlock func(), err error) {
	return s.locks.Lock(ctx, key)
}
