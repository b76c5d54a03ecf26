package main

import (
	"errors"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// An exampleValue is an example or default, wherever it is written.
type exampleValue struct {
	owner  *element         // the object it belongs to
	what   string           // such as `example "loggedIn"` or "default"
	key    *yaml.Node       // of the value
	node   *yaml.Node       // the value
	schema *openapi3.Schema // nil if nothing describes it
}

// exampleValues returns every example and default of the document. An example
// that is used through a $ref is returned for every use.
func (t *tree) exampleValues() []exampleValue {
	var all []exampleValue
	for _, e := range t.all {
		if e.ref != "" {
			continue
		}
		switch e.kind {
		case kindMediaType, kindParameter, kindHeader:
			schema := partSchema(e, "schema")
			if key, n := nodeFieldPair(e.node, "example"); key != nil {
				all = append(all, exampleValue{e, "example", key, n, schema})
			}
			for _, part := range e.children("examples") {
				target := t.resolve(part)
				if target == nil {
					continue
				}
				if key, n := nodeFieldPair(target.node, "value"); key != nil {
					all = append(all, exampleValue{part, "example " + quote(part.name), key, n, schema})
				}
			}
		case kindSchema:
			for _, what := range []string{"example", "default"} {
				if key, n := nodeFieldPair(e.node, what); key != nil {
					all = append(all, exampleValue{e, what, key, n, e.schema()})
				}
			}
		default: // other objects have no examples
		}
	}
	return all
}

// partSchema returns what kin-openapi made of a schema that a field holds, refs
// followed.
func partSchema(e *element, step string) *openapi3.Schema {
	if part := e.child(step, step); part != nil {
		return part.schema()
	}
	return nil
}

// checkExamples reports examples and defaults that their schema does not allow.
// The messages name the place in the value and the reason, never the value.
func checkExamples(c *check) {
	for _, x := range c.tree.exampleValues() {
		value, err := jsonValue(x.node)
		if err != nil {
			c.report(x.owner, x.key, "%s holds a value that JSON cannot hold", x.what)
			continue
		}
		if x.schema == nil {
			continue
		}
		c.reportMismatch(x, validateSafely(func() error { return x.schema.VisitJSON(value, x.options()...) }))
	}
}

// options returns how strictly a value is looked at: as part of a request, of
// an answer, or neither.
func (x exampleValue) options() []openapi3.SchemaValidationOption {
	options := []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(), openapi3.EnableFormatValidation(), openapi3.DisableSchemaErrorDetails(),
	}
	switch {
	case x.owner.within(kindSchema) != nil:
	case x.owner.within(kindRequestBody) != nil:
		options = append(options, openapi3.VisitAsRequest())
	case x.owner.within(kindResponse) != nil:
		options = append(options, openapi3.VisitAsResponse())
	}
	return options
}

// reportMismatch reports the reasons of err, each at its place in the value.
func (c *check) reportMismatch(x exampleValue, err error) {
	for _, leaf := range mismatches(err) {
		ptr := ""
		for _, token := range leaf.path {
			ptr += "/" + escapePointer(token)
		}
		at := x.key
		if n := locate(x.node, ptr); n != x.node {
			at = n
		}
		if ptr != "" {
			ptr = " at " + ptr
		}
		c.report(x.owner, at, "%s does not fit its schema%s: %s", x.what, ptr, leaf.reason)
	}
}

// A mismatch is one reason why a value does not fit a schema.
type mismatch struct {
	path   []string // where in the value
	reason string   // without the value
}

// mismatches takes an error of VisitJSON apart.
func mismatches(err error) []mismatch {
	var all []mismatch
	for _, single := range flatten(err) {
		all = append(all, reasons(single)...)
	}
	return all
}

// reasons returns the mismatches that a single error tells of.
func reasons(err error) []mismatch {
	var schema *openapi3.SchemaError
	if !errors.As(err, &schema) {
		return []mismatch{{reason: err.Error()}}
	}
	inner := innerMismatches(schema)
	if schema.SchemaField == "allOf" && len(inner) > 0 {
		return inner
	}
	reason := schema.Reason
	if reason == "" {
		reason = "does not match " + quote(schema.SchemaField)
	}
	if len(inner) > 0 {
		reason += " (" + joinReasons(inner) + ")"
	}
	return []mismatch{{schema.JSONPointer(), reason}}
}

// innerMismatches returns the mismatches of the members of allOf or oneOf.
func innerMismatches(err *openapi3.SchemaError) []mismatch {
	if err.SchemaField != "allOf" && err.SchemaField != "oneOf" {
		return nil
	}
	for cause := err.Origin; cause != nil; cause = errors.Unwrap(cause) {
		if list, ok := cause.(openapi3.MultiError); ok { //nolint:errorlint // the chain is walked one by one
			return mismatches(list)
		}
	}
	return nil
}

func joinReasons(list []mismatch) string {
	const most = 4
	var reasons []string
	for i, m := range list {
		if i == most {
			reasons = append(reasons, "...")
			break
		}
		reason := m.reason
		if len(m.path) > 0 {
			reason = "/" + strings.Join(m.path, "/") + " " + reason
		}
		reasons = append(reasons, reason)
	}
	return strings.Join(reasons, "; ")
}
