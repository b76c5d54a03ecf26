package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// member returns the member of a decoded JSON value at a path of names with
// dots between, such as metadata.status.
func member(v any, path string) (any, bool) {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = object[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

// text returns the member at path if it is a string, else "".
func text(v any, path string) string {
	found, _ := member(v, path)
	s, _ := found.(string)
	return s
}

// parent returns the object that holds the member at path, and its name there.
func parent(v any, path string) (map[string]any, string) {
	name := path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		v, _ = member(v, path[:i])
		name = path[i+1:]
	}
	object, _ := v.(map[string]any)
	return object, name
}

// set puts value at path where the object that shall hold it exists.
func set(v any, path string, value any) {
	if object, name := parent(v, path); object != nil {
		object[name] = value
	}
}

// replace puts value at path where there is such a member already.
func replace(v any, path string, value any) {
	if _, ok := member(v, path); ok {
		set(v, path, value)
	}
}

// remove takes the member at path away.
func remove(v any, path string) {
	if object, name := parent(v, path); object != nil {
		delete(object, name)
	}
}

// clone copies a decoded JSON value.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = clone(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = clone(value)
		}
		return out
	default:
		return v
	}
}

// withoutDefaults removes null, false, 0 and empty lists from all objects in a
// decoded JSON value. It changes v.
func withoutDefaults(v any) {
	switch v := v.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, value any) bool {
			withoutDefaults(value)
			return isDefault(value)
		})
	case []any:
		for _, value := range v {
			withoutDefaults(value)
		}
	}
}

func isDefault(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case float64:
		return v == 0
	case json.Number:
		return v == "0"
	default:
		return false
	}
}

// stringify turns all numbers in a decoded JSON value into strings. It changes
// v, and returns it or what replaces it.
func stringify(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = stringify(value)
		}
	case []any:
		for i, value := range v {
			v[i] = stringify(value)
		}
	case float64, json.Number:
		return fmt.Sprint(v) // the same digits for whole numbers, which all documented ones are
	}
	return v
}

// encode writes a decoded JSON value as it is, without escapes for HTML.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil // decoded JSON and strings always encode
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
