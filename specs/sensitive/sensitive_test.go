package sensitive_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs/sensitive"
)

const description = `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{
"/path":{"parameters":[{"name":"k","in":"query","schema":{"type":"string","format":"password"}}],
	"get":{"responses":{"200":{"description":"ok"}}}},
"/own":{"get":{"parameters":[{"name":"k","in":"header","schema":{"type":"string","format":"password"}}],"responses":{"200":{"description":"ok"}}}},
"/body":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Tree"}}}},"responses":{"200":{"description":"ok"}}}},
"/answer":{"get":{"responses":{"default":{"description":"no","content":{"application/json":{"schema":{"allOf":[{"$ref":"#/components/schemas/Tree"}]}}}}}}},
"/plain":{"get":{"parameters":[{"name":"n","in":"query","schema":{"type":"string"}}],
	"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Loop"}}}}}}}},
"components":{"schemas":{
	"Tree":{"type":"object","properties":{"kin":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}},"key":{"type":"string","format":"password"}}},
	"Loop":{"type":"object","additionalProperties":{"$ref":"#/components/schemas/Loop"}}}}}`

func TestOperation(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(description))
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			got := sensitive.Operation(op, append(item.Parameters, op.Parameters...))
			if want := path != "/plain"; got != want {
				t.Errorf("%s %s: got %t, want %t", method, path, got, want)
			}
		}
	}
}
