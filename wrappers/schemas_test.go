package wrappers_test

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/exercise"
)

func description(t *testing.T, v vendor) *openapi3.T {
	t.Helper()
	data, err := specs.FS.ReadFile(string(v.Vendor) + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// valueTypes returns the Go types of all JSON bodies and of what is in them,
// with their schemas.
func valueTypes(t *testing.T, v vendor, doc *openapi3.T) map[reflect.Type]*openapi3.Schema {
	t.Helper()
	types := map[reflect.Type]*openapi3.Schema{}
	for goType, schema := range bodyTypes(doc, reflect.TypeOf(generatedClient(v.Vendor, nil))) {
		noteTypes(types, goType, schema)
	}
	for goType, schema := range errorTypes(t, v, doc) {
		noteTypes(types, goType, schema)
	}
	return types
}

// errorTypes returns the Go types of the bodies of errors with their schemas:
// those that the client returns for status 418.
func errorTypes(t *testing.T, v vendor, doc *openapi3.T) map[reflect.Type]*openapi3.Schema {
	t.Helper()
	client, err := rest.NewClient(string(v.Vendor), "https://api.example.com", &http.Client{Transport: refuser{}})
	if err != nil {
		t.Fatal(err)
	}
	operations, err := exercise.Operations(string(v.Vendor))
	if err != nil {
		t.Fatal(err)
	}
	types := map[reflect.Type]*openapi3.Schema{}
	for _, op := range operations {
		_, err := op.Call(t.Context(), generatedClient(v.Vendor, client), nil)
		refusal := (*rest.Error)(nil)
		if !errors.As(err, &refusal) {
			t.Fatalf("%s: %v", op.ID, err)
		}
		if refusal.Value == nil {
			continue
		}
		for _, item := range doc.Paths.Map() {
			for _, described := range item.Operations() {
				if fallback := described.Responses.Default(); described.OperationID == op.ID && fallback != nil {
					types[reflect.TypeOf(refusal.Value).Elem()] = fallback.Value.Content.Get("application/json").Schema.Value
				}
			}
		}
	}
	return types
}

// A refuser answers everything with status 418.
type refuser struct{}

func (refuser) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusTeapot, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
}

func noteTypes(types map[reflect.Type]*openapi3.Schema, goType reflect.Type, schema *openapi3.Schema) {
	if get, ok := goType.MethodByName("Get"); ok && strings.HasPrefix(goType.Name(), "Nullable[") {
		goType = get.Type.Out(0)
	}
	_, generated := reflect.TypeAssert[generated](reflect.New(goType))
	switch {
	case generated && types[goType] != nil, goType.PkgPath() == reflect.TypeFor[rest.Secret]().PkgPath():
	case goType.Kind() == reflect.Pointer:
		noteTypes(types, goType.Elem(), schema)
	case goType.Kind() == reflect.Slice && schema.Items != nil:
		noteTypes(types, goType.Elem(), schema.Items.Value)
	case goType.Kind() == reflect.Map && schema.AdditionalProperties.Schema != nil:
		noteTypes(types, goType.Elem(), schema.AdditionalProperties.Schema.Value)
	case goType.Kind() == reflect.Struct && generated:
		value := *schema
		value.Nullable = false // null is for the property that holds it
		types[goType] = &value
		for i := range goType.NumField() {
			if property := propertyOf(schema, goType.Field(i).Tag.Get("json")); property != nil {
				noteTypes(types, goType.Field(i).Type, property)
			}
		}
	}
}

// propertyOf returns the schema of a property, or nil.
func propertyOf(schema *openapi3.Schema, name string) *openapi3.Schema {
	if property := schema.Properties[name]; property != nil {
		return property.Value
	}
	for _, part := range schema.AllOf {
		if property := propertyOf(part.Value, name); property != nil {
			return property
		}
	}
	return nil
}

// bodyTypes returns the Go types of all JSON bodies with their schemas.
func bodyTypes(doc *openapi3.T, client reflect.Type) map[reflect.Type]*openapi3.Schema {
	types := map[reflect.Type]*openapi3.Schema{}
	note := func(goType reflect.Type, content openapi3.Content) {
		for mediaType, media := range content {
			if (strings.Contains(mediaType, "json") || strings.Contains(mediaType, "form")) && media.Schema != nil && goType.Kind() == reflect.Pointer {
				types[goType.Elem()] = media.Schema.Value
			}
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for i := range client.NumMethod() {
				method := client.Method(i)
				if !strings.EqualFold(method.Name, op.OperationID) {
					continue
				}
				for status, response := range op.Responses.Map() {
					if status[0] == '2' {
						note(method.Type.Out(0), response.Value.Content)
					}
				}
				if op.RequestBody != nil {
					note(method.Type.In(method.Type.NumIn()-2), op.RequestBody.Value.Content)
				}
			}
		}
	}
	return types
}
