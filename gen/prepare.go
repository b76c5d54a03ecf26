package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// A plan is what the templates have to know of a description beyond what the
// generator library tells them.
type plan struct {
	vendor string
	doc    *openapi3.T

	inRequests map[string]bool // component schemas that a request can hold
	inAnswers  map[string]bool // component schemas that an answer can hold
	forms      map[string]bool // component schemas that travel as forms
	params     map[string]bool // Go types of the parameters of operations
	unions     map[*openapi3.Schema]bool
	names      map[string]bool // Go types, as goIdentity has them
	facts      *facts
}

// prepare rewrites doc so that the generator library makes of it what the
// templates want, and returns the plan. It does not change what doc describes.
func prepare(vendor string, doc *openapi3.T) (*plan, error) {
	p := &plan{
		vendor: vendor, doc: doc,
		inRequests: map[string]bool{}, inAnswers: map[string]bool{}, forms: map[string]bool{},
		params: map[string]bool{}, unions: map[*openapi3.Schema]bool{},
	}
	if doc.Components == nil {
		doc.Components = &openapi3.Components{}
	}
	if doc.Components.Schemas == nil {
		doc.Components.Schemas = openapi3.Schemas{}
	}
	p.names = typeNames(doc)
	p.hoistSharedEnums()
	inlineShared(doc)
	if err := p.hoist(); err != nil {
		return nil, err
	}
	p.facts = readFacts(doc)
	seen := map[*openapi3.Schema]bool{}
	for _, name := range sortedKeys(doc.Components.Schemas) {
		p.unions[doc.Components.Schemas[name].Value] = isUnion(doc.Components.Schemas[name])
	}
	for _, name := range sortedKeys(doc.Components.Schemas) {
		p.rewrite(doc.Components.Schemas[name], seen)
	}
	for _, op := range operations(doc) {
		for _, parameter := range op.Parameters {
			p.rewrite(parameter.Value.Schema, seen)
			collect(parameter.Value.Schema, p.inRequests)
		}
		p.params[codegen.UppercaseFirstCharacter(op.OperationID)+"Params"] = true
		for _, media := range requestMedia(op.Operation) {
			collect(media.Schema, p.inRequests)
		}
		for _, response := range op.Responses.Map() {
			for _, media := range response.Value.Content {
				collect(media.Schema, p.inAnswers)
			}
		}
	}
	return p, nil
}

// An operation is an operation of a description with its place.
type operation struct {
	*openapi3.Operation
	method, path string
}

// operations returns the operations in the order of the file.
func operations(doc *openapi3.T) []operation {
	var ops []operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			ops = append(ops, operation{op, method, path})
		}
	}
	slices.SortFunc(ops, func(a, b operation) int {
		return cmp.Or(cmp.Compare(line(a.Origin), line(b.Origin)), strings.Compare(a.path+a.method, b.path+b.method))
	})
	return ops
}

func line(origin *openapi3.Origin) int {
	if origin == nil || origin.Key == nil {
		return 0
	}
	return origin.Key.Line
}

// typeNames returns the names of the components and of the parameters of
// operations, as goIdentity has them.
func typeNames(doc *openapi3.T) map[string]bool {
	names := map[string]bool{}
	for name, schema := range doc.Components.Schemas {
		if own, ok := schema.Value.Extensions["x-go-name"].(string); ok {
			name = own
		}
		names[goIdentity(name)] = true
	}
	for _, op := range operations(doc) {
		names[goIdentity(op.OperationID+"Params")] = true
	}
	return names
}

// inlineShared puts shared responses, parameters and bodies where they are
// used: they are no types of their own in Go.
func inlineShared(doc *openapi3.T) {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, parameter := range slices.Concat(item.Parameters, op.Parameters) {
				parameter.Ref = ""
			}
			if op.RequestBody != nil {
				op.RequestBody.Ref = ""
			}
			for _, response := range op.Responses.Map() {
				response.Ref = ""
			}
		}
		for _, op := range item.Operations() {
			for _, parameter := range item.Parameters {
				if op.Parameters.GetByInAndName(parameter.Value.In, parameter.Value.Name) == nil {
					op.Parameters = append(op.Parameters, parameter)
				}
			}
		}
		item.Parameters = nil
	}
	doc.Components.Responses, doc.Components.Parameters, doc.Components.RequestBodies = nil, nil, nil
}

// hoistSharedEnums gives the enumerations of shared parameters a component of
// their own, so that all operations that share one have the same type.
func (p *plan) hoistSharedEnums() {
	for _, name := range sortedKeys(p.doc.Components.Parameters) {
		p.hoistEnum(p.doc.Components.Parameters[name].Value, codegen.ToCamelCaseWithDigits(name)+"Param")
	}
}

// hoist gives inline bodies and the enumerations of parameters a component of
// their own, named after the operation, and notes which schemas travel as forms.
func (p *plan) hoist() error {
	for _, op := range operations(p.doc) {
		name := codegen.UppercaseFirstCharacter(op.OperationID)
		for _, parameter := range op.Parameters {
			p.hoistEnum(parameter.Value, name+"Params"+codegen.ToCamelCaseWithDigits(parameter.Value.Name))
		}
		for _, mediaType := range sortedKeys(requestMedia(op.Operation)) {
			schema := requestMedia(op.Operation)[mediaType].Schema
			if schema == nil {
				continue
			}
			p.hoistSchema(schema, name+"Request")
			if mediaType == formType {
				p.forms[refName(schema)] = true
			}
		}
		if op.Responses == nil {
			return fmt.Errorf("%s %s has no responses", op.method, op.path)
		}
		for _, status := range sortedKeys(op.Responses.Map()) {
			content := op.Responses.Map()[status].Value.Content
			for _, mediaType := range sortedKeys(content) {
				if isJSON(mediaType) && content[mediaType].Schema != nil {
					suffix := "Answer"
					if !strings.HasPrefix(status, "2") {
						suffix = codegen.UppercaseFirstCharacter(status) + "Answer"
					}
					p.hoistSchema(content[mediaType].Schema, name+suffix)
				}
			}
		}
	}
	return nil
}

// hoistEnum gives the values of a parameter a component of their own if they
// are enumerated.
func (p *plan) hoistEnum(parameter *openapi3.Parameter, name string) {
	schema := enumIn(parameter.Schema)
	if schema == nil {
		return
	}
	if level := parameter.Extensions["x-certainty"]; level != nil && schema.Value.Extensions["x-certainty"] == nil {
		extend(schema.Value, "x-certainty", level)
		extend(schema.Value, "x-reason", parameter.Extensions["x-reason"])
	}
	p.hoistSchema(schema, name)
}

// enumIn returns the inline enumeration that ref is, or whose values a list of
// ref holds; nil if there is none.
func enumIn(ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	switch {
	case ref == nil || ref.Ref != "":
		return nil
	case len(ref.Value.Enum) > 0:
		return ref
	case len(ref.Value.AllOf) == 1:
		return enumIn(ref.Value.AllOf[0])
	}
	return enumIn(ref.Value.Items)
}

// hoistSchema gives an inline schema a component of its own. A number follows
// the name where another type has it.
func (p *plan) hoistSchema(schema *openapi3.SchemaRef, name string) {
	if schema.Ref != "" {
		return
	}
	base := name
	for n := 2; p.names[goIdentity(name)]; n++ {
		name = base + strconv.Itoa(n)
	}
	p.names[goIdentity(name)] = true
	p.doc.Components.Schemas[name] = &openapi3.SchemaRef{Value: schema.Value, Origin: schema.Origin}
	schema.Ref = "#/components/schemas/" + name
}

const formType = "application/x-www-form-urlencoded"

func isJSON(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

func requestMedia(op *openapi3.Operation) openapi3.Content {
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		return nil
	}
	return op.RequestBody.Value.Content
}

func refName(schema *openapi3.SchemaRef) string {
	return strings.TrimPrefix(schema.Ref, "#/components/schemas/")
}

// rewrite names the Go type of what has no better one: numbers that may be
// texts, other unions, objects and values of which nothing is described.
func (p *plan) rewrite(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	schema := ref.Value
	seen[schema] = true
	schema.Example = nil // examples stand in the description, not in comments
	// Null among the values is what nullable says already; it has no constant.
	schema.Enum = slices.DeleteFunc(schema.Enum, func(value any) bool { return value == nil })
	if schema.Extensions["x-go-type"] == nil && !p.unions[schema] {
		if goType := specialType(schema); goType != "" {
			extend(schema, "x-go-type", goType)
		}
	}
	for _, property := range schema.Properties {
		p.rewrite(property, seen)
	}
	p.rewrite(schema.Items, seen)
	p.rewrite(schema.AdditionalProperties.Schema, seen)
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		p.rewrite(part, seen)
	}
}

func extend(schema *openapi3.Schema, name string, value any) {
	if schema.Extensions == nil {
		schema.Extensions = map[string]any{}
	}
	schema.Extensions[name] = value
}

// specialType returns the Go type of a schema that the type mapping cannot
// tell, or "".
func specialType(schema *openapi3.Schema) string {
	union := slices.Concat(schema.OneOf, schema.AnyOf)
	switch {
	case len(union) > 0 && allNumbersOrTexts(union):
		return "rest.Number"
	case len(union) > 0:
		return "rest.Raw"
	case schema.Type.Is("object") && schema.Format == "proto-time":
		return "rest.ProtoTime"
	case len(schema.AllOf) > 0 || len(schema.Properties) > 0:
		return ""
	case schema.Type.Is("object") && schema.AdditionalProperties.Schema == nil:
		return "rest.Object"
	case schema.Type == nil || len(*schema.Type) == 0:
		return "rest.Raw"
	}
	return ""
}

// allNumbersOrTexts reports whether the members are numbers and texts, both.
func allNumbersOrTexts(union openapi3.SchemaRefs) bool {
	var numbers, texts int
	for _, member := range union {
		switch t := member.Value.Type; {
		case t.Is("integer"), t.Is("number"):
			numbers++
		case t.Is("string"):
			texts++
		}
	}
	return numbers > 0 && texts > 0 && numbers+texts == len(union)
}

// collect notes the component schemas that a value of ref can hold.
func collect(ref *openapi3.SchemaRef, into map[string]bool) {
	if ref == nil || ref.Value == nil {
		return
	}
	if ref.Ref != "" {
		if into[refName(ref)] {
			return
		}
		into[refName(ref)] = true
	}
	for _, property := range ref.Value.Properties {
		collect(property, into)
	}
	collect(ref.Value.Items, into)
	collect(ref.Value.AdditionalProperties.Schema, into)
	for _, part := range slices.Concat(ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf) {
		collect(part, into)
	}
}

// reaches reports whether a value of ref can hold a value of the named
// component without a list or a map between them.
func reaches(ref *openapi3.SchemaRef, name string, seen map[*openapi3.Schema]bool) bool {
	if ref == nil || ref.Value == nil {
		return false
	}
	if refName(ref) == name {
		return true
	}
	if seen[ref.Value] {
		return false
	}
	seen[ref.Value] = true
	for _, property := range ref.Value.Properties {
		if reaches(property, name, seen) {
			return true
		}
	}
	return slices.ContainsFunc(ref.Value.AllOf, func(part *openapi3.SchemaRef) bool { return reaches(part, name, seen) })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
