package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// check compares a request with the description. It returns what is wrong, one
// fault after the other, or "". No value of the request is in the text. The
// parameters in also are taken besides those of the description.
func (c *call) check(ctx context.Context, also []string) string {
	var faults []string
	if c.op.query != nil {
		for _, name := range slices.Sorted(maps.Keys(c.query)) {
			if !c.op.query[name] && !slices.Contains(also, name) {
				faults = append(faults, fmt.Sprintf("parameter %q in query: not in the description", name))
			}
		}
	}
	if c.op.route.Operation.RequestBody == nil && len(c.body) > 0 && !c.hasOnly(also) {
		faults = append(faults, "body: the description has none")
	}
	err := openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
		Request:     c.request(ctx),
		PathParams:  c.params,
		QueryParams: c.query,
		Route:       c.op.route,
		Options:     &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true},
	})
	return strings.Join(append(faults, explain(err)...), "; ")
}

// verify returns an answer of the sandbox's own if it is as the description says,
// else one that names what is wrong with it.
func (c *call) verify(a *answer) *answer {
	if a.status == StatusClientBug {
		return a
	}
	ctx := c.req.Context()
	err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: c.req, PathParams: c.params, Route: c.op.route},
		Status:                 a.status,
		Header:                 http.Header{"Content-Type": {a.contentType}},
		Body:                   io.NopCloser(bytes.NewReader(a.body)),
		Options:                &openapi3filter.Options{MultiError: true},
	})
	var found *openapi3filter.ResponseError
	switch {
	case err == nil || ctx.Err() != nil:
		return a
	case !errors.As(err, &found) || found.Err == nil:
		return c.lockedBug("the sandbox's own answer: " + err.Error())
	default:
		return c.lockedBug("the sandbox's own answer: " + strings.Join(schemaFaults("body", found.Err), "; "))
	}
}

// hasOnly tells whether the body is a form with no other fields than those.
func (c *call) hasOnly(names []string) bool {
	for name := range c.fields {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return len(c.fields) > 0
}

// request returns the request with a body that can be read.
func (c *call) request(ctx context.Context) *http.Request {
	r := c.req.WithContext(ctx)
	r.Body = c.newBody()
	r.ContentLength = int64(len(c.body))
	return r
}

// explain names the faults in an error of openapi3filter: where, and which rule
// is broken. It leaves values out, which may be secret.
func explain(err error) []string {
	if err == nil {
		return nil
	}
	var all openapi3.MultiError
	if !errors.As(err, &all) {
		all = openapi3.MultiError{err}
	}
	var faults []string
	for _, err := range all {
		var found *openapi3filter.RequestError
		switch {
		case !errors.As(err, &found):
			faults = append(faults, "does not match the description")
		case found.Parameter != nil:
			faults = append(faults, reasons(fmt.Sprintf("parameter %q in %s", found.Parameter.Name, found.Parameter.In), found)...)
		default:
			faults = append(faults, reasons("body", found)...)
		}
	}
	return faults
}

// reasons explains the cause of a fault at one place of a request.
func reasons(place string, found *openapi3filter.RequestError) []string {
	switch {
	case found.Err == nil:
		return []string{place + ": " + found.Reason} // an unexpected Content-Type
	case errors.Is(found.Err, openapi3filter.ErrInvalidRequired):
		return []string{place + ": required but missing"}
	case errors.Is(found.Err, openapi3filter.ErrInvalidEmptyValue):
		return []string{place + ": must not be empty"}
	}
	if faults := schemaFaults(place, found.Err); len(faults) > 0 {
		return faults
	}
	var parse *openapi3filter.ParseError
	if errors.As(found.Err, &parse) && len(parse.Path()) > 0 {
		place = fmt.Sprintf("%s: %v", place, parse.Path())
	}
	if p := found.Parameter; p != nil && p.Schema != nil && p.Schema.Value.Type != nil {
		return []string{fmt.Sprintf("%s: is no %s", place, strings.Join(p.Schema.Value.Type.Slice(), " or "))}
	}
	return []string{place + ": cannot be read as what the description says"}
}

// schemaFaults lists the broken rules of a schema, each with its place.
func schemaFaults(place string, err error) []string {
	// Not errors.As: it would look into the list, and into the causes of the
	// error, before the error itself.
	switch err := any(err).(type) {
	case openapi3.MultiError:
		var faults []string
		for _, err := range err {
			faults = append(faults, schemaFaults(place, err)...)
		}
		return faults
	case *openapi3.SchemaError:
		if pointer := err.JSONPointer(); len(pointer) > 0 {
			place += ": /" + strings.Join(pointer, "/")
		}
		return []string{place + ": " + err.Reason}
	default:
		return nil
	}
}
