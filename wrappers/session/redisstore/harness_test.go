package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
	"go.uber.org/goleak"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/fleettest"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
)

func TestMain(m *testing.M) {
	logging.Disable() // the client's own log of failures that the tests cause
	code := m.Run()
	shared.stop()
	if code == 0 && !fleettest.Member() {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// A server is a redis-server process on a port of its own. A shell watches
// over it, which ends it when its own input ends: no later than this process,
// however that ends.
type server struct {
	addr  string
	dir   string
	args  []string
	shell *exec.Cmd
	input io.Closer
}

const watch = `"$@" & server=$!
read -r line
kill -9 $server
wait`

var errNoProgram = errors.New("no real Redis: install redis-server, or, for most tests, set LATCHKEY_REDIS to the address of one")

// newServer starts a redis-server that keeps its files in dir.
func newServer(dir string, args ...string) (*server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errNoProgram
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{addr: free.Addr().String(), dir: dir}
	_ = free.Close()
	_, port, _ := net.SplitHostPort(s.addr)
	s.args = append([]string{"-c", watch, "sh", program, "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", dir}, args...)
	return s, s.start()
}

// ownServer returns a server of its own for the test, which skips it if there
// is no redis-server.
func ownServer(t *testing.T, args ...string) *server {
	t.Helper()
	s, err := newServer(t.TempDir(), args...)
	switch {
	case errors.Is(err, errNoProgram):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

// start starts the process and waits until it answers.
func (s *server) start() error {
	s.shell = exec.Command("sh", s.args...)
	input, err := s.shell.StdinPipe()
	if err != nil {
		return err
	}
	s.input = input
	if err := s.shell.Start(); err != nil {
		return err
	}
	client := newClient(s.addr)
	defer func() { _ = client.Close() }()
	for range 500 {
		if err = client.Ping(context.Background()).Err(); err == nil {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.stop()
	return fmt.Errorf("redis-server does not answer: %w", err)
}

// stop ends the process.
func (s *server) stop() {
	if s.shell != nil {
		_ = s.input.Close()
		_ = s.shell.Wait()
		s.shell = nil
	}
}

// sharedServer is the real Redis for all tests that need no server of their
// own. It is started by the first of them.
type sharedServer struct {
	once sync.Once
	addr string
	err  error
	own  *server
}

var shared sharedServer

func (s *sharedServer) start() {
	s.once.Do(func() {
		if s.addr = os.Getenv("LATCHKEY_REDIS"); s.addr != "" {
			return
		}
		dir, err := os.MkdirTemp("", "redisstore")
		if err != nil {
			s.err = err
			return
		}
		if s.own, s.err = newServer(dir); s.err != nil {
			_ = os.RemoveAll(dir)
			return
		}
		s.addr = s.own.addr
	})
}

func (s *sharedServer) stop() {
	if s.err == nil && s.own != nil {
		s.own.stop()
		_ = os.RemoveAll(s.own.dir)
	}
}

// newClient returns a client that fails at once.
func newClient(addr string) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: addr, MaxRetries: -1, DialerRetries: 1, DialTimeout: time.Second,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// A backend is a Redis of one kind, with a prefix of its own.
type backend struct {
	client redis.UniversalClient
	mini   *miniredis.Miniredis // nil for a real Redis
	prefix string
}

// newBackend returns a backend with a new prefix, whose keys go with the test.
func newBackend(t *testing.T, addr string) *backend {
	t.Helper()
	client := newClient(addr)
	b := &backend{client: client, prefix: "test-" + rand.Text() + ":"}
	t.Cleanup(func() {
		names, _ := client.Keys(context.Background(), b.prefix+"*").Result()
		if len(names) > 0 {
			client.Del(context.Background(), names...)
		}
		_ = client.Close()
	})
	return b
}

// miniBackend returns a Redis within the test.
func miniBackend(t *testing.T) *backend {
	t.Helper()
	mini := miniredis.RunT(t)
	b := newBackend(t, mini.Addr())
	b.mini = mini
	return b
}

// realBackend returns a real Redis, or skips the test if there is none.
func realBackend(t *testing.T) *backend {
	t.Helper()
	shared.start()
	switch {
	case errors.Is(shared.err, errNoProgram):
		t.Skip(shared.err)
	case shared.err != nil:
		t.Fatal(shared.err)
	}
	return newBackend(t, shared.addr)
}

// onAll runs a test against each kind of Redis.
func onAll(t *testing.T, test func(t *testing.T, b *backend)) {
	t.Helper()
	t.Run("miniredis", func(t *testing.T) { test(t, miniBackend(t)) })
	t.Run("redis", func(t *testing.T) { test(t, realBackend(t)) })
}

func newKey() rest.Secret {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return rest.NewSecret(string(key))
}

// store returns a Store in the backend.
func (b *backend) store(t *testing.T, keys []rest.Secret, opts ...redisstore.Option) *redisstore.Store {
	t.Helper()
	s, err := redisstore.New(b.client, keys, append([]redisstore.Option{redisstore.WithPrefix(b.prefix)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// record returns a session with a token.
func record(token string) *session.Record {
	return &session.Record{
		Vendor: "acme", Subject: "me@acme.example", Token: rest.NewSecret(token), Refresh: rest.NewSecret("refresh-" + token),
		Obtained: time.UnixMilli(1_700_000_000_000), Lifetime: time.Hour,
	}
}

// put writes a record for which there is none yet.
func put(t *testing.T, s session.Store, key, token string) session.Version {
	t.Helper()
	version, err := s.CompareAndSwap(t.Context(), key, "", record(token))
	if err != nil {
		t.Fatalf("CompareAndSwap: %v", err)
	}
	return version
}

// wantToken loads the record of the key "k" and compares its token.
func wantToken(t *testing.T, s session.Store, token string) session.Version {
	t.Helper()
	got, version, err := s.Load(t.Context(), "k")
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if got.Token.Reveal() != token {
		t.Errorf("Load: got token %q, want %q", got.Token.Reveal(), token)
	}
	return version
}

func wantIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got error %v, want one that is %v", err, target)
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 2000 {
		if condition() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never %s", what)
}

// hanging returns the address of a server that takes connections but never
// answers.
func hanging(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	over := t.Context().Done()
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { _, _ = io.Copy(io.Discard, conn) })
			open.Go(func() {
				<-over
				_ = conn.Close()
			})
		}
	})
	return listener.Addr().String()
}

// saying returns the address of a server that answers everything with text.
func saying(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		open.Wait()
	})
	over := t.Context().Done()
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				buffer := make([]byte, 64<<10)
				for {
					if _, err := conn.Read(buffer); err != nil {
						return
					}
					if _, err := io.WriteString(conn, text); err != nil {
						return
					}
				}
			})
			open.Go(func() {
				<-over
				_ = conn.Close()
			})
		}
	})
	return listener.Addr().String()
}
