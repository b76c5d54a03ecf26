package session

import (
	"context"
	"errors"
	"net/http"
)

var errElsewhere = errors.New("the request is for another origin")

// RequestEditor returns a function that signs requests, in the form that
// clients made by oapi-codegen with its own templates take. It signs in before
// the first request, and again when the session is known to be over, but it
// sees no answer: when the vendor ends a session early, calls fail until the
// engine expects its end. It refuses requests to other origins, and changes
// none that has a secret header already.
//
// Use it only where a client does not take an [http.Client]: with one that has
// [Engine.Transport], calls are repeated in a new session, and the headers of
// the session stay out of the program's hands. A client with the editor must
// not follow redirects to other origins: net/http would take the headers along.
func (e *Engine) RequestEditor() func(ctx context.Context, req *http.Request) error {
	return func(ctx context.Context, req *http.Request) error {
		switch {
		case e.closed.Load():
			return e.fail("call", ErrClosed, nil)
		case !e.onOrigin(req.URL):
			return e.fail("call", nil, errElsewhere)
		case !needsSession(req.Context()), e.hasSecret(req.Header):
			return nil
		}
		l, _, err := e.acquire(ctx, false)
		if err != nil {
			return err
		}
		defer e.leave(l)
		if req.Header == nil {
			req.Header = http.Header{}
		}
		for _, h := range l.headers() {
			for _, value := range h.values {
				req.Header.Add(h.name, value)
			}
		}
		return nil
	}
}
