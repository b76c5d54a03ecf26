package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// A memberModel is one of the shapes of a union.
type memberModel struct {
	Doc, Name, Type string
	Condition       string // of kind and v.Raw, under which the member is tried
	Decode, Encode  string
}

// isUnion reports whether a component becomes a struct with one field per
// shape. Numbers that may be texts have a type of their own, and a union with a
// member of any kind tells nothing.
func isUnion(ref *openapi3.SchemaRef) bool {
	members := slices.Concat(ref.Value.OneOf, ref.Value.AnyOf)
	if ref.Ref != "" || len(members) == 0 || len(ref.Value.Properties) > 0 || allNumbersOrTexts(members) {
		return false
	}
	return !slices.ContainsFunc(members, func(member *openapi3.SchemaRef) bool { return isFree(member.Value) })
}

// isFree reports whether a value, or each item of a list, can be of any kind.
func isFree(schema *openapi3.Schema) bool {
	if len(schema.AllOf)+len(schema.OneOf)+len(schema.AnyOf) > 0 {
		return false
	}
	if schema.Type.Is("array") {
		return schema.Items == nil || isFree(schema.Items.Value)
	}
	return schema.Type == nil || len(*schema.Type) == 0
}

// unionModel fills in the members. A JSON value is tried with the first member
// of its kind; among objects the discriminator decides, or else the properties
// that are required.
func (e *emitter) unionModel(m *typeModel, schema codegen.Schema) {
	union := schema.OAPISchema
	inherited := certaintyOf(union.Extensions, e.plan.facts.file)
	names := map[string]bool{"Raw": true}
	members := slices.Concat(union.OneOf, union.AnyOf)
	// Objects that require more are tried before those that require less.
	slices.SortStableFunc(members, func(a, b *openapi3.SchemaRef) int { return len(b.Value.Required) - len(a.Value.Required) })
	for _, ref := range members {
		name, kind := memberField(ref)
		for names[name] {
			name += "_"
		}
		names[name] = true
		member, err := codegen.GenerateGoSchema(ref, []string{m.Name, name})
		if err != nil {
			e.fail("%s: %w", m.Name, err)
			return
		}
		c := e.codec(member)
		if !c.nilable {
			c = c.pointer()
		}
		text := sentence(ref.Value.Description)
		if ref.Ref != "" {
			text = firstSentence(text)
		}
		m.Members = append(m.Members, memberModel{
			Name: name, Type: c.goType,
			Doc:       comment("\t", strings.TrimSpace(text+" "+certaintyOf(ref.Value.Extensions, inherited).String())),
			Condition: condition(kind, ref, union.Discriminator),
			Decode:    c.decode("v." + name), Encode: c.encode("v." + name),
		})
	}
}

// memberField returns the name of the field for a member and its JSON kind, as
// package wire calls it.
func memberField(ref *openapi3.SchemaRef) (name, kind string) {
	kinds := map[string][2]string{
		"string": {"Text", "String"}, "integer": {"Number", "Number"}, "number": {"Number", "Number"},
		"boolean": {"Bool", "Bool"}, "array": {"List", "Array"}, "object": {"Object", "Object"},
	}
	found := kinds["object"]
	for jsonType, names := range kinds {
		if ref.Value.Type.Is(jsonType) {
			found = names
		}
	}
	if ref.Ref != "" {
		return codegen.SchemaNameToTypeName(refName(ref)), found[1]
	}
	return found[0], found[1]
}

func condition(kind string, ref *openapi3.SchemaRef, discriminator *openapi3.Discriminator) string {
	text := "kind == wire." + kind
	switch {
	case kind != "Object":
	case discriminator != nil:
		values := []string{refName(ref)}
		for value, target := range discriminator.Mapping {
			if target.Ref == ref.Ref || target.Ref == refName(ref) {
				values = append(values, value)
			}
		}
		slices.Sort(values)
		text += fmt.Sprintf(" && rest.MemberIs(v.Raw, %q, %s)", discriminator.PropertyName, quoted(values))
	case len(ref.Value.Required) > 0:
		text += fmt.Sprintf(" && rest.HasMembers(v.Raw, %s)", quoted(ref.Value.Required))
	}
	return text
}

func quoted(texts []string) string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = fmt.Sprintf("%q", text)
	}
	return strings.Join(list, ", ")
}
