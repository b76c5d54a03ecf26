package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Request is one call in the making. Generated code makes and fills it; the
// first mistake is kept and returned when the request is sent.
type Request struct {
	client  *Client
	op      *Operation
	options callOptions
	path    []byte
	query   Values
	target  *url.URL // in place of path and query, if it is set
	header  http.Header
	body    []byte
	hidden  bool // the path holds a secret
	err     error

	// What a call needs once is a part of the Request, so that all of it is one
	// allocation.
	pathSpace           [48]byte
	querySpace          [64]byte
	contentType, accept [1]string
	secretSpace         [1]string
	encoder             wire.Encoder
	decoder             wire.Decoder
	url                 url.URL
	reader              bodyReader // for the first that reads the body
	ctx                 operationContext
}

// A CallOption changes one call.
type CallOption func(*callOptions)

type callOptions struct {
	header  http.Header
	timeout time.Duration
	limit   int64
	answer  **http.Response
	at      **url.URL // where the answer came from
}

// WithHeader sends a header with one call, in place of what the client would
// send under that name.
func WithHeader(name, value string) CallOption {
	return func(o *callOptions) {
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header.Set(name, value)
	}
}

// WithTimeout gives one call up after d, reading the answer included, in place
// of the Timeout of the [http.Client]; a d that is not positive changes nothing.
func WithTimeout(d time.Duration) CallOption {
	return func(o *callOptions) { o.timeout = d }
}

// WithBodyLimit reads at most limit bytes of the answer to one call; a limit
// that is not positive changes nothing. A larger answer is an error with
// [ErrTooLarge] in its chain. A [Stream] has no limit.
func WithBodyLimit(limit int64) CallOption {
	return func(o *callOptions) { o.limit = limit }
}

// WithResponse stores the response in *target as soon as there is one, for its
// status and header; its body has been read and closed when the call returns.
func WithResponse(target **http.Response) CallOption {
	return func(o *callOptions) { o.answer = target }
}

// NewRequest starts a call of op.
func (c *Client) NewRequest(op *Operation, options []CallOption) *Request {
	r := &Request{client: c, op: op, header: make(http.Header, 4)}
	r.path, r.query.buf, r.encoder.Secrets = r.pathSpace[:0], r.querySpace[:0], r.secretSpace[:0]
	for _, option := range options {
		option(&r.options)
	}
	return r
}

// Literal adds a fixed part of the path.
func (r *Request) Literal(path string) { r.path = append(r.path, path...) }

// PathString adds a parameter to the path, percent-encoded. The texts "", "."
// and ".." are refused, since they would address something else.
func (r *Request) PathString(name, value string) {
	if value == "" || value == "." || value == ".." {
		r.fail(fmt.Errorf("path parameter %s must not be %q", name, value))
		return
	}
	r.path = appendEscaped(r.path, value, false)
}

// PathSecret is PathString for a secret. An [Error] shows the path template then.
func (r *Request) PathSecret(name string, value Secret) {
	r.hidden = true
	r.note(value.Reveal())
	r.PathString(name, value.Reveal())
}

// PathInt adds an integer parameter to the path.
func (r *Request) PathInt(_ string, value int64) { r.path = strconv.AppendInt(r.path, value, 10) }

// Query returns the query, to add to.
func (r *Request) Query() *Values { return &r.query }

// Header sets a header parameter.
func (r *Request) Header(name, value string) { r.header.Set(name, value) }

// HeaderSecret sets a header parameter that is a secret.
func (r *Request) HeaderSecret(name string, value Secret) {
	r.note(value.Reveal())
	r.Header(name, value.Reveal())
}

// JSON sets the body to a JSON value, sent as contentType.
func (r *Request) JSON(contentType string, body Encodable) {
	secrets := r.encoder.Secrets
	r.encoder = *wire.NewEncoder(make([]byte, 0, 256))
	r.encoder.Secrets = secrets
	body.EncodeJSON(&r.encoder)
	if err := r.encoder.Err(); err != nil {
		r.fail(fmt.Errorf("encoding the body: %w", err))
	}
	r.setBody(contentType, r.encoder.Bytes())
}

// Form sets the body to a form.
func (r *Request) Form(body FormEncodable) {
	var v Values
	body.EncodeForm(&v)
	if v.secrets != nil {
		r.note(*v.secrets...)
	}
	r.setBody("application/x-www-form-urlencoded", v.buf)
}

// note remembers secrets that are in the path, the header or the body.
func (r *Request) note(secrets ...string) { r.encoder.Secrets = append(r.encoder.Secrets, secrets...) }

// secrets returns the secrets that the request was built with.
func (r *Request) secrets() []string {
	if r.query.secrets == nil {
		return r.encoder.Secrets
	}
	return slices.Concat(r.encoder.Secrets, *r.query.secrets)
}

// Missing says that a required argument is nil.
func (r *Request) Missing(argument string) { r.fail(fmt.Errorf("%s must not be nil", argument)) }

func (r *Request) setBody(contentType string, body []byte) {
	r.body = body
	r.contentType[0] = contentType
	r.header["Content-Type"] = r.contentType[:]
}

func (r *Request) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// build returns the request as package net/http wants it.
func (r *Request) build(ctx context.Context) (*http.Request, error) {
	u, err := r.makeURL()
	if err != nil {
		return nil, err
	}
	r.ctx.Context, r.ctx.op = ctx, r.op
	req := (&http.Request{
		Method: r.op.Method, URL: u, Host: u.Host, Header: r.header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(&r.ctx)
	req.Header["User-Agent"] = r.client.agent[:]
	if r.op.Accept != "" {
		r.accept[0] = r.op.Accept
		req.Header["Accept"] = r.accept[:]
	}
	maps.Copy(req.Header, r.options.header)
	if r.body != nil {
		req.ContentLength = int64(len(r.body))
		req.GetBody = r.newReader
		r.reader.Reset(r.body)
		req.Body = &r.reader
	}
	return req, nil
}

// A bodyReader reads the body once.
type bodyReader struct{ bytes.Reader }

func (*bodyReader) Close() error { return nil }

func (r *Request) newReader() (io.ReadCloser, error) {
	reader := new(bodyReader)
	reader.Reset(r.body)
	return reader, nil
}

// shownPath returns the path for errors.
func (r *Request) shownPath() string {
	if r.hidden {
		return r.client.path + r.op.Path
	}
	return r.escapedPath()
}

// escapedPath returns the path as it is sent.
func (r *Request) escapedPath() string {
	if r.target != nil {
		return r.target.EscapedPath()
	}
	return r.client.path + string(r.path)
}

func (r *Request) makeURL() (*url.URL, error) {
	if r.target != nil {
		return r.target, nil
	}
	r.url = r.client.base
	u := &r.url
	escaped := r.escapedPath()
	if strings.Contains(escaped, "/.") && hasDots(escaped) {
		return nil, fmt.Errorf("path %s has a segment of dots", r.op.Path)
	}
	u.Path, u.RawPath = escaped, ""
	if strings.IndexByte(escaped, '%') >= 0 {
		path, err := url.PathUnescape(escaped)
		if err != nil {
			return nil, fmt.Errorf("path %s: %w", r.op.Path, err)
		}
		if u.Path, u.RawPath = path, escaped; u.EscapedPath() != escaped { // it would go out unescaped
			return nil, fmt.Errorf("path %s has characters that a path cannot have", r.op.Path)
		}
	}
	u.RawQuery = r.query.Encode()
	return u, nil
}

// hasDots reports whether a path has a segment that leads elsewhere.
func hasDots(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
