package wrappers_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// TestRandomValuesSurvive decodes random values of every body, made from its
// schema, and encodes them again: nothing may be lost.
func TestRandomValuesSurvive(t *testing.T) {
	const values = 1000
	for _, v := range vendors {
		t.Run(string(v.Vendor), func(t *testing.T) {
			t.Parallel()
			data, err := specs.FS.ReadFile(string(v.Vendor) + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			doc, err := openapi3.NewLoader().LoadFromData(data)
			if err != nil {
				t.Fatal(err)
			}
			bodies := bodyTypes(doc, reflect.TypeOf(generatedClient(v.Vendor, nil)))
			if len(bodies) < 6 {
				t.Fatalf("only %d bodies found", len(bodies))
			}
			for goType, schema := range bodies {
				random := rand.New(rand.NewPCG(1, 2)) // the same values on every run
				for range values {
					survives(t, goType, randomValue(random, schema, 0))
				}
			}
		})
	}
}

// survives checks one value.
func survives(t *testing.T, goType reflect.Type, want any) {
	t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	once, ok := reflect.TypeAssert[generated](reflect.New(goType))
	if !ok {
		t.Fatalf("%s does not read and write itself", goType)
	}
	if err := rest.Decode(text, once); err != nil {
		t.Fatalf("%s: %v in %s", goType, err, text)
	}
	first, err := rest.Encode(once)
	if err != nil {
		t.Fatalf("%s: %v", goType, err)
	}
	var got any
	if err := json.Unmarshal(first, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, value(t, text)) {
		t.Fatalf("%s\n got %s\nwant %s", goType, first, text)
	}
	twice, ok := reflect.TypeAssert[generated](reflect.New(goType))
	if !ok {
		t.Fatalf("%s does not read and write itself", goType)
	}
	if err := rest.Decode(first, twice); err != nil {
		t.Fatal(err)
	}
	if second, err := rest.Encode(twice); err != nil || string(second) != string(first) {
		t.Fatalf("%s encodes differently the second time: %v\n%s\n%s", goType, err, first, second)
	}
}

// bodyTypes returns the Go types of all JSON bodies with their schemas.
func bodyTypes(doc *openapi3.T, client reflect.Type) map[reflect.Type]*openapi3.Schema {
	types := map[reflect.Type]*openapi3.Schema{}
	note := func(goType reflect.Type, content openapi3.Content) {
		for mediaType, media := range content {
			if strings.Contains(mediaType, "json") && media.Schema != nil && goType.Kind() == reflect.Pointer {
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

// randomValue returns a value that fits schema, with members left out, null
// where that is allowed, and members that nobody described.
func randomValue(r *rand.Rand, schema *openapi3.Schema, depth int) any {
	if schema.Nullable && r.IntN(5) == 0 {
		return nil
	}
	if len(schema.AllOf) > 0 {
		members := map[string]any{}
		for _, part := range schema.AllOf {
			v := randomValue(r, part.Value, depth)
			object, ok := v.(map[string]any)
			if !ok {
				return v
			}
			maps.Copy(members, object)
		}
		return members
	}
	if union := slices.Concat(schema.OneOf, schema.AnyOf); len(union) > 0 {
		return randomValue(r, union[r.IntN(len(union))].Value, depth)
	}
	switch {
	case schema.Type.Is("string"):
		return randomText(r, schema)
	case schema.Type.Is("integer"):
		if schema.Format == "int32" {
			return int64(r.Int32()) - 1<<30
		}
		return r.Int64N(1<<50) - 1<<49
	case schema.Type.Is("number"):
		return []any{0.0, r.NormFloat64(), r.Float64() * 1e20, float64(r.IntN(100))}[r.IntN(4)]
	case schema.Type.Is("boolean"):
		return r.IntN(2) == 0
	case schema.Type.Is("array"):
		list := []any{}
		for range r.IntN(3) {
			list = append(list, randomValue(r, schema.Items.Value, depth+1))
		}
		return list
	default:
		return randomObject(r, schema, depth)
	}
}

func randomObject(r *rand.Rand, schema *openapi3.Schema, depth int) any {
	members := map[string]any{}
	for name, property := range schema.Properties {
		if slices.Contains(schema.Required, name) || (depth < 8 && r.IntN(3) > 0) {
			members[name] = randomValue(r, property.Value, depth+1)
		}
	}
	open := schema.AdditionalProperties.Has == nil && len(schema.Required) == 0 || schema.AdditionalProperties.Has != nil && *schema.AdditionalProperties.Has
	switch {
	case schema.AdditionalProperties.Schema != nil:
		members["k1"] = randomValue(r, schema.AdditionalProperties.Schema.Value, depth+1)
	case open && len(schema.Properties) == 0:
		members["anything"] = []any{nil, true, "x", map[string]any{"y": 1.5}}[r.IntN(4)]
	}
	return members
}

func randomText(r *rand.Rand, schema *openapi3.Schema) string {
	if len(schema.Enum) > 0 {
		text, _ := schema.Enum[r.IntN(len(schema.Enum))].(string)
		return text
	}
	if schema.Format == "date-time" && r.IntN(2) == 0 {
		return "2026-11-22T01:02:03.000000" + string(rune('0'+r.IntN(10))) + "Z"
	}
	letters := []rune("abcXYZ019 \"\\/\n\t\u0000\u2028é漢😀<>&")
	text := make([]rune, r.IntN(8))
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}
