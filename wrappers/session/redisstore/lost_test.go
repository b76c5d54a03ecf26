package redisstore_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
)

// A leaky network loses answers to scripts, with their connections.
type leaky struct {
	lose atomic.Int32 // how many to lose
	lost atomic.Int32
}

func (l *leaky) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	return &leakyConn{Conn: conn, leaky: l}, err
}

type leakyConn struct {
	net.Conn
	leaky  *leaky
	script atomic.Bool
}

func (c *leakyConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("evalsha")) {
		c.script.Store(true)
	}
	return c.Conn.Write(p)
}

func (c *leakyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p) // now the script has run
	if err == nil && c.script.Swap(false) && c.leaky.lose.Add(-1) >= 0 {
		c.leaky.lost.Add(1)
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

// TestLostAnswers: the client repeats a command whose answer got lost; what it
// did the first time must not be taken for somebody else's doing.
func TestLostAnswers(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		network := &leaky{}
		addr := b.client.(*redis.Client).Options().Addr
		client := redis.NewClient(&redis.Options{
			Addr: addr, Dialer: network.dial,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
		defer func() { _ = client.Close() }()
		s := (&backend{client: client, prefix: b.prefix}).store(t, []rest.Secret{newKey()})
		version := put(t, s, "k", "warm")
		lock(t, s, "k")()

		network.lose.Store(1)
		unlock := lock(t, s, "k")
		network.lose.Store(1)
		version, err := s.CompareAndSwap(t.Context(), "k", version, record("a"))
		if err != nil {
			t.Errorf("CompareAndSwap: %v", err)
		}
		network.lose.Store(1)
		if got := wantToken(t, s, "a"); got != version {
			t.Errorf("version %q, want %q", got, version)
		}
		network.lose.Store(1)
		unlock()
		if owner := b.owner(t); owner != "" {
			t.Errorf("owner %q after unlock", owner)
		}
		if lost := network.lost.Load(); lost != 4 {
			t.Errorf("%d answers lost, want 4", lost)
		}
	})
}

// TestALockWhoseAnswerIsLostForGoodIsLetGo: nobody has the lock if Lock
// returned an error.
func TestALockWhoseAnswerIsLostForGoodIsLetGo(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		network := &leaky{}
		client := redis.NewClient(&redis.Options{
			Addr: b.client.(*redis.Client).Options().Addr, Dialer: network.dial, MaxRetries: -1,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
		defer func() { _ = client.Close() }()
		s := (&backend{client: client, prefix: b.prefix}).store(t, []rest.Secret{newKey()})
		lock(t, s, "k")()
		network.lose.Store(1)
		_, err := s.Lock(t.Context(), "k")
		wantIs(t, err, net.ErrClosed)
		eventually(t, "free", func() bool { return b.owner(t) == "" })
		lock(t, s, "k")()
	})
}

// TestAnswersThatDoNotCome: every method returns when its context ends, and a
// lock that is had too late is let go.
func TestAnswersThatDoNotCome(t *testing.T) {
	client := redis.NewClient(&redis.Options{
		Addr: hanging(t), ReadTimeout: -2, WriteTimeout: -2, // neither would ever end
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	defer func() { _ = client.Close() }()
	s := (&backend{client: client}).store(t, []rest.Secret{newKey()})
	methods := map[string]func(ctx context.Context) error{
		"Load": func(ctx context.Context) error {
			_, _, err := s.Load(ctx, "k")
			return err
		},
		"CompareAndSwap": func(ctx context.Context) error {
			_, err := s.CompareAndSwap(ctx, "k", "", record("a"))
			return err
		},
		"Lock": func(ctx context.Context) error {
			_, err := s.Lock(ctx, "k")
			return err
		},
	}
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			wantIs(t, method(ctx), context.DeadlineExceeded)
		})
	}
}

// slow delays answers to scripts until it is told to let them pass.
type slow struct {
	pass chan struct{}
	held chan struct{} // gets an item per answer that is held back
}

func (s *slow) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	return &slowConn{Conn: conn, slow: s}, err
}

type slowConn struct {
	net.Conn
	slow   *slow
	script atomic.Bool
}

func (c *slowConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("evalsha")) {
		c.script.Store(true)
	}
	return c.Conn.Write(p)
}

func (c *slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.script.Swap(false) {
		select {
		case c.slow.held <- struct{}{}:
		default:
		}
		<-c.slow.pass
	}
	return n, err
}

func TestALockThatIsHadTooLateIsLetGo(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		keys := []rest.Secret{newKey()}
		lock(t, b.store(t, keys), "k")() // now Redis knows the scripts
		network := &slow{pass: make(chan struct{}), held: make(chan struct{}, 1)}
		client := redis.NewClient(&redis.Options{
			Addr: b.client.(*redis.Client).Options().Addr, Dialer: network.dial,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
		defer func() { _ = client.Close() }()
		s := (&backend{client: client, prefix: b.prefix}).store(t, keys)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			_, err := s.Lock(ctx, "k")
			failed <- err
		}()
		<-network.held
		if b.owner(t) == "" {
			t.Error("the lock is not taken yet")
		}
		cancel()
		wantIs(t, <-failed, context.Canceled)
		close(network.pass)
		eventually(t, "free", func() bool { return b.owner(t) == "" })
	})
}

// TestTimeout: a server that takes commands and never answers holds nobody for
// longer than the Store allows, whatever the client allows.
func TestTimeout(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := newClient(silent.Addr().String())
	defer client.Close()
	store, err := redisstore.New(client, nil, redisstore.WithSecretsInPlainText(), redisstore.WithTimeout(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond) // the default of the Store and of the client is 3 s
	defer cancel()
	if _, _, err := store.Load(ctx, "key"); err == nil || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("got %v", err)
	}
}
