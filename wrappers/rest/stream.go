package rest

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// A Stream is the live body of an answer that is not JSON: an image, a file, a
// sequence of events. Nothing of it is read ahead. It must be closed, and ends
// with an error when the context of the call ends.
type Stream struct {
	io.ReadCloser
	MediaType string      // the Content-Type of the answer
	Size      int64       // in bytes, or -1 if not known
	Header    http.Header // of the answer
}

// DoStream sends a request and returns the live body of the answer. It returns
// an [*Error] for a status other than 2xx, and for a page where the operation
// has images or the like. The caller closes the Stream.
//
// The Timeout of the [http.Client] limits the time until the header of the
// answer is there; reading the Stream may take longer. [WithTimeout] and the
// context limit both.
func DoStream(ctx context.Context, r *Request) (*Stream, error) {
	cancel := context.CancelFunc(func() {})
	if timeout := r.options.timeout; timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	} else if timeout := r.client.timeout; timeout > 0 {
		var stop context.CancelCauseFunc
		ctx, stop = context.WithCancelCause(ctx)
		cancel = func() { stop(nil) }
		timer := time.AfterFunc(timeout, func() { stop(context.DeadlineExceeded) })
		defer timer.Stop()
	}
	resp, err := r.send(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	if refused := resp.StatusCode < 200 || resp.StatusCode > 299; refused || r.isStray(resp) {
		defer cancel()
		defer func() { _ = resp.Body.Close() }()
		body, err := r.readBody(resp)
		if err == nil && !refused {
			err = errPage
		}
		return nil, r.newError(resp, body, nil, err)
	}
	return &Stream{
		ReadCloser: closer{resp.Body, cancel},
		MediaType:  resp.Header.Get("Content-Type"), Size: resp.ContentLength, Header: resp.Header,
	}, nil
}

// isStray reports whether an answer is a page, and pages are none of what the
// operation may answer with.
func (r *Request) isStray(resp *http.Response) bool {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if mediaType != "text/html" || r.op.Accept == "" {
		return false
	}
	for _, accepted := range []string{"text/html", "text/*", "*/*", "application/octet-stream"} {
		if strings.Contains(r.op.Accept, accepted) {
			return false
		}
	}
	return true
}

type closer struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c closer) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}
