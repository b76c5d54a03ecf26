package page

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
)

// direct is a RoundTripper that hands requests to a handler.
type direct struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	served := req.Clone(req.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	defer func() { _ = served.Body.Close() }()
	w := &written{header: make(http.Header)}
	d.handler.ServeHTTP(w, served)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if w.dropped {
		return nil, io.EOF
	}
	w.WriteHeader(http.StatusOK)
	return w.response(req), nil
}

// written is an answer in memory. It can be hijacked, as far as dropping the
// connection goes.
type written struct {
	header  http.Header
	sent    http.Header // as they were when the status was sent
	status  int
	body    bytes.Buffer
	dropped bool
}

// Header implements [http.ResponseWriter].
func (w *written) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

// Write implements [http.ResponseWriter].
func (w *written) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// Flush implements [http.Flusher].
func (w *written) Flush() { w.WriteHeader(http.StatusOK) }

// Hijack implements [http.Hijacker].
func (w *written) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.dropped = true
	conn, other := net.Pipe()
	_ = other.Close()
	return conn, bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)), nil
}

// response returns the answer. A body that is shorter than its length says ends
// in an error, as it does over a network.
func (w *written) response(req *http.Request) *http.Response {
	resp := &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, ContentLength: int64(w.body.Len()), Request: req,
	}
	var body io.Reader = bytes.NewReader(w.body.Bytes())
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil && n > resp.ContentLength {
		resp.ContentLength = n
		body = io.MultiReader(body, cut{})
	}
	resp.Body = io.NopCloser(body)
	return resp
}

// cut is the end of a body that is too short.
type cut struct{}

// Read implements [io.Reader].
func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
