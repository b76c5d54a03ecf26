package rest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

var opStream = rest.Operation{
	Vendor: "acme", ID: "getGraph", Method: http.MethodGet, Path: "/graph", Accept: "image/png", NewError: newFault,
}

func stream(ctx context.Context, client *rest.Client, opts ...rest.CallOption) (*rest.Stream, error) {
	r := client.NewRequest(&opStream, opts)
	r.Literal("/graph")
	return rest.DoStream(ctx, r)
}

// The second half is sent only when the first one was read.
func TestStreamIsLive(t *testing.T) {
	next := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if accept := r.Header.Get("Accept"); accept != "image/png" {
			t.Errorf("Accept is %q", accept)
		}
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = io.WriteString(w, "one")
		_ = http.NewResponseController(w).Flush()
		<-next
		_, _ = io.WriteString(w, "two")
	})
	s, err := stream(t.Context(), client, rest.WithBodyLimit(1))
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, 3)
	if _, err := io.ReadFull(s, half); err != nil || string(half) != "one" {
		t.Fatalf("got %q, %v", half, err)
	}
	close(next)
	if all, err := io.ReadAll(s); err != nil || string(all) != "two" {
		t.Errorf("got %q, %v", all, err)
	}
	if s.MediaType != "text/event-stream; charset=utf-8" || s.Size != -1 || s.Header.Get("Date") == "" {
		t.Errorf("got %+v", s)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestStreamTellsItsSize(t *testing.T) {
	image := bytes.Repeat([]byte{0, 0xff, '<', '{'}, 1000)
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "4000")
		_, _ = w.Write(image)
	})
	s, err := stream(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if all, err := io.ReadAll(s); err != nil || !bytes.Equal(all, image) || s.Size != 4000 {
		t.Errorf("got %d bytes of %d, %v", len(all), s.Size, err)
	}
}

func TestStreamThatIsCut(t *testing.T) {
	client := answerRaw(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
	s, err := stream(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if all, err := io.ReadAll(s); !errors.Is(err, io.ErrUnexpectedEOF) || string(all) != "half" {
		t.Errorf("got %q, %v", all, err)
	}
}

func TestStreamOfAnError(t *testing.T) {
	s, err := stream(t.Context(), answer(t, http.StatusNotFound, "application/json", `{"reason":"no graph"}`))
	apiErr := wantError(t, err, http.StatusNotFound)
	if fault, ok := apiErr.Value.(*Fault); s != nil || !ok || fault.Reason != "no graph" {
		t.Errorf("got %#v", apiErr)
	}
	_, err = stream(t.Context(), answer(t, http.StatusBadGateway, "text/html", "<html>"), rest.WithBodyLimit(3))
	wantError(t, err, http.StatusBadGateway)
	if !errors.Is(err, rest.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	_, err = stream(t.Context(), nowhere(t))
	wantText(t, err, []string{"acme: getGraph: "})
}

// Closing a stream early ends the request on the server, too.
func TestStreamThatIsAPage(t *testing.T) {
	for accept, isError := range map[string]bool{
		"image/png": true, "image/png, image/svg+xml": true, "text/html": false, "image/png, text/*": false, "*/*": false,
		"application/octet-stream": false, "": false,
	} {
		op := opStream
		op.Accept = accept
		client := answer(t, http.StatusOK, "text/html; charset=utf-8", "<html>Please pay</html>")
		s, err := rest.DoStream(t.Context(), client.NewRequest(&op, nil))
		if !isError {
			if err != nil {
				t.Errorf("Accept %q: %v", accept, err)
				continue
			}
			_ = s.Close()
			continue
		}
		apiErr := wantError(t, err, http.StatusOK)
		wantText(t, err, []string{"it is a page"})
		if string(apiErr.Body) != "<html>Please pay</html>" {
			t.Errorf("Body is %q", apiErr.Body)
		}
	}
}

func TestStreamClosedEarly(t *testing.T) {
	ended := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "one")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(ended)
	})
	s, err := stream(t.Context(), client, rest.WithTimeout(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-ended
	if _, err := s.Read(make([]byte, 1)); err == nil {
		t.Error("a closed stream can be read")
	}
}

func TestStreamEndsWithTheContext(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "one")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	s, err := stream(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	cancel()
	if _, err := io.ReadAll(s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// slow answers after header, with a body that comes after body. It does not
// look at the wall clock: the tests below run on a false one.
func slow(header, body time.Duration) roundTripper {
	return func(req *http.Request) (*http.Response, error) {
		if _, err := wait(req, header)(nil); !errors.Is(err, io.EOF) {
			return nil, err
		}
		return &http.Response{StatusCode: http.StatusOK, ContentLength: 2, Body: io.NopCloser(wait(req, body)), Request: req}, nil
	}
}

// wait returns a body that comes after a delay.
func wait(req *http.Request, delay time.Duration) readerFunc {
	return func(p []byte) (int, error) {
		select {
		case <-req.Context().Done():
			return 0, req.Context().Err()
		case <-time.After(delay):
			return copy(p, "{}"), io.EOF
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestTimeouts(t *testing.T) {
	const never = 1000 * time.Hour
	tests := []struct {
		name         string
		header, body time.Duration
		opts         []rest.CallOption
		do, stream   time.Duration // until the call ended; 0: it succeeded
	}{
		{"fast", time.Second, time.Second, nil, 0, 0},
		{"no header", never, 0, nil, rest.DefaultTimeout, rest.DefaultTimeout},
		{"slow body", time.Second, time.Hour, nil, rest.DefaultTimeout, 0},
		{"shorter", time.Second, time.Second, []rest.CallOption{rest.WithTimeout(1500 * time.Millisecond)}, 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"longer", time.Minute, time.Minute, []rest.CallOption{rest.WithTimeout(time.Hour)}, 0, 0},
		{"longer, no header", never, 0, []rest.CallOption{rest.WithTimeout(time.Hour)}, time.Hour, time.Hour},
		{"longer, no body", time.Minute, never, []rest.CallOption{rest.WithTimeout(time.Hour)}, time.Hour, time.Hour},
		{"not positive", time.Minute, 0, []rest.CallOption{rest.WithTimeout(-1)}, rest.DefaultTimeout, rest.DefaultTimeout},
	}
	for _, tt := range tests {
		check := func(t *testing.T, want time.Duration, call func(*testing.T, *rest.Client) error) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := call(t, newClientVia(t, "https://api.example.com", rest.NewHTTPClient(slow(tt.header, tt.body))))
				if want == 0 {
					if err != nil {
						t.Errorf("got %v", err)
					}
					return
				}
				if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != want {
					t.Errorf("got %v after %v, want %v", err, took, want)
				}
			})
		}
		t.Run(tt.name, func(t *testing.T) {
			check(t, tt.do, func(t *testing.T, client *rest.Client) error {
				_, err := getThing(t, client, tt.opts...)
				return err
			})
		})
		t.Run(tt.name+", stream", func(t *testing.T) {
			check(t, tt.stream, func(t *testing.T, client *rest.Client) error {
				s, err := stream(t.Context(), client, tt.opts...)
				if err != nil {
					return err
				}
				_, err = io.ReadAll(s)
				return errors.Join(err, s.Close())
			})
		})
	}
}

// HTTP/2 reports a context that was cancelled without its cause.
func TestStreamTimeoutOverHTTP2(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	httpClient := rest.NewHTTPClient(srv.Client().Transport)
	httpClient.Timeout = 50 * time.Millisecond
	if _, err := stream(t.Context(), newClientVia(t, srv.URL, httpClient)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// What a timeout needs is given back when the stream is closed, not when the
// time is over.
func TestClosedStreamHoldsNothing(t *testing.T) {
	for _, opts := range [][]rest.CallOption{nil, {rest.WithTimeout(time.Hour)}} {
		var ctx context.Context
		client := newClientVia(t, "https://api.example.com", rest.NewHTTPClient(roundTripper(func(req *http.Request) (*http.Response, error) {
			ctx = req.Context()
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
		})))
		s, err := stream(t.Context(), client, opts...)
		if err != nil || ctx.Err() != nil {
			t.Fatal(err, ctx.Err())
		}
		if err := s.Close(); err != nil || ctx.Err() == nil {
			t.Errorf("the context of the request lives on: %v", err)
		}
	}
}

func TestTimeoutDoesNotHideACancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := newClientVia(t, "https://api.example.com", rest.NewHTTPClient(roundTripper(func(req *http.Request) (*http.Response, error) {
		cancel()
		<-req.Context().Done()
		return nil, req.Context().Err()
	})))
	for _, opts := range [][]rest.CallOption{nil, {rest.WithTimeout(time.Hour)}} {
		if _, err := stream(ctx, client, opts...); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	}
}
