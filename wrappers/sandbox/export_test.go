package sandbox

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/latchkey-go/latchkey/specs"
)

// WithSpecs reads the descriptions from another place than package specs.
var WithSpecs = withSpecs

// Bounds that tests go up to.
const (
	MaxBody  = maxBody
	MinSweep = minSweep
)

// CheckAnswer compares an answer with the description of the vendor. It returns
// nil for a path or method that the description does not have.
func CheckAnswer(v Vendor, method string, u *url.URL, status int, header http.Header, body []byte) error {
	sp, err := loadSpec(specs.FS, v)
	if err != nil {
		return err
	}
	entry, params := sp.find(strings.TrimPrefix(u.EscapedPath(), "/"+string(v)))
	if entry == nil || entry.methods[method] == nil {
		return nil
	}
	op := entry.methods[method]
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: &http.Request{Method: method, URL: u}, PathParams: params, Route: op.route, Options: options,
		},
		Status: status, Header: header, Body: io.NopCloser(strings.NewReader(string(body))), Options: options,
	})
}

// HandledKeys returns the keys of the operations that a vendor's rules carry out.
func HandledKeys(v Vendor) []string {
	return slices.Sorted(maps.Keys(newStandin(NewUnstarted(), v).rules.handlers()))
}

// HasOperation tells whether the description of a vendor has an operation.
func HasOperation(v Vendor, key string) (bool, error) {
	sp, err := loadSpec(specs.FS, v)
	if err != nil {
		return false, err
	}
	return sp.operation(key) != nil, nil
}

// ErrFailureRule is returned for an x-failure that cannot be read.
var ErrFailureRule = errFailureRule

// Failed applies an x-failure to a decoded body.
func Failed(extension, body any) (bool, error) {
	rule, err := newFailureRule(map[string]any{"x-failure": extension}, nil)
	if err != nil {
		return false, errors.Join(err)
	}
	return rule.failed(body), nil
}
