package rest_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestBaseURL(t *testing.T) {
	for _, text := range []string{
		"", " ", "api.example.com", "/v1", "//api.example.com", "https://", "https:///v1", "https://:443", "https:api.example.com",
		"ftp://api.example.com", "file:///etc", "mailto:x@example.com", "https//api.example.com", "https://api.example.com:port",
		"https://api example.com", "https://[::1", "https://api.example.com/%zz", "https://api.example.com/\x7f",
		"https://hunter2@api.example.com", "https://demo:hunter2@api.example.com", "https://demo:hunter2@api.example.com:x",
		"https://api.example.com?key=hunter2", "https://api.example.com/?", "https://api.example.com/#hunter2", "hunter2://x",
		"https://demo:hunter2@", "https://api.example.com/%zz?key=hunter2",
	} {
		client, err := rest.NewClient("acme", text, nil)
		if client != nil {
			t.Errorf("%q is taken", text)
		}
		wantText(t, err, []string{"acme: base URL "}, "hunter2", "demo")
	}
	for text, want := range map[string]string{
		"https://api.example.com":           "https://api.example.com",
		"\n http://localhost:8080/v1/// \t": "http://localhost:8080/v1",
		"https://api.example.com/a%2Fb":     "https://api.example.com/a%2Fb",
	} {
		client, err := rest.NewClient("acme", text, nil)
		if err != nil || client.BaseURL() != want {
			t.Errorf("%q: %v, %v", text, client, err)
		}
	}
}

func TestFailuresToReachTheVendor(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	noHost := rest.NewTransport()
	noHost.DialContext = func(_ context.Context, _, addr string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: addr, IsNotFound: true}}
	}
	nested := roundTripper(func(req *http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: "Post", URL: req.URL.String(), Err: errors.New("tunnel closed")}
	})
	// A server that is none, and sends back what it gets.
	echo := serveRaw(t, func(w io.Writer) { _, _ = io.WriteString(w, "POST /things?key=hunter2 HTTP/1.1\r\n\r\n") })
	status := serveRaw(t, func(w io.Writer) { _, _ = io.WriteString(w, "HTTP/1.1 hunter2\r\n\r\n") })
	header := serveRaw(t, func(w io.Writer) { _, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\n{\"password\": \"hunter2\"}\r\n\r\n") })
	version := serveRaw(t, func(w io.Writer) { _, _ = io.WriteString(w, "hunter2") })

	tests := []struct {
		name, base string
		transport  http.RoundTripper
		want       string
		is         error
	}{
		{"unknown host", "https://nowhere.invalid", noHost, "no such host", nil},
		{"refused connection", closed.URL, nil, "connect", syscall.ECONNREFUSED},
		{"unknown certificate", secure.URL, nil, "certificate", nil},
		{"plain instead of TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil, "HTTP response to HTTPS client", nil},
		{"transport with a client in it", plain.URL, nested, "tunnel closed", nil},
		{"echo", echo, nil, "malformed HTTP", nil},
		{"no status", status, nil, "malformed HTTP", nil},
		{"no header", header, nil, "malformed MIME header", nil},
		{"no HTTP", version, nil, "acme: addThing: ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			transport := tt.transport
			if transport == nil {
				own := rest.NewTransport()
				defer own.CloseIdleConnections()
				transport = own
			}
			r := newClientVia(t, tt.base, rest.NewHTTPClient(transport)).NewRequest(&opPost, []rest.CallOption{rest.WithHeader("X-Key", "hunter2")})
			r.Literal("/things")
			r.Query().String("key", "hunter2")
			r.JSON("application/json", &Patch{Password: rest.Value(rest.NewSecret("hunter2"))})
			_, err := rest.Do[Thing](t.Context(), r)
			wantText(t, err, []string{"acme: addThing: ", tt.want}, "hunter2", "key=", "://")
			if apiErr := (*rest.Error)(nil); errors.As(err, &apiErr) {
				t.Errorf("%v is an answer", err)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v has no %v in it", err, tt.is)
			}
		})
	}
}

func TestLongErrorsAreCut(t *testing.T) {
	client := newClientVia(t, "https://api.example.com", rest.NewHTTPClient(roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("first line\nsecond\x1b[31m line " + strings.Repeat("é", 5000))
	})))
	_, err := getThing(t, client)
	wantText(t, err, []string{"acme: getThing: first line second [31m line é"}, "\x1b")
	if len(err.Error()) > 1100 {
		t.Errorf("%d bytes of text", len(err.Error()))
	}
}

func TestEndedContextSendsNothing(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := rest.Do[Thing](ctx, client.NewRequest(&opGet, nil))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantText(t, err, []string{"acme: getThing: context canceled"})
}

func TestTransportKeepsOneConnectionPerCaller(t *testing.T) {
	transport := rest.NewTransport()
	if transport.MaxIdleConnsPerHost < 64 || !transport.ForceAttemptHTTP2 || transport.TLSHandshakeTimeout == 0 {
		t.Errorf("got %+v", transport)
	}
	if client := rest.NewHTTPClient(transport); client.Timeout != rest.DefaultTimeout || client.Jar != nil {
		t.Errorf("got %+v", client)
	}
}

// Many calls at the same time share a client, and leave nothing behind.
// A service has a client per account.
func TestClientsAreSmall(t *testing.T) {
	const n = 2000
	httpClient := rest.NewHTTPClient(memory{"{}", true})
	clients := make([]*rest.Client, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range clients {
		clients[i] = newClientVia(t, "https://api.example.com/v1", httpClient).WithLimit(1000)
		if _, err := getThing(t, clients[i]); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if size := (after.HeapAlloc - before.HeapAlloc) / n; size > 600 {
		t.Errorf("a client takes %d bytes", size)
	}
	runtime.KeepAlive(clients)
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id":7,"name":"`+r.URL.Query().Get("name")+`"}`)
	})
	done := make(chan error)
	const callers = 32
	for i := range callers {
		go func() {
			name := strings.Repeat("x", i)
			r := client.NewRequest(&opGet, []rest.CallOption{rest.WithHeader("X-Caller", name)})
			r.Query().String("name", name)
			thing, err := rest.Do[Thing](t.Context(), r)
			if err == nil && thing.Name != name {
				err = errors.New("got the answer of another call")
			}
			done <- err
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
