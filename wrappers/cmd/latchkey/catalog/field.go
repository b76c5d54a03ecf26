package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A Field is a parameter, or a member of a body.
type Field struct {
	Name        string   `json:"name"` // with dots between the names of nested members, and [] for items of a list
	In          string   `json:"in"`   // path, query, header, body or answer
	Type        string   `json:"type"`
	Required    bool     `json:"required"`
	Secret      bool     `json:"secret,omitempty"`
	Values      []string `json:"values,omitempty"` // the only ones, if there are any
	Certainty   string   `json:"certainty"`
	Reason      string   `json:"reason,omitempty"` // for what is inferred
	Description string   `json:"description,omitempty"`

	// Schema is what the description says of the value.
	Schema *openapi3.SchemaRef `json:"-"`
}

// certainty is a level with the reason for an inference.
type certainty struct{ level, reason string }

// within returns what extensions say, or else what is inherited.
func (c certainty) within(extensions map[string]any) certainty {
	level, ok := extensions["x-certainty"].(string)
	if !ok {
		return c
	}
	reason, _ := extensions["x-reason"].(string)
	return certainty{level, reason}
}

// Reason returns why the operation is inferred; it is empty if it is not.
func (o *Operation) Reason() string { return certainty{}.within(o.Spec.Extensions).reason }

// Inputs returns the parameters and the members of the request body, in the
// order of the description.
func (o *Operation) Inputs() []Field {
	var fields []Field
	file := certainty{level: o.source.global.Certainty}
	for _, ref := range o.Parameters {
		p := ref.Value
		level := file
		if ref.Ref == "" {
			level = file.within(o.Spec.Extensions)
		}
		level = level.within(p.Extensions)
		fields = append(fields, newField(p.Name, p.In, p.Required, p.Description, p.Schema, level))
	}
	if _, media := o.Body(); media != nil {
		fields = append(fields, o.members("body", media.Schema)...)
	}
	return fields
}

// Outputs returns the members of the answer of success, in the order of the
// description.
func (o *Operation) Outputs() []Field { return o.members("answer", o.Answer()) }

func newField(name, in string, required bool, description string, schema *openapi3.SchemaRef, level certainty) Field {
	shape := ShapeOf(schema)
	f := Field{
		Name: name, In: in, Type: shape.String(), Required: required, Secret: shape.Secret(),
		Certainty: level.level, Reason: level.reason, Description: strings.Join(strings.Fields(description), " "), Schema: schema,
	}
	for _, value := range shape.Enum {
		f.Values = append(f.Values, fmt.Sprint(value))
	}
	return f
}

// nesting is how deep members of members are listed.
const nesting = 4

func (o *Operation) members(in string, schema *openapi3.SchemaRef) []Field {
	level := certainty{level: o.source.global.Certainty}
	if schema != nil && schema.Value != nil {
		level = level.within(schema.Value.Extensions)
	}
	var fields []Field
	o.flatten(&fields, in, "", schema, level, nil)
	return fields
}

// flatten lists the members of an object, and theirs.
func (o *Operation) flatten(fields *[]Field, in, prefix string, ref *openapi3.SchemaRef, level certainty, above []*openapi3.Schema) {
	if ref == nil || ref.Value == nil || len(above) >= nesting || slices.Contains(above, ref.Value) {
		return
	}
	shape := ShapeOf(ref)
	above = append(slices.Clone(above), ref.Value)
	for _, name := range o.ordered(ref, shape.Properties) {
		property := shape.Properties[name]
		own := level
		if property.Ref == "" {
			own = level.within(property.Value.Extensions)
		}
		f := newField(prefix+name, in, slices.Contains(shape.Required, name), describe(property), property, own)
		*fields = append(*fields, f)
		inner, suffix := target(property), "."
		for ShapeOf(inner).Type == openapi3.TypeArray {
			inner, suffix = target(ShapeOf(inner).Items), "[]"+suffix
		}
		below := certainty{level: o.source.global.Certainty}
		if inner != nil && inner.Value != nil {
			below = below.within(inner.Value.Extensions)
		}
		o.flatten(fields, in, f.Name+suffix, inner, below, above)
	}
}

// target returns the schema that a property refers to with words of its own.
func target(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	if ref != nil && ref.Value != nil && len(ref.Value.AllOf) == 1 && len(ref.Value.Properties) == 0 {
		return ref.Value.AllOf[0]
	}
	return ref
}

func describe(ref *openapi3.SchemaRef) string {
	if text := ref.Value.Description; text != "" || ref.Ref != "" {
		return text
	}
	if inner := target(ref); inner != nil && inner.Value != nil {
		return inner.Value.Description
	}
	return ""
}

// ordered returns the names of properties in the order of the description, as
// far as that is known.
func (o *Operation) ordered(ref *openapi3.SchemaRef, properties openapi3.Schemas) []string {
	var order []string
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		s := o.source
		schemas := named(blocks(s.lines, s.section("components"), 2), "schemas")
		schema := named(blocks(s.lines, schemas, 4), name)
		for _, property := range blocks(s.lines, named(blocks(s.lines, schema, 6), "properties"), 8) {
			if properties[property.name] != nil {
				order = append(order, property.name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	return order
}
