package sandbox

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/latchkey-go/latchkey/specs"
)

// A Server holds the stand-ins and serves them over HTTP. Use [New] for one
// that listens, [NewUnstarted] for one to be mounted elsewhere. Its methods are
// safe for concurrent use.
type Server struct {
	// URL is the base address without a slash at its end, such as
	// http://127.0.0.1:41234. New sets it. Who mounts an unstarted server sets
	// it before calling [Standin.URL].
	URL string

	clock    Clock
	specs    fs.FS
	standins map[Vendor]*Standin
	order    []Vendor
	listener net.Listener
	http     *http.Server
	err      error

	mu     sync.Mutex
	closed bool
	done   chan struct{}  // closed by Close; ends delays
	active sync.WaitGroup // requests being answered, and the accept loop
}

// An Option changes how [New] and [NewUnstarted] build a Server.
type Option func(*Server)

// WithListener serves on l instead of a free port of the loopback interface.
// The server closes l. Give one with a fixed port to get a fixed address, or
// one of in-memory connections to use the server in a bubble of
// testing/synctest.
func WithListener(l net.Listener) Option {
	return func(s *Server) { s.listener = l }
}

// WithVendors serves only the given vendors. The paths of the others answer
// 404, and so does a vendor that this package does not know.
func WithVendors(vendors ...Vendor) Option {
	return func(s *Server) { s.order = vendors }
}

// withSpecs reads the descriptions from fsys instead of package specs.
func withSpecs(fsys fs.FS) Option {
	return func(s *Server) { s.specs = fsys }
}

// New starts a Server. Call [Server.Close] when done with it.
//
// The description of a vendor is read at its first request, so a vendor that is
// not used costs nothing. New does not fail: where no port can be opened, URL
// is an address at which nothing answers, and [Server.Err] tells why.
func New(opts ...Option) *Server {
	s := NewUnstarted(opts...)
	if s.listener == nil {
		s.listener, s.err = listenLoopback()
	}
	if s.err != nil {
		s.URL = "http://127.0.0.1:0"
		return s
	}
	s.URL = "http://" + reachable(s.listener.Addr())
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 30 * time.Second}
	s.active.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
		}
	})
	return s
}

// NewUnstarted returns a Server that does not listen. It is an [http.Handler]
// that expects the paths to begin with the name of the vendor.
func NewUnstarted(opts ...Option) *Server {
	s := &Server{
		specs:    specs.FS,
		order:    Vendors(),
		standins: make(map[Vendor]*Standin),
		done:     make(chan struct{}),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.order = slices.DeleteFunc(slices.Clone(s.order), func(v Vendor) bool {
		st := newStandin(s, v)
		if st != nil {
			s.standins[v] = st
		}
		return st == nil
	})
	return s
}

// Vendor returns the stand-in of v, or nil if the server does not have it.
func (s *Server) Vendor(v Vendor) *Standin {
	return s.standins[v]
}

// Clock returns the clock that sessions of all stand-ins expire by.
func (s *Server) Clock() *Clock {
	return &s.clock
}

// Err returns the error that keeps the server from being reached, nil if there
// is none.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// On calls f for each [Event] of every stand-in; see [Standin.On].
func (s *Server) On(f func(Event)) (stop func()) {
	stops := make([]func(), 0, len(s.standins))
	for _, st := range s.standins {
		stops = append(stops, st.On(f))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// Close stops listening, cuts all connections, and waits for the requests that
// are being answered. Delays of faults end at once. Calling it again does
// nothing.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.done)
	s.mu.Unlock()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.active.Wait()
}

// ServeHTTP answers a request to any of the stand-ins.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "sandbox: closed", http.StatusServiceUnavailable)
		return
	}
	defer s.active.Done()
	name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	st := s.standins[Vendor(name)]
	if st == nil {
		http.Error(w, "sandbox: the path begins with none of "+s.prefixes(), http.StatusNotFound)
		return
	}
	st.serve(w, r, "/"+path)
}

// enter registers a request with Close; false after Close.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.active.Add(1)
	return true
}

// wait sleeps for d; false if the request or the server ended before that.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}

func (s *Server) prefixes() string {
	names := make([]string, 0, len(s.order))
	for _, v := range s.order {
		names = append(names, "/"+string(v))
	}
	return strings.Join(names, ", ")
}

// listenLoopback opens a free port of the loopback interface.
func listenLoopback() (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err == nil {
		return l, nil
	}
	if l, err6 := config.Listen(context.Background(), "tcp", "[::1]:0"); err6 == nil {
		return l, nil
	}
	return nil, err
}

// reachable returns the address at which a program on this machine reaches a
// listener: one on all interfaces is reached by loopback.
func reachable(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
	}
	return addr.String()
}
