package rest_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient returns a client for baseURL with a transport of its own, whose
// connections are closed when the test ends.
func newClient(t *testing.T, baseURL string) *rest.Client {
	t.Helper()
	transport := rest.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return newClientVia(t, baseURL, rest.NewHTTPClient(transport))
}

func newClientVia(t *testing.T, baseURL string, httpClient *http.Client) *rest.Client {
	t.Helper()
	client, err := rest.NewClient("acme", baseURL, httpClient)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// serve returns a client of a server that answers with handler.
func serve(t *testing.T, handler http.HandlerFunc) *rest.Client {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return newClient(t, srv.URL+"/v1")
}

// answer returns a client of a server that always gives the same answer.
func answer(t *testing.T, status int, contentType, body string) *rest.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		if contentType == "" {
			w.Header()["Content-Type"] = nil // the server would guess one
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// nowhere returns a client of a server that is gone.
func nowhere(t *testing.T) *rest.Client {
	t.Helper()
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	return newClient(t, srv.URL)
}

// serveRaw returns the address of a server that reads a request from each
// connection, lets reply write whatever it likes, and closes the connection.
func serveRaw(t *testing.T, reply func(w io.Writer)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, req.Body)
					reply(conn)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		wg.Wait()
	})
	return "http://" + listener.Addr().String()
}

// answerRaw is serveRaw with a client, for one answer.
func answerRaw(t *testing.T, reply string) *rest.Client {
	t.Helper()
	return newClient(t, serveRaw(t, func(w io.Writer) { _, _ = io.WriteString(w, reply) }))
}

// A roundTripper is a function as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// getThing calls GET /things/7.
func getThing(t *testing.T, client *rest.Client, opts ...rest.CallOption) (*Thing, error) {
	t.Helper()
	r := client.NewRequest(&opGet, opts)
	r.Literal("/things/")
	r.PathInt("id", 7)
	return rest.Do[Thing](t.Context(), r)
}

// ping calls GET /ping, whose answer is not described.
func ping(t *testing.T, client *rest.Client) error {
	t.Helper()
	r := client.NewRequest(&opPing, nil)
	r.Literal("/ping")
	return rest.DoEmpty(t.Context(), r)
}

// wantError returns the rest.Error in err, which must have the status.
func wantError(t *testing.T, err error, status int) *rest.Error {
	t.Helper()
	var apiErr *rest.Error
	if !errors.As(err, &apiErr) {
		t.Fatalf("error is %T (%v), want a *rest.Error", err, err)
	}
	if apiErr.StatusCode != status {
		t.Errorf("status of the error is %d, want %d", apiErr.StatusCode, status)
	}
	return apiErr
}

// wantText checks that the text of err is one line, has all of want and
// nothing of secret in it.
func wantText(t *testing.T, err error, want []string, secret ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	if strings.ContainsAny(text, "\r\n") {
		t.Errorf("error is not one line: %q", text)
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("error %q does not have %q in it", text, part)
		}
	}
	for _, part := range secret {
		if strings.Contains(text, part) {
			t.Errorf("error %q has %q in it", text, part)
		}
	}
}
