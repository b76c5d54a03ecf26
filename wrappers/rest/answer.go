package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Causes of an [Error].
var (
	errNoBody = errors.New("the answer has no body")
	errPage   = errors.New("it is a page: is the base URL right, does a proxy or a login page answer?")
)

// Do sends a request and returns the body of the answer. It returns an
// [*Error] for an answer that is not a success, or has no body; with a status
// that says so, 204 or 205, the value is the zero one.
//
// Texts in the value are parts of the body and keep all of it in memory: use
// [strings.Clone] to keep one of many.
func Do[T any, P interface {
	*T
	Decodable
}](ctx context.Context, r *Request) (*T, error) {
	value := new(T)
	if err := r.do(ctx, P(value)); err != nil {
		return nil, err
	}
	return value, nil
}

// DoEmpty sends a request whose answer has no body, or none that is described.
func DoEmpty(ctx context.Context, r *Request) error { return r.do(ctx, nil) }

// do sends the request and reads the answer into value, if that is not nil.
func (r *Request) do(ctx context.Context, value Decodable) error {
	if timeout := r.timeout(); timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	resp, err := r.send(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := r.readBody(resp)
	if err != nil {
		return r.newError(resp, body, nil, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return r.newError(resp, body, nil, nil)
	}
	return r.success(resp, body, value)
}

// success reads the body of a 2xx answer.
func (r *Request) success(resp *http.Response, body string, value Decodable) error {
	if isBlank(body, value) {
		if value == nil || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusResetContent {
			return nil
		}
		return r.newError(resp, body, nil, errNoBody)
	}
	var err error
	if value != nil {
		err = r.decode(body, value)
	} else if isPage(body) {
		err = errPage
	}
	if r.op.Failure.Check(body) {
		if err != nil {
			value = nil
		}
		return r.newError(resp, body, value, nil)
	}
	if err != nil {
		return r.newError(resp, body, nil, describe(resp, body, err))
	}
	return nil
}

// decode is the function [decode] with the decoder of r.
func (r *Request) decode(body string, value Decodable) error {
	r.decoder.Reset(body)
	value.DecodeJSON(&r.decoder)
	r.decoder.End()
	err := r.decoder.Err()
	r.decoder.Reset("") // who keeps the response should not keep the body with it
	return err
}

// describe says what came instead of the JSON that was expected.
func describe(resp *http.Response, body string, err error) error {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	mediaType = cmp.Or(oneLine(mediaType, 100), "no media type")
	if isPage(body) {
		err = errPage
	}
	return fmt.Errorf("the answer (%d bytes of %s) does not fit the description: %w", len(body), mediaType, err)
}

// timeout returns how long the call may take; 0 means as long as it wants.
func (r *Request) timeout() time.Duration {
	if r.options.timeout > 0 {
		return r.options.timeout
	}
	return r.client.timeout
}

func (r *Request) limit() int64 {
	if r.options.limit > 0 {
		return r.options.limit
	}
	return r.client.limit
}

// newError makes the Error for an answer. Without a value it decodes the body
// into the type that describes it.
func (r *Request) newError(resp *http.Response, body string, value Decodable, cause error) *Error {
	e := &Error{
		Vendor: r.client.vendor, Operation: r.op.ID, Method: r.op.Method, Path: r.shownPath(),
		StatusCode: resp.StatusCode, RequestID: requestID(resp.Header), Header: resp.Header, Err: cause,
	}
	if cause == nil {
		e.Code, e.Message = r.op.Failure.Describe(body)
		if value == nil {
			value = r.errorValue(resp.StatusCode, body)
		}
		if value != nil {
			e.Value = value
		}
		if resp.StatusCode/100 == 3 && resp.Header.Get("Location") != "" {
			e.Err = errRedirect
		}
	}
	if resp.Request != nil {
		e.because(Reason(resp.Request.Context()))
	}
	secrets := r.secrets()
	if !r.op.Sensitive && len(secrets) == 0 {
		e.Body = []byte(body[:min(len(body), maxErrorBody)])
	}
	if added := r.ctx.added.Load(); added != nil {
		secrets = append(slices.Clip(secrets), added.Reveal())
	}
	e.conceal(secrets, body)
	return e
}

// errorValue decodes the body of an answer that is not a success into the type
// that describes it. It returns nil if there is none or the body does not fit.
func (r *Request) errorValue(status int, body string) Decodable {
	if r.op.NewError == nil {
		return nil
	}
	value := r.op.NewError(status)
	if value == nil || isBlank(body, value) || decode(body, value) != nil {
		return nil
	}
	return value
}

// readBody reads the body, at most as much of it as the limit allows. What it
// returns beside an error is the beginning. Content-Length is believed for the
// size of the buffer only, and not for a large one before a part has come.
func (r *Request) readBody(resp *http.Response) (string, error) {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return "", nil // the body is the connection, on which nothing need come
	}
	limit := r.limit()
	b := new(strings.Builder)
	size := int(min(max(resp.ContentLength, 0), limit, DefaultBodyLimit))
	b.Grow(min(size, trusted))
	buf := chunks.Get().(*chunk)
	defer chunks.Put(buf)
	for {
		n, err := resp.Body.Read(buf[:])
		if room := limit - int64(b.Len()); int64(n) > room {
			b.Write(buf[:room])
			return b.String(), fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
		}
		if b.Len()+n > b.Cap() && b.Cap() < size {
			part := b.String()
			b = new(strings.Builder)
			b.Grow(size)
			b.WriteString(part)
		}
		b.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
	}
}

// trusted is how large a body is taken to be before any of it has come, in
// bytes.
const trusted = 256 << 10

// A chunk is as much of a body as is read at a time.
type chunk [32 << 10]byte

// chunks holds nothing that anybody sees. A pool per Client would cost a service
// with many accounts a chunk for each.
var chunks = sync.Pool{New: func() any { return new(chunk) }} //nolint:gochecknoglobals // scratch memory

// isBlank reports whether body holds nothing for value: it is empty, or null
// where value is not free to be null.
func isBlank(body string, value Decodable) bool {
	body = trimSpace(body)
	_, free := value.(*Raw)
	return body == "" || body == "null" && !free
}

func isPage(body string) bool { return strings.HasPrefix(trimSpace(body), "<") }

func trimSpace(body string) string { return strings.Trim(body, " \t\r\n\ufeff") }
