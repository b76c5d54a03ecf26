package bench

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// Memory answers every request from memory, so that only the work of the
// client remains. Without a body it answers with status 204.
type Memory []byte

// RoundTrip implements [http.RoundTripper].
func (m Memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := drain(req); err != nil {
		return nil, err
	}
	if m == nil {
		return answer(req, http.StatusNoContent, http.NoBody, 0), nil
	}
	return answer(req, http.StatusOK, body{bytes.NewReader(m)}, int64(len(m))), nil
}

// File answers every request with the file of that name, which it reads as the
// client reads the answer: nothing of it is in memory beforehand.
type File string

// RoundTrip implements [http.RoundTripper].
func (f File) RoundTrip(req *http.Request) (*http.Response, error) {
	file, err := os.Open(string(f))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return answer(req, http.StatusOK, file, info.Size()), nil
}

// body has no method but those that the body of a connection has.
type body struct{ r io.Reader }

func (b body) Read(p []byte) (int, error) { return b.r.Read(p) }
func (body) Close() error                 { return nil }

func drain(req *http.Request) error {
	if req.Body == nil {
		return nil
	}
	var buf [512]byte
	for {
		switch _, err := req.Body.Read(buf[:]); err {
		case nil:
		case io.EOF:
			return req.Body.Close()
		default:
			return err
		}
	}
}

func answer(req *http.Request, status int, body io.ReadCloser, size int64) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: body, ContentLength: size, Request: req,
	}
}

// A gate is a server that answers every request with data. It holds requests
// back until all are there that are expected to arrive at the same time, so
// that the client has to open a connection for each.
type gate struct {
	data     []byte
	arrivals sync.WaitGroup
	expected atomic.Int64
}

// expect says that the next n requests arrive at the same time.
func (g *gate) expect(n int) {
	g.arrivals.Add(n)
	g.expected.Store(int64(n))
}

// ServeHTTP implements [http.Handler].
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if g.expected.Load() > 0 && g.expected.Add(-1) >= 0 {
		g.arrivals.Done()
		g.arrivals.Wait()
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(g.data)))
	_, _ = w.Write(g.data)
}
