package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// checkOpenAPI reports what kin-openapi finds, except what other rules find
// with a better place: examples, formats, unknown fields, path parameters,
// operation ids, required twice.
//
// Each schema is looked at without the schemas in it: kin-openapi would go
// through all that a schema leads to again for every use of it, and stop at the
// first error there.
func checkOpenAPI(c *check) {
	restore := c.takeSchemasApart()
	defer restore()
	seen := c.checkSchemasAlone()
	for _, err := range flatten(validateSafely(func() error { return c.doc.Validate(context.Background(), kinOptions()...) })) {
		ptr, cause := contextOf(err)
		if ownRule(cause) {
			continue
		}
		message := kinMessage(cause)
		if seen[message] {
			continue
		}
		if message == "must be an object" {
			message = quote(strings.TrimPrefix(ptr, "/")) + " " + message
		}
		e, at := c.kinPlace(ptr, err)
		c.report(e, at, "%s", message)
	}
}

// takeSchemasApart empties all schemas of the document of the schemas in them,
// until restore is called.
func (c *check) takeSchemasApart() (restore func()) {
	whole := map[*openapi3.Schema]openapi3.Schema{}
	for _, e := range c.tree.of(kindSchema) {
		s := e.schema()
		if s == nil {
			continue
		}
		if _, done := whole[s]; done {
			continue
		}
		whole[s] = *s
		s.OneOf, s.AnyOf, s.AllOf, s.Not, s.Properties, s.AdditionalProperties.Schema = nil, nil, nil, nil, nil, nil
		if s.Items != nil {
			s.Items = openapi3.NewSchemaRef("", &openapi3.Schema{})
		}
	}
	return func() {
		for s, was := range whole {
			*s = was
		}
	}
}

func kinOptions() []openapi3.ValidationOption {
	return []openapi3.ValidationOption{
		openapi3.EnableMultiError(), openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(),
		openapi3.DisableSchemaFormatValidation(),
	}
}

// validateSafely turns a panic of kin-openapi into an error.
func validateSafely(validate func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("kin-openapi fails on this document: %v", cause)
		}
	}()
	return validate()
}

// checkSchemasAlone validates each schema by itself, at its own place. It
// returns the messages that it has reported.
func (c *check) checkSchemasAlone() map[string]bool {
	seen := map[string]bool{}
	for _, e := range c.tree.of(kindSchema) {
		s := e.schema()
		if s == nil {
			continue
		}
		for _, err := range flatten(validateSafely(func() error { return s.Validate(context.Background(), kinOptions()...) })) {
			if ownRule(err) {
				continue
			}
			message := kinMessage(err)
			seen[message] = true
			c.report(e, e.at(), "%s", message)
		}
	}
	return seen
}

// flatten returns the single errors that an error of kin-openapi consists of.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if list, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // only the outermost error is taken apart
		var all []error
		for _, e := range list {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}

// ownRule reports whether a rule of ours finds the same.
func ownRule(err error) bool {
	return isError[*openapi3.PathParametersError](err) || isError[*openapi3.DuplicateOperationIDError](err) ||
		isError[*openapi3.ExtraSiblingFieldsError](err) || isError[*openapi3.DuplicateRequiredFieldError](err) ||
		isError[*openapi3.ConflictingPathsError](err)
}

func isError[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// kinMessage returns the text of an error without what wraps it for the sake of
// the place.
func kinMessage(err error) string {
	for {
		var combined *openapi3.SchemaCombinatorElementValidationError
		if !errors.As(err, &combined) {
			break
		}
		err = combined.Cause
	}
	return strings.TrimSpace(err.Error())
}

// kinPlace returns the place of an error: where a pointer in it leads, else its
// origin, else where its context leads.
func (c *check) kinPlace(ptr string, err error) (*element, *yaml.Node) {
	var scheme *openapi3.SecurityRequirementSchemeUndefinedError
	var slash *openapi3.PathMustStartWithSlashError
	switch {
	case errors.As(err, &scheme):
		ptr = scheme.JSONPointer
	case errors.As(err, &slash):
		ptr = "/paths/" + escapePointer(slash.Path)
	default:
		if origin := originOf(err); origin != nil && origin.Line > 0 {
			return c.tree.find(origin.Line, origin.Column), &yaml.Node{Line: origin.Line, Column: origin.Column}
		}
	}
	return c.tree.around(ptr), locate(c.root, ptr)
}

// checkUnknownFields reports fields that OpenAPI 3.0 does not have.
func checkUnknownFields(c *check) {
	for _, u := range c.tree.unknown {
		if laterField(u.key.Value) {
			continue
		}
		c.report(u.owner, u.key, "OpenAPI 3.0 has no field %q in %s; extensions start with x-", u.key.Value, u.owner.kind)
	}
}

// checkRefSiblings reports fields beside a $ref.
func checkRefSiblings(c *check) {
	for _, e := range c.tree.all {
		if e.ref == "" {
			continue
		}
		for key := range nodePairs(e.node) {
			if key.Value != "$ref" && key.Value != fieldAllow {
				c.report(e, key, "%q beside $ref is ignored by readers of OpenAPI 3.0; wrap the $ref in allOf", key.Value)
			}
		}
	}
}
