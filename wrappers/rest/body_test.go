package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// twoKilobytes is a Thing of 2 kB that is complete with its last byte only.
func twoKilobytes() string {
	head := `{"id":7,"name":"demo","items":[{"id":1},{"id":2,"tags":["a","b"]}],"note":"`
	return head + strings.Repeat("é", (2048-len(head)-2)/2) + `"}`
}

func TestBodyCutAtEveryOffset(t *testing.T) {
	body := twoKilobytes()
	var chunked strings.Builder
	for rest := body; rest != ""; {
		n := min(100, len(rest))
		fmt.Fprintf(&chunked, "%x;ext=1\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	chunked.WriteString("0\r\nX-Trailer: x\r\n\r\n")

	tests := []struct {
		name, header, body string
		first, step        int
	}{
		{"Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n", body, 0, 1},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked.String(), 0, 1},
		{"until the connection ends", "HTTP/1.0 200 OK\r\n\r\n", body, 1, 32},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var cut atomic.Int64
			client := newClient(t, serveRaw(t, func(w io.Writer) {
				_, _ = io.WriteString(w, tt.header+tt.body[:cut.Load()])
			}))
			for i := tt.first; i < len(tt.body); i += tt.step {
				cut.Store(int64(i))
				thing, err := getThing(t, client)
				// net/http has an error of its own for a trailer that is cut.
				if thing != nil || !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(tt.body[:i], "\r\n0\r\n") {
					t.Fatalf("cut after %d bytes: %v, %v", i, thing, err)
				}
				if apiErr := wantError(t, err, http.StatusOK); apiErr.Value != nil {
					t.Fatalf("cut after %d bytes: half a value: %v", i, apiErr.Value)
				}
			}
			cut.Store(int64(len(tt.body)))
			if thing, err := getThing(t, client); err != nil || len(thing.Items) != 2 {
				t.Errorf("whole: %+v, %v", thing, err)
			}
		})
	}
}

func TestErrorBodyCutKeepsTheStatus(t *testing.T) {
	_, err := getThing(t, answerRaw(t, "HTTP/1.1 409 Conflict\r\nContent-Length: 100\r\n\r\n{\"reason\":\"x\""))
	apiErr := wantError(t, err, http.StatusConflict)
	if !errors.Is(err, io.ErrUnexpectedEOF) || string(apiErr.Body) != `{"reason":"x"` || apiErr.Value != nil {
		t.Errorf("got %#v", apiErr)
	}
}

func TestConnectionCutBeforeTheBody(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nX: y\r\n\r\n"
	for i := range head {
		_, err := getThing(t, answerRaw(t, head[:i]))
		if apiErr := (*rest.Error)(nil); err == nil || errors.As(err, &apiErr) {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
		if i == 0 && !errors.Is(err, io.EOF) {
			t.Errorf("the cause is not in %v", err)
		}
		wantText(t, err, []string{"acme: getThing: "})
	}
}

func TestWrongContentLength(t *testing.T) {
	tests := []struct {
		name, header string
		want         error // nil: the call succeeds
	}{
		{"right", "Content-Length: 8", nil},
		{"too small", "Content-Length: 5", io.ErrUnexpectedEOF},
		{"too large", "Content-Length: 9", io.ErrUnexpectedEOF},
		{"far too large", "Content-Length: 9223372036854775807", io.ErrUnexpectedEOF},
		{"twice the same", "Content-Length: 8\r\nContent-Length: 8", nil},
		{"beside chunks", "Content-Length: 3\r\nTransfer-Encoding: chunked", io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"id":7}`
			if strings.Contains(tt.header, "chunked") {
				body = "8\r\n" + body + "\r\n"
			}
			client := answerRaw(t, "HTTP/1.1 200 OK\r\n"+tt.header+"\r\n\r\n"+body)
			thing, err := getThing(t, client, rest.WithBodyLimit(math.MaxInt64))
			if !errors.Is(err, tt.want) || (thing == nil) != (tt.want != nil) {
				t.Errorf("got %v, %v, want %v", thing, err, tt.want)
			}
			if tt.want != nil {
				wantError(t, err, http.StatusOK)
			}
			if err := ping(t, client); strings.Contains(tt.name, "large") && !errors.Is(err, tt.want) {
				t.Errorf("no body described: %v", err)
			}
		})
	}
	for _, header := range []string{"Content-Length: -1", "Content-Length: x", "Content-Length: 8\r\nContent-Length: 9"} {
		if _, err := getThing(t, answerRaw(t, "HTTP/1.1 200 OK\r\n"+header+"\r\n\r\n{\"id\":7}")); err == nil {
			t.Errorf("%q: no error", header)
		}
	}
}

func TestBrokenChunks(t *testing.T) {
	for _, body := range []string{"x\r\n", "8\r\n{\"id\":7}8\r\n", "-8\r\n{\"id\":7}\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}", "\r\n\r\n"} {
		thing, err := getThing(t, answerRaw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+body))
		wantError(t, err, http.StatusOK)
		if thing != nil {
			t.Errorf("%q: a value came with the error", body)
		}
	}
}

func TestTrailers(t *testing.T) {
	client := answerRaw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"+
		"3\r\n{\"i\r\n5;q=\"a\"\r\nd\":7}\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n")
	var resp *http.Response
	thing, err := getThing(t, client, rest.WithResponse(&resp))
	if err != nil || thing.ID != 7 || resp.Trailer.Get("X-Sum") != "1" {
		t.Errorf("got %+v, %v", thing, err)
	}
}

func TestInformationalAnswers(t *testing.T) {
	hints := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n", 3)
	client := answerRaw(t, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"+hints+
		"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{\"id\":7}")
	if thing, err := getThing(t, client); err != nil || thing.ID != 7 {
		t.Errorf("got %+v, %v", thing, err)
	}
	base := serveRaw(t, func(w io.Writer) {
		for {
			if _, err := io.WriteString(w, hints); err != nil {
				return
			}
		}
	})
	transport := rest.NewTransport()
	transport.MaxResponseHeaderBytes = 10_000
	if _, err := getThing(t, newClientVia(t, base, rest.NewHTTPClient(transport))); err == nil {
		t.Error("no error for informational answers without end")
	}
}

// The body of such an answer is the connection, on which nothing need come.
func TestSwitchingProtocolsIsAnErrorAtOnce(t *testing.T) {
	release := make(chan struct{})
	client := newClient(t, serveRaw(t, func(w io.Writer) {
		_, _ = io.WriteString(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		<-release
	}))
	_, err := getThing(t, client, rest.WithTimeout(5*time.Second))
	close(release)
	if apiErr := wantError(t, err, http.StatusSwitchingProtocols); apiErr.Err != nil {
		t.Errorf("the client waited: %v", apiErr.Err)
	}
}

func TestHTTP2(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/whole/things/7", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, `{"id":7,"name":"`+r.Proto+`"}`)
		w.Header().Set("X-Sum", "1")
	})
	mux.HandleFunc("/cut/things/7", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, twoKilobytes()[:1000])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/short/things/7", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2048")
		_, _ = io.WriteString(w, twoKilobytes()[:1000])
	})
	srv := httptest.NewUnstartedServer(mux)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	get := func(base string) (*Thing, error) {
		return getThing(t, newClientVia(t, srv.URL+base, rest.NewHTTPClient(srv.Client().Transport)))
	}
	if thing, err := get("/whole"); err != nil || thing.Name != "HTTP/2.0" {
		t.Errorf("got %+v, %v", thing, err)
	}
	for _, base := range []string{"/cut", "/short"} {
		thing, err := get(base)
		if apiErr := wantError(t, err, http.StatusOK); thing != nil || apiErr.Err == nil {
			t.Errorf("%s: got %+v, %v", base, thing, err)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	body := twoKilobytes()
	for _, sized := range []bool{true, false} {
		client := newClientVia(t, "https://api.example.com", &http.Client{Transport: memory{body, sized}})
		size := int64(len(body))
		for limit, fits := range map[int64]bool{size: true, size + 1: true, math.MaxInt64: true, size - 1: false, 1: false} {
			thing, err := getThing(t, client, rest.WithBodyLimit(limit))
			if fits {
				if err != nil || thing.ID != 7 {
					t.Errorf("limit %d of %d: %v", limit, size, err)
				}
				continue
			}
			apiErr := wantError(t, err, http.StatusOK)
			if !errors.Is(err, rest.ErrTooLarge) || thing != nil || string(apiErr.Body) != body[:limit] {
				t.Errorf("limit %d of %d: %v", limit, size, err)
			}
		}
		if _, err := getThing(t, client.WithLimit(100)); !errors.Is(err, rest.ErrTooLarge) {
			t.Errorf("limit of the client: %v", err)
		}
		if _, err := getThing(t, client.WithLimit(100), rest.WithBodyLimit(size)); err != nil {
			t.Errorf("limit of the call: %v", err)
		}
		for _, limit := range []int64{0, -1} {
			if _, err := getThing(t, client.WithLimit(limit), rest.WithBodyLimit(limit)); err != nil {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
	}
}

// A body that ends with an error exactly where the limit is must not pass for
// a whole one.
func TestBodyCutAtTheLimit(t *testing.T) {
	client := answerRaw(t, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"id\":7}")
	if thing, err := getThing(t, client, rest.WithBodyLimit(8)); !errors.Is(err, io.ErrUnexpectedEOF) || thing != nil {
		t.Errorf("got %+v, %v", thing, err)
	}
}

// An endless reader counts what is read from it.
type endless struct{ n atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	const spaces = "                                                                "
	n := 0
	for n < len(p) {
		n += copy(p[n:], spaces)
	}
	e.n.Add(int64(n))
	return n, nil
}

func TestTooLargeCostsLittle(t *testing.T) {
	const limit = 1 << 18
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(w, new(endless), 8<<20); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	zipped := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	source := new(endless)
	via := func(size int64, status int) *rest.Client {
		return newClientVia(t, "https://api.example.com", &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, ContentLength: size, Body: io.NopCloser(source), Request: req}, nil
			}),
		})
	}
	for name, client := range map[string]*rest.Client{
		"gzip": zipped, "no length": via(-1, 200), "length": via(math.MaxInt64, 200), "wrong length": via(10, 200), "error": via(-1, 500),
	} {
		source.n.Store(0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := getThing(t, client, rest.WithBodyLimit(limit))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, rest.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 12*limit {
			t.Errorf("%s: %d bytes allocated for a limit of %d", name, n, limit)
		}
		if n := source.n.Load(); n > limit+64<<10 {
			t.Errorf("%s: %d bytes read for a limit of %d", name, n, limit)
		}
	}
}

func TestLengthThatIsClaimedCostsLittle(t *testing.T) {
	client := newClientVia(t, "https://api.example.com", &http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: math.MaxInt64, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
		}),
	})
	if _, err := getThing(t, client, rest.WithBodyLimit(math.MaxInt64)); err != nil {
		t.Error(err)
	}
}

func TestBrokenGzip(t *testing.T) {
	for _, body := range []string{"{\"id\":7}", "\x1f\x8b", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff{}"} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, body)
		})
		_, err := getThing(t, client)
		wantError(t, err, http.StatusOK)
	}
}

func TestGzip(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip is not asked for")
		}
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = io.WriteString(zip, twoKilobytes())
		_ = zip.Close()
	})
	if thing, err := getThing(t, client); err != nil || thing.ID != 7 {
		t.Errorf("got %+v, %v", thing, err)
	}
}

func TestStalledAnswerEndsWithTheContext(t *testing.T) {
	for _, stage := range []string{"header", "body", "error body"} {
		t.Run(stage, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch stage {
				case "body":
					_, _ = io.WriteString(w, `{"id":7,`)
				case "error body":
					w.WriteHeader(http.StatusInternalServerError)
				}
				if stage != "header" {
					_ = http.NewResponseController(w).Flush()
				}
				cancel()
				<-r.Context().Done() // the client has hung up
			})
			_, err := rest.Do[Thing](ctx, client.NewRequest(&opGet, nil))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			wantText(t, err, []string{"acme: getThing: "})
		})
	}
}

// closeNoter notes that the body was closed.
type closeNoter struct {
	io.Reader
	closed *bool
}

func (c closeNoter) Close() error {
	*c.closed = true
	return nil
}

func TestBodyIsAlwaysClosed(t *testing.T) {
	cause := errors.New("cable pulled")
	failing := readerFunc(func([]byte) (int, error) { return 0, cause })
	for name, tt := range map[string]struct {
		status int
		body   io.Reader
	}{
		"value":     {200, strings.NewReader(`{"id":7}`)},
		"no value":  {200, strings.NewReader("")},
		"page":      {200, strings.NewReader("<html>")},
		"error":     {500, strings.NewReader("")},
		"cut":       {200, io.MultiReader(strings.NewReader(`{"id":7`), failing)},
		"cut error": {500, failing},
		"too large": {200, new(endless)},
		"upgrade":   {101, new(endless)},
	} {
		closed := false
		client := newClientVia(t, "https://api.example.com", &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: tt.status, ContentLength: -1, Body: closeNoter{tt.body, &closed}, Request: req}, nil
			}),
		})
		_, err := getThing(t, client, rest.WithBodyLimit(1000))
		if !closed {
			t.Errorf("%s: the body is not closed", name)
		}
		if strings.HasPrefix(name, "cut") && !errors.Is(err, cause) {
			t.Errorf("%s: the cause is not in %v", name, err)
		}
	}
}
