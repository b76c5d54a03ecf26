package sandbox_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// A pipeListener hands out in-memory connections.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr {
	return &net.UnixAddr{Name: "sandbox.example.com", Net: "pipe"}
}

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	l.conns <- server
	return client, nil
}

func TestServerInABubbleOfFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		f := start(t, sandbox.WithListener(l))
		f.client.Transport.(*http.Transport).DialContext = l.dial
		header := f.signIn(sandbox.AlertSite)
		time.Sleep(14 * time.Minute)
		want(t, "alive after 14 minutes", f.alive(sandbox.AlertSite, header), true)
		time.Sleep(15 * time.Minute)
		want(t, "alive after 15 minutes more", f.alive(sandbox.AlertSite, header), false)

		f.Vendor(sandbox.AlertSite).Fault(sandbox.Fault{Delay: time.Hour, Times: 1})
		begin := time.Now()
		f.signIn(sandbox.AlertSite)
		want(t, "delay", time.Since(begin), time.Hour)
	})
}
