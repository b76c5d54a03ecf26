package main

import (
	"errors"
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// kinChild returns what kin-openapi made of a part of an object: the value of
// the field, its entry of that name, or its item of that index. It returns nil
// for parts that no rule asks about.
func kinChild(parent any, step, name string, index int) any {
	switch p := parent.(type) {
	case *openapi3.T:
		switch {
		case step == "components" && p.Components != nil:
			return p.Components
		case step == "paths" && p.Paths != nil:
			return p.Paths
		}
	case *openapi3.Components:
		return kinComponent(p, step, name)
	case *openapi3.Paths:
		return orNil(p.Value(name))
	case *openapi3.PathItem:
		if step == "parameters" {
			return kinParameterAt(p.Parameters, index)
		}
		return orNil(p.GetOperation(strings.ToUpper(step)))
	case *openapi3.Operation:
		return kinOperationChild(p, step, name, index)
	case *openapi3.Callback:
		return orNil(p.Value(name))
	default:
		return kinBodyChild(parent, step, name, index)
	}
	return nil
}

func kinComponent(p *openapi3.Components, step, name string) any {
	switch step {
	case "schemas":
		return orNil(p.Schemas[name])
	case "responses":
		return kinTarget(p.Responses[name])
	case "parameters":
		return kinTarget(p.Parameters[name])
	case "requestBodies":
		return kinTarget(p.RequestBodies[name])
	case "headers":
		return kinTarget(p.Headers[name])
	case "callbacks":
		return kinTarget(p.Callbacks[name])
	}
	return nil
}

func kinOperationChild(p *openapi3.Operation, step, name string, index int) any {
	switch step {
	case "parameters":
		return kinParameterAt(p.Parameters, index)
	case "requestBody":
		return kinTarget(p.RequestBody)
	case "responses":
		return orNil(p.Responses)
	case "callbacks":
		return kinTarget(p.Callbacks[name])
	}
	return nil
}

func kinBodyChild(parent any, step, name string, index int) any {
	switch p := parent.(type) {
	case *openapi3.Responses:
		return kinTarget(p.Value(name))
	case *openapi3.Response:
		if step == "headers" {
			return kinTarget(p.Headers[name])
		}
		return orNil(p.Content[name])
	case *openapi3.RequestBody:
		return orNil(p.Content[name])
	case *openapi3.Header:
		return kinParameterChild(&p.Parameter, step, name)
	case *openapi3.Parameter:
		return kinParameterChild(p, step, name)
	case *openapi3.MediaType:
		if step == "schema" {
			return orNil(p.Schema)
		}
		return kinEncoding(p, step, name)
	case *openapi3.Encoding:
		return kinTarget(p.Headers[name])
	case *openapi3.SchemaRef:
		return kinSchemaChild(p.Value, step, name, index)
	}
	return nil
}

func kinEncoding(p *openapi3.MediaType, step, name string) any {
	if step != "encoding" {
		return nil
	}
	return orNil(p.Encoding[name])
}

func kinParameterChild(p *openapi3.Parameter, step, name string) any {
	switch step {
	case "schema":
		return orNil(p.Schema)
	case "content":
		return orNil(p.Content[name])
	}
	return nil
}

func kinSchemaChild(p *openapi3.Schema, step, name string, index int) any {
	if p == nil {
		return nil
	}
	switch step {
	case "properties":
		return orNil(p.Properties[name])
	case "items":
		return orNil(p.Items)
	case "additionalProperties":
		return orNil(p.AdditionalProperties.Schema)
	case "not":
		return orNil(p.Not)
	case "allOf":
		return orNilAt(p.AllOf, index)
	case "oneOf":
		return orNilAt(p.OneOf, index)
	case "anyOf":
		return orNilAt(p.AnyOf, index)
	}
	return nil
}

// orNil returns a pointer as it is, but nil without a type for a nil pointer.
func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return p
}

// orNilAt returns one item of a list of pointers, nil if there is none.
func orNilAt[T any](list []*T, index int) any {
	if index >= len(list) {
		return nil
	}
	return orNil(list[index])
}

// kinTarget returns the object that a reference of kin-openapi leads to.
func kinTarget(ref any) any {
	switch r := ref.(type) {
	case *openapi3.ResponseRef:
		if r != nil {
			return orNil(r.Value)
		}
	case *openapi3.ParameterRef:
		if r != nil {
			return orNil(r.Value)
		}
	case *openapi3.RequestBodyRef:
		if r != nil {
			return orNil(r.Value)
		}
	case *openapi3.HeaderRef:
		if r != nil {
			return orNil(r.Value)
		}
	case *openapi3.CallbackRef:
		if r != nil {
			return orNil(r.Value)
		}
	}
	return nil
}

func kinParameterAt(list openapi3.Parameters, index int) any {
	if index >= len(list) {
		return nil
	}
	return kinTarget(list[index])
}

// originOf returns the place that the innermost error of a chain carries, nil
// if none does. The errors of kin-openapi have it in a field, not a method.
func originOf(err error) *openapi3.Location {
	var found *openapi3.Location
	for ; err != nil; err = errors.Unwrap(err) {
		v := reflect.Indirect(reflect.ValueOf(err))
		if v.Kind() != reflect.Struct {
			continue
		}
		f := v.FieldByName("Origin")
		if !f.IsValid() || !f.CanInterface() {
			continue
		}
		if origin, ok := reflect.TypeAssert[*openapi3.Origin](f); ok && origin != nil && origin.Key != nil {
			found = origin.Key
		}
	}
	return found
}

// contextOf returns the JSON pointer that the context wrappers of an error of
// kin-openapi add up to, and the error inside them.
func contextOf(err error) (ptr string, cause error) {
	for {
		switch e := err.(type) { //nolint:errorlint // the chain is walked one by one
		case *openapi3.SectionValidationError:
			ptr, err = ptr+"/"+sectionField(e.Section), e.Cause
		case *openapi3.PathValidationError:
			ptr, err = ptr+"/"+escapePointer(e.Path), e.Cause
		case *openapi3.OperationValidationError:
			ptr, err = ptr+"/"+strings.ToLower(e.Method), e.Cause
		case *openapi3.ComponentValidationError:
			ptr, err = ptr+"/"+componentField(e.Section)+"/"+escapePointer(e.Name), e.Cause
		default:
			return ptr, err
		}
	}
}

func sectionField(section string) string {
	if section == "external docs" {
		return "externalDocs"
	}
	return section
}

func componentField(section string) string {
	switch section {
	case "request body":
		return "requestBodies"
	case "security scheme":
		return "securitySchemes"
	default:
		return section + "s"
	}
}

// explainLoad makes one line of an error of kin-openapi's loader, and finds the
// place of the reference that it names, if it names one.
func (t *tree) explainLoad(err error) (line, column int, message string) {
	message = err.Error()
	if _, after, ok := strings.Cut(message, "yaml error: "); ok {
		message = after
	}
	for _, e := range t.all {
		if e.ref != "" && strings.Contains(message, `"`+e.ref+`"`) {
			line, column = e.node.Line, e.node.Column
			break
		}
	}
	return line, column, "kin-openapi cannot read it: " + message
}
