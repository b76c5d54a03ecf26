package session_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// fixed answers everything but sign-ins with one answer.
type fixed struct {
	resp func() *reply
}

func (f fixed) RoundTrip(req *http.Request) (*http.Response, error) {
	closeAll(req)
	if strings.HasSuffix(req.URL.Path, "/login") {
		return (*http.Response)(answer(200, map[string]any{"token": "x"})), nil
	}
	return (*http.Response)(f.resp()), nil
}

func closeAll(req *http.Request) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
}

// engineFor makes an engine in front of a transport.
func engineFor(t testing.TB, rt http.RoundTripper, judge func(*http.Response, string) session.Verdict) *session.Engine {
	t.Helper()
	e, err := session.New(&driver{password: func() string { return "x" }, judge: judge}, baseURL, session.WithTransport(rt))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(t.Context()) })
	return e
}

// fetch makes a call through the transport of an engine.
func fetch(t *testing.T, e *session.Engine) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// ways are those to read a body.
var ways = []func(io.Reader) ([]byte, error){
	io.ReadAll,
	func(r io.Reader) ([]byte, error) {
		var all bytes.Buffer
		_, err := io.Copy(&all, r)
		return all.Bytes(), err
	},
	func(r io.Reader) ([]byte, error) {
		var all bytes.Buffer
		if _, err := io.CopyN(&all, r, 3); err != nil {
			return all.Bytes(), err
		}
		_, err := io.Copy(&all, r)
		return all.Bytes(), err
	},
}

func TestI12TheAnswerIsHandedOnByteByByte(t *testing.T) {
	var body []byte
	var saw string
	var length int64
	var closed atomic.Int64
	var reader func(io.Reader) io.Reader
	rt := fixed{func() *reply {
		resp := text(200, "application/json", "")
		resp.ContentLength = length
		resp.Body = closeCounter{reader(bytes.NewReader(body)), &closed}
		resp.Trailer = http.Header{"X-Sum": {"1"}}
		return resp
	}}
	e := engineFor(t, rt, func(_ *http.Response, body string) session.Verdict { saw = body; return session.Alive })
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 2*session.PeekLimit), rapid.IntRange(0, 1<<20)).Draw(rt, "size")
		body = bytes.Repeat([]byte("0123456789abcdef-"), size/17+1)[:size]
		if object := rapid.Bool().Draw(rt, "object"); object && size > 0 {
			body[0] = '{'
		}
		length = int64(size)
		if rapid.Bool().Draw(rt, "chunked") {
			length = -1
		}
		reader = rapid.SampledFrom([]func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r }, iotest.DataErrReader, iotest.HalfReader, iotest.OneByteReader,
		}).Draw(rt, "reader")
		closed.Store(0)
		resp := fetch(t, e)
		got, err := rapid.SampledFrom(ways).Draw(rt, "way")(resp.Body)
		if errors.Is(err, io.EOF) && size < 3 { // fewer than were asked for
			err = nil
		}
		if err != nil || !bytes.Equal(got, body) {
			rt.Fatalf("%d bytes came as %d, error %v", len(body), len(got), err)
		}
		_ = resp.Body.Close()
		if closed.Load() != 1 || resp.ContentLength != length || resp.Trailer.Get("X-Sum") != "1" {
			rt.Fatalf("closed %d times, length %d, trailer %v", closed.Load(), resp.ContentLength, resp.Trailer)
		}
		if len(body) > 0 && body[0] == '{' && saw != string(body[:min(size, session.PeekLimit)]) {
			rt.Fatalf("the driver saw %d bytes of %d", len(saw), size)
		}
	})
}

func TestI12AnErrorInTheBodyComesAfterTheBytesBeforeIt(t *testing.T) {
	broken := errors.New("cut")
	e := engineFor(t, fixed{func() *reply {
		resp := text(200, "application/json", "")
		resp.ContentLength, resp.Body = 100, io.NopCloser(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(broken)))
		return resp
	}}, nil)
	for _, way := range ways {
		resp := fetch(t, e)
		got, err := way(resp.Body)
		want(t, "bytes", string(got), `{"a":`)
		wantIs(t, err, broken)
		_ = resp.Body.Close()
	}
}

func TestI12AnEmptyReadMakesNoEndlessLoop(t *testing.T) {
	e := engineFor(t, fixed{func() *reply {
		resp := text(200, "application/json", "")
		resp.ContentLength, resp.Body = -1, io.NopCloser(iotest.TimeoutReader(strings.NewReader(`{"a":1}`)))
		return resp
	}}, nil)
	resp := fetch(t, e)
	got, err := io.ReadAll(resp.Body)
	want(t, "bytes", string(got), `{"a":1}`)
	wantIs(t, err, iotest.ErrTimeout)
	_ = resp.Body.Close()
}

func TestPeekWhatTheDriverSees(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 2000) + `"}`
	for _, tt := range []struct{ contentType, body, want string }{
		{"application/json", `{"a":1}`, `{"a":1}`},
		{"application/json; charset=utf-8", ` {"a":1}`, ` {"a":1}`},
		{"application/problem+json", `{"a":1}`, `{"a":1}`},
		{"text/html; charset=utf-8", `{"a":1}`, `{"a":1}`},
		{"text/plain", "\ufeff{\"a\":1}", "\ufeff{\"a\":1}"},
		{"", `{"a":1}`, `{"a":1}`},
		{"application/json", long, long[:session.PeekLimit]},
		{"application/json", `[1]`, ""},
		{"application/json", `<html>`, ""},
		{"text/html", `<html>{"a":1}`, ""},
		{"image/png", `{"a":1}`, ""},
		{"application/x-ndjson", `{"a":1}`, ""},
		{"application/json", strings.Repeat(" ", 1_000_000) + `{"a":1}`, ""},
	} {
		saw := "nothing"
		e := engineFor(t, fixed{func() *reply { return text(200, tt.contentType, tt.body) }}, func(_ *http.Response, body string) session.Verdict {
			saw = body
			return session.Alive
		})
		resp := fetch(t, e)
		got, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		want(t, fmt.Sprintf("what the driver saw of %q", tt.contentType), saw, tt.want)
		want(t, "body", string(got), tt.body)
	}
}

func TestPeekTheDriverSeesTheRequestAsItWasSent(t *testing.T) {
	token := ""
	e := engineFor(t, fixed{func() *reply { return answer(200, nil) }}, func(resp *http.Response, _ string) session.Verdict {
		token = resp.Request.Header.Get("Authorization")
		return session.Alive
	})
	resp := fetch(t, e)
	_ = resp.Body.Close()
	want(t, "token", token, "Bearer x")
	want(t, "token the caller sees", resp.Request.Header.Get("Authorization"), "")
}

func TestPeekCompressedAnswersThatTheTransportUnpacks(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/login") {
			_, _ = io.WriteString(w, `{"token":"x"}`)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"a":1}`)
		_ = z.Close()
	}))
	defer server.Close()
	saw := ""
	d := &driver{password: func() string { return "x" }, judge: func(_ *http.Response, body string) session.Verdict {
		saw = body
		return session.Alive
	}}
	e, err := session.New(d, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close(t.Context()) }()
	if _, err := post(t.Context(), e.Client(), "data", true); err != nil {
		t.Fatal(err)
	}
	want(t, "what the driver saw", saw, `{"a":1}`)
}

func TestBodyLimitOfTheClient(t *testing.T) {
	body := `{"text":"` + strings.Repeat("x", 100) + `"}`
	for limit, want := range map[int64]error{int64(len(body)): nil, int64(len(body)) - 1: rest.ErrTooLarge, 0: nil} {
		rt := fixed{func() *reply { return text(200, "application/json", body) }}
		e, err := session.New(&driver{password: func() string { return "x" }}, baseURL, session.WithTransport(rt), session.WithBodyLimit(limit))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := post(t.Context(), e.Client(), "data", true); !errors.Is(err, want) {
			t.Errorf("limit %d: got %v, want %v", limit, err, want)
		}
		_ = e.Close(t.Context())
	}
}

func FuzzPeek(f *testing.F) {
	f.Add([]byte(`{"metadata":{"status":"40"}}`), "application/json", 100)
	f.Add([]byte("\ufeff{"), "text/plain", -1)
	f.Add([]byte("\x1f\x8b"), "application/json;charset", 2)
	f.Fuzz(func(t *testing.T, body []byte, contentType string, length int) {
		saw := ""
		e := engineFor(t, fixed{func() *reply {
			resp := text(200, contentType, "")
			resp.ContentLength, resp.Body = int64(length), io.NopCloser(iotest.HalfReader(bytes.NewReader(body)))
			return resp
		}}, func(_ *http.Response, body string) session.Verdict { saw = body; return session.Alive })
		resp := fetch(t, e)
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("got %q, %v", got, err)
		}
		if !strings.HasPrefix(string(body), saw) || len(saw) > session.PeekLimit {
			t.Errorf("the driver saw %q", saw)
		}
	})
}
