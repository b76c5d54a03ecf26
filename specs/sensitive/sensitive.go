// Package sensitive tells which operations of a description handle secrets:
// values of format password.
package sensitive

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation reports whether a parameter, the request or an answer of op holds a
// secret. Parameters are those of its path and its own. References must be
// resolved.
func Operation(op *openapi3.Operation, parameters openapi3.Parameters) bool {
	seen := map[*openapi3.Schema]bool{}
	for _, parameter := range parameters {
		if schema(parameter.Value.Schema, seen) || content(parameter.Value.Content, seen) {
			return true
		}
	}
	if op.RequestBody != nil && op.RequestBody.Value != nil && content(op.RequestBody.Value.Content, seen) {
		return true
	}
	for _, response := range op.Responses.Map() {
		if content(response.Value.Content, seen) {
			return true
		}
	}
	return false
}

func content(types openapi3.Content, seen map[*openapi3.Schema]bool) bool {
	for _, media := range types {
		if schema(media.Schema, seen) {
			return true
		}
	}
	return false
}

func schema(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) bool {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return false
	}
	seen[ref.Value] = true
	s := ref.Value
	if s.Format == "password" || schema(s.Items, seen) || schema(s.AdditionalProperties.Schema, seen) {
		return true
	}
	for _, property := range s.Properties {
		if schema(property, seen) {
			return true
		}
	}
	return slices.ContainsFunc(slices.Concat(s.AllOf, s.OneOf, s.AnyOf),
		func(part *openapi3.SchemaRef) bool { return schema(part, seen) })
}
