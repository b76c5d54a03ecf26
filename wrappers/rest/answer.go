package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// Causes of an [Error].
var (
	errNoBody   = errors.New("the answer has no body")
	errPage     = errors.New("it is a page: is the base URL right, does a proxy or a login page answer?")
	errRedirect = errors.New("the answer redirects, which is not followed here")
)

// Do sends a request and returns the body of the answer. It returns an
// [*Error] for an answer that is not a success.
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
	if timeout := r.options.timeout; timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	resp, err := r.send(ctx, r.options.timeout > 0)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBody(resp, r.limit())
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
		err = decode(body, value)
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

// describe says what came instead of the JSON that was expected.
func describe(resp *http.Response, body string, err error) error {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	mediaType = cmp.Or(oneLine(mediaType, 100), "no media type")
	if isPage(body) {
		err = errPage
	}
	return fmt.Errorf("the answer (%d bytes of %s) does not fit the description: %w", len(body), mediaType, err)
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
		Vendor: r.client.vendor, Operation: r.op.ID, Method: r.op.Method, Path: r.escapedPath(),
		StatusCode: resp.StatusCode, Header: resp.Header, Err: cause,
	}
	if cause == nil {
		e.Code, e.Message = r.op.Failure.Describe(body)
		if value == nil && r.op.NewError != nil {
			if typed := r.op.NewError(resp.StatusCode); typed != nil && !isBlank(body, typed) && decode(body, typed) == nil {
				value = typed
			}
		}
		if value != nil {
			e.Value = value
		}
		if resp.StatusCode/100 == 3 && resp.Header.Get("Location") != "" {
			e.Err = errRedirect
		}
	}
	if !r.op.Sensitive {
		e.Body = []byte(body[:min(len(body), maxErrorBody)])
	}
	return e
}

// readBody reads the body, at most limit bytes of it. What it returns beside
// an error is the beginning. Content-Length is believed for the size of the
// first buffer only.
func readBody(resp *http.Response, limit int64) (string, error) {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return "", nil // the body is the connection, on which nothing need come
	}
	var b strings.Builder
	chunk := int64(4 << 10)
	if resp.ContentLength >= 0 {
		size := min(resp.ContentLength, limit, DefaultBodyLimit)
		b.Grow(int(size))
		chunk = min(size+1, 32<<10) // io.Copy would take 32 KiB for the smallest answer
	}
	n, err := io.CopyBuffer(&b, io.LimitReader(resp.Body, limit), make([]byte, chunk))
	if err == nil && n == limit {
		if _, err = io.CopyN(io.Discard, resp.Body, 1); err == nil {
			err = fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	return b.String(), err
}

// isBlank reports whether body holds nothing for value: it is empty, or null
// where value is not free to be null.
func isBlank(body string, value Decodable) bool {
	body = trimSpace(body)
	_, free := value.(*Raw)
	return body == "" || body == "null" && !free
}

func isPage(body string) bool { return strings.HasPrefix(trimSpace(body), "<") }

func trimSpace(body string) string { return strings.Trim(body, " \t\r\n\ufeff") }
