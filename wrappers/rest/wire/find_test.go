package wire_test

import (
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

func TestFind(t *testing.T) {
	tests := []struct {
		name     string
		document string
		path     []string
		raw      string
		kind     wire.Kind
		ok       bool
	}{
		{"member", `{"a":1,"b":{"c":"x"}}`, []string{"b", "c"}, `"x"`, wire.String, true},
		{"object with spaces", ` { "b" : { "c" : [ 1 ] } } `, []string{"b"}, `{ "c" : [ 1 ] }`, wire.Object, true},
		{"whole document", "\ufeff [1] ", nil, `[1]`, wire.Array, true},
		{"whole number", `42`, nil, `42`, wire.Number, true},
		{"null", `{"a":null}`, []string{"a"}, `null`, wire.Null, true},
		{"false", `{"a":false}`, []string{"a"}, `false`, wire.Bool, true},
		{"first of two", `{"a":1,"a":2}`, []string{"a"}, `1`, wire.Number, true},
		{"first of two is not an object", `{"a":1,"a":{"b":2}}`, []string{"a", "b"}, ``, wire.Invalid, false},
		{"escaped name", `{"\u0061":1}`, []string{"a"}, `1`, wire.Number, true},
		{"empty name", `{"":1}`, []string{""}, `1`, wire.Number, true},
		{"name in an inner object", `{"x":{"a":1},"y":[{"a":2}],"a":3}`, []string{"a"}, `3`, wire.Number, true},
		{"absent", `{"a":1}`, []string{"b"}, ``, wire.Invalid, false},
		{"inside a string", `{"a":"b"}`, []string{"a", "b"}, ``, wire.Invalid, false},
		{"inside null", `{"a":null}`, []string{"a", "b"}, ``, wire.Invalid, false},
		{"inside an array", `[{"a":1}]`, []string{"a"}, ``, wire.Invalid, false},
		{"empty document", ``, []string{"a"}, ``, wire.Invalid, false},
		{"HTML", `<html>`, []string{"a"}, ``, wire.Invalid, false},
		{"cut behind", `{"a":{"b":1,"c":tr`, []string{"a", "b"}, `1`, wire.Number, true},
		{"broken behind", `{"a":{"b":1}}}]?`, []string{"a", "b"}, `1`, wire.Number, true},
		{"cut before", `{"x":[1,2`, []string{"a"}, ``, wire.Invalid, false},
		{"broken before", `{"x":[1,2,],"a":1}`, []string{"a"}, ``, wire.Invalid, false},
		{"cut in a number", `{"a":40`, []string{"a"}, ``, wire.Invalid, false},
		{"cut in an object", `{"a":{"b":1`, []string{"a"}, ``, wire.Invalid, false},
	}
	for _, tt := range tests {
		raw, kind, ok := wire.Find(tt.document, tt.path...)
		if raw != tt.raw || kind != tt.kind || ok != tt.ok {
			t.Errorf("%s: got %q, %v, %v", tt.name, raw, kind, ok)
		}
	}
}
