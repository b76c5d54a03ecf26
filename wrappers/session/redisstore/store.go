package redisstore

import (
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A Store keeps sessions in Redis. It is safe for concurrent use, and has a
// goroutine only while a lock is held or a command is under way. Its errors
// hold neither secrets nor what Redis sent; those that say that Redis cannot be
// used match none of the errors of package session, so that an engine goes by
// its session.StorePolicy.
type Store struct {
	client  redis.UniversalClient
	scripts scripts
	sealer  *sealer // nil keeps secrets in plain text
	prefix  string
	lease   time.Duration
	ttl     time.Duration // 0 is for ever
	timeout time.Duration // of one command
	logger  *slog.Logger  // may be nil
}

var _ session.Store = (*Store)(nil)

// An Option changes how [New] builds a [Store].
type Option func(*config)

type config struct {
	Store
	plain bool
}

// WithPrefix begins the names of all keys in Redis with prefix. The default is
// "latchkey:". Programs that are to share sessions need the same.
func WithPrefix(prefix string) Option { return func(c *config) { c.prefix = prefix } }

// WithLease lets the lock of a process that has died go after d. The default
// is 40 s. It must be longer than session.WithLoginTimeout, whose default is
// 30 s: then a sign-in ends within the lease even if Redis cannot be reached to
// extend it. Less than a millisecond changes nothing.
func WithLease(d time.Duration) Option {
	return func(c *config) {
		if d >= time.Millisecond {
			c.lease = d
		}
	}
}

// WithTTL forgets a session that has not been written for d; each renewal
// writes it. The default is 30 days. Less than a millisecond keeps it for ever.
func WithTTL(d time.Duration) Option {
	return func(c *config) {
		if c.ttl = d; d < time.Millisecond {
			c.ttl = 0
		}
	}
}

// WithTimeout gives a command up after d, whatever the timeouts and retries of
// the client are. The default is 3 s. Zero and less change nothing.
//
// A command that was given up goes on beside, within the limits of the client,
// since most of the client's waiting cannot be interrupted.
func WithTimeout(d time.Duration) Option {
	return func(c *config) {
		if d > 0 {
			c.timeout = d
		}
	}
}

// WithLogger logs locks that were lost while they were held. The default logs
// nothing.
func WithLogger(logger *slog.Logger) Option { return func(c *config) { c.logger = logger } }

// WithSecretsInPlainText keeps sessions unsealed: whoever reads Redis, its
// files, its backups or its traffic can act as the account, and whoever writes
// to it can make programs use a session of theirs. [New] takes no keys then.
func WithSecretsInPlainText() Option { return func(c *config) { c.plain = true } }

// New returns a Store in the Redis of client, which stays the caller's to
// close. It sends nothing.
//
// Keys are 32 random bytes each. The first one seals; all of them open, so that
// a key is replaced by putting a new one in front, on all machines, and by
// removing the old one when all sessions have been renewed. A session that no
// key opens counts as none: the next call signs in.
//
// New returns an error if there is no key, or one is not 32 bytes long.
func New(client redis.UniversalClient, keys []rest.Secret, opts ...Option) (*Store, error) {
	c := config{Store: Store{
		client: client, scripts: newScripts(), prefix: "latchkey:",
		lease: 40 * time.Second, ttl: 30 * 24 * time.Hour, timeout: 3 * time.Second,
	}}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	switch {
	case client == nil:
		return nil, errors.New("redisstore: no client")
	case c.plain && len(keys) > 0:
		return nil, errors.New("redisstore: keys and WithSecretsInPlainText exclude each other")
	case c.plain:
		return &c.Store, nil
	}
	var err error
	if c.sealer, err = newSealer(keys); err != nil {
		return nil, err
	}
	return &c.Store, nil
}

// recordName and lockName return the names in Redis of what belongs to an
// account.
func (s *Store) recordName(key string) string { return s.prefix + "{" + key + "}:session" }
func (s *Store) lockName(key string) string   { return s.prefix + "{" + key + "}:lock" }
