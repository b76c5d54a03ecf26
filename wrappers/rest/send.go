package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// send returns the response, whatever its status.
func (r *Request) send(ctx context.Context) (*http.Response, error) {
	if r.err != nil {
		return nil, r.unsent(r.err)
	}
	req, err := r.build(ctx)
	if err != nil {
		return nil, r.unsent(err)
	}
	resp, err := r.client.http.Do(req)
	if err != nil {
		// HTTP/2 knows that ctx was cancelled, but not why.
		if cause := context.Cause(ctx); errors.Is(cause, context.DeadlineExceeded) && errors.Is(err, context.Canceled) {
			err = cause
		}
		return nil, r.unsent(err)
	}
	if r.options.answer != nil {
		*r.options.answer = resp
	}
	if r.options.at != nil {
		*r.options.at = req.URL
	}
	return resp, nil
}

// A callError is a call that brought no answer.
type callError struct {
	text string
	err  error
}

func (e *callError) Error() string { return e.text }

func (e *callError) Unwrap() error { return e.err }

// unsent puts the vendor and the operation in front of err and keeps out of
// its text what may be secret: the text of a url.Error has the URL in it, and
// with that the query. A server that echoes the request brings it there, too,
// as the start of a malformed answer.
func (r *Request) unsent(err error) error {
	for {
		outer, ok := err.(*url.Error) //nolint:errorlint // what wraps one has to stay
		if !ok {
			break
		}
		err = outer.Err
	}
	text := err.Error()
	if strings.Contains(text, "malformed ") || strings.Contains(text, "Location header") {
		text, _, _ = strings.Cut(text, `"`)
		text, _, _ = strings.Cut(text, "line:")
		text = strings.TrimRight(text, ": ")
	}
	return &callError{r.client.vendor + ": " + r.op.ID + ": " + oneLine(text, maxErrorText), err}
}
