package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// placeholder stands in for a password that is not known. A [guard] sees to it
// that it is not sent.
func placeholder() rest.Secret { return rest.NewSecret("no password") }

// A guard lets no request through that would sign in: for the time in which the
// password is not known. The zero guard lets nothing through.
type guard struct {
	base http.RoundTripper
	own  *rest.Operation // what the user calls, even if it is a login
}

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	op := rest.OperationFrom(req.Context())
	if g.base == nil || op != nil && op != g.own && op.ID == "login" {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errNoPassword
	}
	return g.base.RoundTrip(req)
}

// A catcher answers the requests of one operation itself and notes what was in
// their headers.
type catcher struct {
	base   http.RoundTripper
	own    *rest.Operation
	header http.Header
}

// RoundTrip implements [http.RoundTripper].
func (c *catcher) RoundTrip(req *http.Request) (*http.Response, error) {
	if rest.OperationFrom(req.Context()) != c.own {
		return c.base.RoundTrip(req)
	}
	c.header = req.Header.Clone()
	return &http.Response{
		Status: "204 No Content", StatusCode: http.StatusNoContent, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: req,
	}, nil
}
