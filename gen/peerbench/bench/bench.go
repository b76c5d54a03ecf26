package bench

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
)

const baseURL = "https://api.example.com/v1"

// Callers is how many calls run at the same time where that matters.
const Callers = 64

// Check fails t if a peer does not make of a payload what it should.
func Check(t *testing.T, peers []Peer) {
	for _, payload := range Payloads() {
		for _, peer := range peers {
			client := newClient(t, peer, baseURL, peer.HTTPClient(Memory(payload.Body)))
			if got, err := payload.Call(client, t.Context()); err != nil || got != payload.Want {
				t.Errorf("%s: call for %s: got %d, want %d; error %v", peer.Name, payload.Name, got, payload.Want, err)
			}
			if got, err := payload.Decode(peer.Decoders, payload.Body); err != nil || got != payload.Want {
				t.Errorf("%s: decoding %s: got %d, want %d; error %v", peer.Name, payload.Name, got, payload.Want, err)
			}
		}
	}
}

// Calls measures whole calls against a transport that answers from memory, by
// payload and peer.
func Calls(b *testing.B, peers []Peer) {
	each(b, peers, func(b *testing.B, peer Peer, payload Payload) {
		client := newClient(b, peer, baseURL, peer.HTTPClient(Memory(payload.Body)))
		ctx := context.Background()
		repeat(b, func() error {
			_, err := payload.Call(client, ctx)
			return err
		})
	})
}

// Decode measures decoding alone, by payload and peer.
func Decode(b *testing.B, peers []Peer) {
	each(b, peers, func(b *testing.B, peer Peer, payload Payload) {
		repeat(b, func() error {
			_, err := payload.Decode(peer.Decoders, payload.Body)
			return err
		})
	})
}

// repeat measures f. Beside the time it reports that of the processors.
func repeat(b *testing.B, f func() error) {
	b.ReportAllocs()
	before := processorTime()
	for b.Loop() {
		if err := f(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

func each(b *testing.B, peers []Peer, measure func(*testing.B, Peer, Payload)) {
	for _, payload := range Payloads() {
		for _, peer := range peers {
			b.Run("payload="+payload.Name+"/peer="+peer.Name, func(b *testing.B) { measure(b, peer, payload) })
		}
	}
}

// Requests measures calls that are answered with nothing, through the same
// plain http.Client. What the peer "none" costs, which sends a request that was
// built once, is the share of package net/http: what a peer costs beyond it is
// building the request and looking at the empty answer.
func Requests(b *testing.B, peers []Peer) {
	httpClient := &http.Client{Transport: Memory(nil)}
	for _, kind := range []struct {
		name, method string
		call         func(Client, context.Context) error
	}{{"query", http.MethodDelete, Client.Delete}, {"body", http.MethodPatch, Client.Update}} {
		for _, peer := range peers {
			b.Run("kind="+kind.name+"/peer="+peer.Name, func(b *testing.B) {
				client := newClient(b, peer, baseURL, httpClient)
				ctx := context.Background()
				repeat(b, func() error { return kind.call(client, ctx) })
			})
		}
		b.Run("kind="+kind.name+"/peer=none", func(b *testing.B) {
			req, err := http.NewRequestWithContext(context.Background(), kind.method, baseURL+"/users/"+UserID, nil)
			if err != nil {
				b.Fatal(err)
			}
			repeat(b, func() error {
				resp, err := httpClient.Do(req)
				if err != nil {
					return err
				}
				return resp.Body.Close()
			})
		})
	}
}

// Loopback measures the list of 100 with [Callers] callers on loopback: once
// through the transport that users of the peer have without doing anything
// about it, once through one transport that suits that many callers.
func Loopback(b *testing.B, peers []Peer) {
	list := List(100)
	handler := &gate{data: list.Body}
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, name := range []string{"own", "shared"} {
		for _, peer := range peers {
			transport := ownTransport(peer)
			if name == "shared" {
				transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, Callers
			}
			client := newClient(b, peer, server.URL, peer.HTTPClient(transport))
			b.Run("transport="+name+"/peer="+peer.Name, func(b *testing.B) { parallel(b, handler, client, list) })
			transport.CloseIdleConnections()
		}
	}
}

// TLS measures one user with [Callers] callers over TLS, by version of HTTP,
// through the transport that users of the peer have without doing anything
// about it.
func TLS(b *testing.B, peers []Peer) {
	user := Payloads()[1]
	for _, version := range []string{"1.1", "2"} {
		handler := &gate{data: user.Body}
		server := httptest.NewUnstartedServer(handler)
		server.EnableHTTP2 = version == "2"
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // of connections that clients give up
		server.StartTLS()
		roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		for _, peer := range peers {
			transport := ownTransport(peer)
			transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}
			client := newClient(b, peer, server.URL, peer.HTTPClient(transport))
			b.Run("http="+version+"/peer="+peer.Name, func(b *testing.B) { parallel(b, handler, client, user) })
			transport.CloseIdleConnections()
		}
		server.Close()
	}
}

// ownTransport returns a copy of the transport that users of a peer have
// without doing anything about it.
func ownTransport(peer Peer) *http.Transport {
	if own, ok := peer.HTTPClient(nil).Transport.(*http.Transport); ok {
		return own.Clone()
	}
	return http.DefaultTransport.(*http.Transport).Clone()
}

// parallel makes calls from Callers goroutines. Each has had a connection of
// its own before it begins to measure.
func parallel(b *testing.B, handler *gate, client Client, payload Payload) {
	ctx := context.Background()
	handler.expect(Callers)
	errs := make(chan error)
	for range Callers {
		go func() {
			_, err := payload.Call(client, ctx)
			errs <- err
		}()
	}
	for range Callers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.SetParallelism((Callers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	b.ResetTimer()
	before := processorTime()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := payload.Call(client, ctx); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

func newClient(tb testing.TB, peer Peer, baseURL string, httpClient *http.Client) Client {
	tb.Helper()
	client, err := peer.New(baseURL, httpClient)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}
