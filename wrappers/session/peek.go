package session

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// A peeked is the body of an answer of which the beginning has been read.
type peeked struct {
	head string
	rest io.ReadCloser
	err  error // that reading ahead ended with
}

// Read implements [io.Reader].
func (p *peeked) Read(b []byte) (int, error) {
	switch {
	case len(p.head) > 0:
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	case p.err != nil:
		return 0, p.err
	default:
		return p.rest.Read(b)
	}
}

// WriteTo implements [io.WriterTo].
func (p *peeked) WriteTo(w io.Writer) (n int64, err error) {
	if len(p.head) > 0 {
		m, err := io.WriteString(w, p.head)
		p.head, n = p.head[m:], int64(m)
		if err != nil {
			return n, err
		}
	}
	if p.err != nil {
		return n, notEOF(p.err)
	}
	m, err := io.Copy(w, p.rest)
	return n + m, err
}

// notEOF returns what [io.Copy] and its like report of an error of a reader.
func notEOF(err error) error {
	if err == io.EOF { //nolint:errorlint // readers return it as it is
		return nil
	}
	return err
}

// Close implements [io.Closer].
func (p *peeked) Close() error { return p.rest.Close() }

// buffers keeps buffers for reading ahead.
type buffers struct{ pool sync.Pool }

// peek returns the beginning of the body if it is JSON, and nothing otherwise.
// It leaves resp with a body that reads as before.
func (e *Engine) peek(resp *http.Response, a *attempt) string {
	if !peekable(resp) {
		return ""
	}
	buf, _ := e.set.peeks.pool.Get().(*[PeekLimit]byte)
	if buf == nil {
		buf = new([PeekLimit]byte)
	}
	n, err := readAhead(resp.Body, buf[:])
	head := string(buf[:n])
	e.set.peeks.pool.Put(buf)
	a.body = peeked{head: head, rest: resp.Body, err: err}
	resp.Body = &a.body
	if !isObject(head) {
		return ""
	}
	return head
}

// readAhead fills buf as far as the body goes.
func readAhead(body io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = body.Read(buf[n:])
		n += m
	}
	return n, err
}

// peekable reports whether an answer may begin with a JSON object, and can be
// read ahead without keeping anybody waiting: a type that is not JSON counts
// only if the length is known.
func peekable(resp *http.Response) bool {
	if resp.Body == nil || resp.Body == http.NoBody || resp.ContentLength == 0 ||
		len(resp.Header["Content-Encoding"]) > 0 || resp.StatusCode == http.StatusSwitchingProtocols {
		return false
	}
	if resp.Request.Method == http.MethodHead {
		return false
	}
	text := resp.Header.Get("Content-Type")
	if text == "application/json" {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(text)
	switch {
	case mediaType == "application/json", mediaType == "text/json":
		return true
	case strings.HasSuffix(mediaType, "+json"):
		return !strings.Contains(mediaType, "stream")
	case mediaType == "", mediaType == "text/plain", mediaType == "text/html":
		return resp.ContentLength > 0
	default:
		return false
	}
}

// isObject reports whether text begins like a JSON object.
func isObject(text string) bool {
	text = strings.TrimPrefix(text, "\ufeff")
	i := 0
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
		i++
	}
	return i < len(text) && text[i] == '{'
}
