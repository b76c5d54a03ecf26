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

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// TestRandomValuesSurvive decodes random values of every schema and encodes
// them again: nothing may be lost.
func TestRandomValuesSurvive(t *testing.T) {
	const values = 1000
	for _, v := range vendors {
		t.Run(string(v.Vendor), func(t *testing.T) {
			t.Parallel()
			doc := description(t, v)
			types := valueTypes(t, v, doc)
			for goType, schema := range types {
				random := rand.New(rand.NewPCG(1, 2)) // the same values on every run
				for range values {
					survives(t, goType, randomValue(random, schema, 0))
				}
			}
		})
	}
}

// TestWrongTypesFailOrPassButNeverPanic puts a value of another kind somewhere
// into random values of every schema.
func TestWrongTypesFailOrPassButNeverPanic(t *testing.T) {
	const values = 200
	for _, v := range vendors {
		t.Run(string(v.Vendor), func(t *testing.T) {
			t.Parallel()
			doc := description(t, v)
			failed, passed := 0, 0
			for goType, schema := range valueTypes(t, v, doc) {
				random := rand.New(rand.NewPCG(3, 4))
				for range values {
					text, err := json.Marshal(spoil(random, randomValue(random, schema, 0)))
					if err != nil {
						t.Fatal(err)
					}
					into, _ := reflect.TypeAssert[generated](reflect.New(goType))
					if err := rest.Decode(text, into); err != nil {
						failed++
						if !strings.HasPrefix(err.Error(), "json: ") || strings.Contains(err.Error(), "\n") {
							t.Errorf("%s: %v", goType, err)
						}
						continue
					}
					passed++
					if _, err := rest.Encode(into); err != nil {
						t.Errorf("%s: %s is read, but: %v", goType, text, err)
					}
				}
			}
			if failed == 0 || passed == 0 {
				t.Errorf("%d values failed and %d passed", failed, passed)
			}
		})
	}
}

// spoil replaces one value in v, or v itself.
func spoil(r *rand.Rand, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if names := slices.Sorted(maps.Keys(v)); len(names) > 0 && r.IntN(4) > 0 {
			name := names[r.IntN(len(names))]
			v[name] = spoil(r, v[name])
			return v
		}
	case []any:
		if len(v) > 0 && r.IntN(4) > 0 {
			i := r.IntN(len(v))
			v[i] = spoil(r, v[i])
			return v
		}
	}
	return []any{
		nil, true, "", "text", "2026-01-02", 0, -1, 1.5, 1e300, json.Number("99999999999999999999"), json.Number("-0"), []any{}, []any{nil, 1, "x", []any{}},
		map[string]any{}, map[string]any{"id": map[string]any{"id": nil}},
	}[r.IntN(15)]
}

// TestRandomValuesCoverTheSchemas names the schemas that no values are made of.
func TestRandomValuesCoverTheSchemas(t *testing.T) {
	for _, v := range vendors {
		doc := description(t, v)
		have := map[string]bool{}
		for goType := range valueTypes(t, v, doc) {
			have[strings.ToLower(goType.Name())] = true
		}
		for name, schema := range doc.Components.Schemas {
			if len(schema.Value.Properties) > 0 && schema.Value.Format != "proto-time" && !have[strings.ToLower(name)] {
				t.Errorf("%s: no values of %s", v.Vendor, name)
			}
		}
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
