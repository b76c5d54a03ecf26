package catalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A Shape is what a schema says of a value, with what allOf adds.
type Shape struct {
	Type       string // string, integer, number, boolean, array, object, or "" for anything
	Format     string
	Nullable   bool
	Enum       []any
	Properties openapi3.Schemas
	Required   []string
	Items      *openapi3.SchemaRef   // of an array; may be nil
	Members    *openapi3.SchemaRef   // of an object, for names that Properties lacks; may be nil
	Open       bool                  // an object that may have members that are not described
	OneOf      []*openapi3.SchemaRef // alternatives, of oneOf and anyOf
}

// ShapeOf returns the shape of a schema; nil may be anything.
func ShapeOf(ref *openapi3.SchemaRef) Shape {
	var s Shape
	s.add(ref, 0)
	if s.Type == "" && len(s.Properties) > 0 {
		s.Type = openapi3.TypeObject
	}
	return s
}

// deepest is how deep a schema is looked into; none that ends is as deep.
const deepest = 16

func (s *Shape) add(ref *openapi3.SchemaRef, depth int) {
	if ref == nil || ref.Value == nil || depth > deepest {
		return
	}
	schema := ref.Value
	for _, part := range schema.AllOf {
		s.add(part, depth+1)
	}
	if types := schema.Type.Slice(); len(types) > 0 {
		s.Type = types[0]
	}
	if schema.Format != "" {
		s.Format = schema.Format
	}
	s.Nullable = s.Nullable || schema.Nullable
	if len(schema.Enum) > 0 {
		s.Enum = schema.Enum
	}
	if len(schema.Properties) > 0 {
		all := maps.Clone(s.Properties)
		if all == nil {
			all = openapi3.Schemas{}
		}
		maps.Copy(all, schema.Properties)
		s.Properties = all
	}
	s.Required = append(s.Required, schema.Required...)
	if schema.Items != nil {
		s.Items = schema.Items
	}
	if schema.AdditionalProperties.Schema != nil {
		s.Members, s.Open = schema.AdditionalProperties.Schema, true
	}
	if has := schema.AdditionalProperties.Has; has != nil && *has {
		s.Open = true
	}
	s.OneOf = slices.Concat(s.OneOf, schema.OneOf, schema.AnyOf)
}

// Secret reports whether the value must not be shown.
func (s Shape) Secret() bool {
	return s.Format == "password" || slices.ContainsFunc(s.OneOf, func(ref *openapi3.SchemaRef) bool { return ShapeOf(ref).Secret() })
}

// String returns the type in words, such as "list of integer".
func (s Shape) String() string { return s.text(0) }

func (s Shape) text(depth int) string {
	switch {
	case depth > deepest:
		return "anything"
	case s.Type == openapi3.TypeArray:
		return "list of " + ShapeOf(s.Items).text(depth+1)
	case s.Secret():
		return "secret"
	case len(s.OneOf) > 0:
		texts := make([]string, len(s.OneOf))
		for i, ref := range s.OneOf {
			texts[i] = ShapeOf(ref).text(depth + 1)
		}
		return strings.Join(texts, " or ")
	case s.Type == "":
		return "anything"
	case s.Format == "" || s.Type == openapi3.TypeObject:
		return s.Type
	default:
		return s.Type + " (" + s.Format + ")"
	}
}
