package main

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// A pagesModel is what a list that pages needs beside its plain method.
type pagesModel struct {
	Item        string   // Go type of the items
	Items, Next string   // selectors of the items and of the next page in the answer
	Names       []string // of the arguments after ctx
}

// pages fills in the model of an operation with x-pagination.
func (e *emitter) pages(m *operationModel, op codegen.OperationDefinition) {
	rule, ok := op.Spec.Extensions["x-pagination"].(map[string]any)
	if !ok {
		return
	}
	itemsPath, _ := rule["items"].(string)
	nextPath, _ := rule["next"].(string)
	items, itemsSelector := e.selectMember(m.Result, itemsPath)
	next, nextSelector := e.selectMember(m.Result, nextPath)
	if items == nil || next == nil || !items.Value.Type.Is("array") || !next.Value.Type.Is("string") {
		e.fail("%s: x-pagination must name a list and a text of the answer", m.Name)
		return
	}
	item, err := codegen.GenerateGoSchema(items.Value.Items, []string{m.Result, "Item"})
	if err != nil {
		e.fail("%s: x-pagination: %w", m.Name, err)
		return
	}
	m.Pages = &pagesModel{Item: item.TypeDecl(), Items: itemsSelector, Next: nextSelector}
	for argument := range strings.SplitSeq(strings.TrimSuffix(m.Args, ", "), ", ") {
		if name, _, ok := strings.Cut(argument, " "); ok {
			m.Pages.Names = append(m.Pages.Names, name)
		}
	}
}

// selectMember returns the schema at a dotted path of a component, and the Go
// selector that leads there.
func (e *emitter) selectMember(component, path string) (*openapi3.SchemaRef, string) {
	ref := e.plan.doc.Components.Schemas[component]
	var fields []string
	for name := range strings.SplitSeq(path, ".") {
		if ref = findProperty(ref, name); ref == nil {
			return nil, ""
		}
		property := codegen.Property{JsonFieldName: name, Extensions: ref.Value.Extensions}
		fields = append(fields, goName(property.GoFieldName()))
	}
	return ref, strings.Join(fields, ".")
}
