package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// An emitter turns what the generator library found into models for the
// templates. The first mistake is kept.
type emitter struct {
	plan *plan
	err  error
}

func (e *emitter) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// A typeModel is one Go type for typedef.tmpl.
type typeModel struct {
	Name, Doc string
	Decl      string // what stands behind the name, if it is no struct
	Methods   bool   // a list or map that reads and writes itself
	Struct    bool
	Fields    []fieldModel
	Open      bool // keeps properties that are not described
	Words     int  // of presence bits; 0 for types that requests use
	Form      bool // can travel as a form
	Members   []memberModel

	Decode, Encode string // of a list or map
}

// A fieldModel is one field of a struct.
type fieldModel struct {
	Doc, Name, Type, JSON string
	Decode, Encode        string // statements for v.Name
	Form                  string
}

// types returns the models of definitions, without the parameters of
// operations: client.tmpl writes those.
func (e *emitter) types(definitions []codegen.TypeDefinition) []typeModel {
	var models []typeModel
	plain := e.plainMembers()
	for _, definition := range definitions {
		if !e.plan.params[definition.TypeName] && !plain[definition.Schema.OAPISchema] {
			models = append(models, e.model(definition))
		}
	}
	return models
}

// plainMembers returns the shapes of unions that need no type of their own:
// texts, numbers and lists that have no name in the description.
func (e *emitter) plainMembers() map[*openapi3.Schema]bool {
	plain := map[*openapi3.Schema]bool{}
	for union, isUnion := range e.plan.unions {
		for _, member := range slices.Concat(union.OneOf, union.AnyOf) {
			if isUnion && member.Ref == "" && len(member.Value.Properties) == 0 {
				plain[member.Value] = true
			}
		}
	}
	return plain
}

func (e *emitter) model(definition codegen.TypeDefinition) typeModel {
	schema := definition.Schema
	component, _, _ := strings.Cut(definition.JsonName, ".")
	m := typeModel{Name: definition.TypeName, Doc: e.typeDoc(definition, component)}
	if m.Name == "Client" || m.Name == "New" {
		e.fail("schema %s: its Go name %s is taken by the client itself; give it another x-go-name", component, m.Name)
	}
	switch {
	case e.plan.unions[schema.OAPISchema]:
		e.unionModel(&m, schema)
	case len(schema.Properties) > 0:
		e.structModel(&m, schema, component)
	case definition.IsAlias():
		m.Decl = "= " + schema.TypeDecl()
	default:
		m.Decl = schema.TypeDecl()
		if strings.HasPrefix(m.Decl, "[]") || strings.HasPrefix(m.Decl, "map[") {
			m.Methods = true
			c := e.codec(schema)
			m.Decode = c.decode("*v")
			m.Encode = c.encode("(*v)")
		}
	}
	return m
}

func (e *emitter) structModel(m *typeModel, schema codegen.Schema, component string) {
	m.Struct = true
	m.Form = e.plan.forms[component]
	requests := e.plan.inRequests[component]
	open := schema.OAPISchema != nil && schema.OAPISchema.AdditionalProperties.Has != nil && *schema.OAPISchema.AdditionalProperties.Has
	m.Open = open || !requests || e.plan.inAnswers[component]
	names := map[string]string{"AdditionalProperties": "the kept properties"}
	for _, method := range []string{"Presence", "DecodeJSON", "EncodeJSON", "EncodeForm", "MarshalJSON", "UnmarshalJSON"} {
		names[method] = "the method " + method
	}
	inherited := certaintyOf(extensionsOf(schema.OAPISchema), e.plan.facts.file)
	for i, property := range inFileOrder(schema) {
		f := fieldModel{Name: goName(property.GoFieldName()), JSON: property.JsonFieldName}
		if other, taken := names[f.Name]; taken {
			e.fail("schema %s: property %s and %s have the same Go name %s; give one of them x-go-name", component, property.JsonFieldName, other, f.Name)
		}
		names[f.Name] = "property " + property.JsonFieldName
		f.Doc = e.fieldDoc(property, e.propertyRef(component, property.JsonFieldName), inherited)
		if requests {
			e.requestField(&f, property)
		} else {
			e.answerField(&f, property, i, component)
		}
		if m.Form {
			f.Form = e.formField(f, property)
		}
		m.Fields = append(m.Fields, f)
	}
	if !requests {
		m.Words = (len(schema.Properties) + 31) / 32
	}
}

// plurals are initialisms that the library spells right in the singular only.
var plurals = regexp.MustCompile(`(Id|Url|Api)s([A-Z]|$)`)

// goName spells plurals such as IDs the Go way.
func goName(name string) string {
	return plurals.ReplaceAllStringFunc(name, func(match string) string {
		i := strings.IndexByte(match, 's')
		return strings.ToUpper(match[:i]) + match[i:]
	})
}

// inFileOrder returns the properties of a schema in the order of the file.
func inFileOrder(schema codegen.Schema) []codegen.Property {
	lines := map[string]int{}
	if schema.OAPISchema != nil {
		for name, property := range schema.OAPISchema.Properties {
			lines[name] = line(property.Origin)
			if lines[name] == 0 && property.Ref == "" {
				lines[name] = line(property.Value.Origin)
			}
		}
	}
	return slices.SortedStableFunc(slices.Values(schema.Properties), func(a, b codegen.Property) int {
		return lines[a.JsonFieldName] - lines[b.JsonFieldName]
	})
}

// answerField fills in a field of a type that only answers use: a plain value,
// with bits that say how it came.
func (e *emitter) answerField(f *fieldModel, property codegen.Property, i int, component string) {
	c := e.codec(property.Schema)
	field := "v." + f.Name
	f.Type = c.goType
	if c.methods && reaches(e.propertyRef(component, property.JsonFieldName), component, map[*openapi3.Schema]bool{}) {
		f.Type = "*" + c.goType
		c = c.pointer()
	}
	f.Decode = fmt.Sprintf("if d.Came(&v.presence[%d], 2<<%d) {\n%s\n}", i/32, 2*(i%32), c.decode(field))
	f.Encode = fmt.Sprintf("if rest.EncodeProperty(e, %q, rest.Marked(v.presence[:], %d), %t, %s) {\n%s\n}",
		f.JSON, i, property.Required, c.zero(field), c.encode(field))
}

// requestField fills in a field of a type that requests use: what may be left
// out or be null can be told apart from a zero value.
func (e *emitter) requestField(f *fieldModel, property codegen.Property) {
	c := e.codec(property.Schema)
	field := "v." + f.Name
	switch {
	case property.Nullable:
		f.Type = "rest.Nullable[" + c.goType + "]"
		f.Decode = fmt.Sprintf("if d.Null() {\n%[1]s = rest.NullOf[%[2]s]()\n} else {\nvar x %[2]s\n%[3]s\n%[1]s = rest.Value(x)\n}", field, c.goType, c.decode("x"))
		if c.read != "" {
			f.Decode = fmt.Sprintf("if d.Null() {\n%[1]s = rest.NullOf[%[2]s]()\n} else {\n%[1]s = rest.Value(%[3]s)\n}", field, c.goType, c.read)
		}
		f.Encode = fmt.Sprintf("if rest.EncodeNullable(e, %q, %s.Presence(), %t) {\nx := %s.Get()\n%s\n}", f.JSON, field, property.Required, field, c.encode("x"))
	case property.Required:
		f.Type = c.goType
		f.Decode = fmt.Sprintf("if !d.Null() {\n%s\n}", c.decode(field))
		f.Encode = fmt.Sprintf("e.Key(%q)\n%s", f.JSON, c.encode(field))
	case c.nilable:
		f.Type = c.goType
		f.Decode = fmt.Sprintf("if !d.Null() {\n%s\n}", c.decode(field))
		f.Encode = fmt.Sprintf("if %s != nil {\ne.Key(%q)\n%s\n}", field, f.JSON, c.encode(field))
	default:
		c = c.pointer()
		f.Type = c.goType
		f.Decode = fmt.Sprintf("if !d.Null() {\n%s\n}", c.decode(field))
		f.Encode = fmt.Sprintf("if %s != nil {\ne.Key(%q)\n%s\n}", field, f.JSON, c.encode(field))
	}
}

// formField returns the statement that writes a field into a form.
func (e *emitter) formField(f fieldModel, property codegen.Property) string {
	field := "v." + f.Name
	switch {
	case property.Nullable:
		e.fail("property %s: a form has no null", f.JSON)
		return ""
	case property.Required:
		return e.value(property.Schema, "f", f.JSON, field, "", true)
	default:
		return e.optionalValue(property.Schema, "f", f.JSON, field, "", true)
	}
}

// propertyRef returns the schema of a property of a component, or nil.
func (e *emitter) propertyRef(component, property string) *openapi3.SchemaRef {
	return findProperty(e.plan.doc.Components.Schemas[component], property)
}

func findProperty(ref *openapi3.SchemaRef, property string) *openapi3.SchemaRef {
	if ref == nil || ref.Value == nil {
		return nil
	}
	if found := ref.Value.Properties[property]; found != nil {
		return found
	}
	for _, part := range ref.Value.AllOf {
		if found := findProperty(part, property); found != nil {
			return found
		}
	}
	return nil
}

// typeDoc returns the comment of a type.
func (e *emitter) typeDoc(definition codegen.TypeDefinition, component string) string {
	schema := definition.Schema.OAPISchema
	extensions := extensionsOf(schema)
	text := sentence(definition.Schema.Description)
	if text == "" {
		text = fmt.Sprintf("%s is described in specs/%s.yaml.", definition.TypeName, e.plan.vendor)
	} else if !strings.HasPrefix(text, definition.TypeName+" ") {
		text = definition.TypeName + ": " + lowerFirst(text)
	}
	level := ""
	if e.plan.doc.Components.Schemas[component] != nil {
		level = strings.TrimSpace(certaintyOf(extensions, e.plan.facts.file).String() + " " + e.plan.facts.source(extensions))
	}
	return comment("", text, level)
}

// fieldDoc returns the comment of a field: what it is, and how certain.
func (e *emitter) fieldDoc(property codegen.Property, ref *openapi3.SchemaRef, inherited certainty) string {
	text := sentence(property.Description)
	level := certaintyOf(property.Extensions, inherited)
	if isNamed(property.Schema) && (ref == nil || ref.Ref != "") { // the rest stands at the target, with its level
		text, level = firstSentence(text), inherited
	}
	return comment("\t", strings.TrimSpace(text+" "+level.String()))
}

// isNamed reports whether the Go type of a schema has a name of this package.
func isNamed(schema codegen.Schema) bool {
	name := schema.TypeDecl()
	return name != "" && 'A' <= name[0] && name[0] <= 'Z' && !strings.Contains(name, ".")
}

func extensionsOf(schema *openapi3.Schema) map[string]any {
	if schema == nil {
		return nil
	}
	return schema.Extensions
}

// lowerFirst lowers the first letter of text unless the first word is an
// abbreviation or a name with further capitals.
func lowerFirst(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if word == "" || slices.ContainsFunc([]rune(word)[1:], func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
