package wire_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unsafe"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

func TestGrammar(t *testing.T) {
	tests := []struct {
		document string
		want     bool
	}{
		{`null`, true}, {`true`, true}, {`false`, true}, {`0`, true}, {`""`, true}, {`{}`, true}, {`[]`, true},
		{" \t\r\n{ \"a\" : [ 1 , { } , [ ] ] } \n", true},
		{"\ufeff{}", true}, {"\ufeff [1]", true}, {" \ufeff{}", false}, {"\ufeff\ufeff{}", false}, {"{}\ufeff", false},
		{"", false}, {" ", false}, {"\ufeff", false},

		{`nul`, false}, {`nulll`, false}, {`True`, false}, {`tru e`, false}, {`falsetrue`, false}, {`NaN`, false}, {`Infinity`, false},
		{`undefined`, false}, {`'a'`, false}, {`{a:1}`, false}, {`{'a':1}`, false}, {`{1:1}`, false}, {`{null:1}`, false},

		{`-0`, true}, {`-1.5E-3`, true}, {`1e5`, true}, {`1e+05`, true}, {`0.0`, true}, {`0e0`, true}, {`123456789012345678901234567890`, true},
		{`1e999`, true}, {`01`, false}, {`-01`, false}, {`00`, false}, {`-`, false}, {`+1`, false}, {`.5`, false}, {`1.`, false}, {`1.e5`, false},
		{`1e`, false}, {`1e+`, false}, {`1.5.5`, false}, {`0x10`, false}, {`1_000`, false}, {`- 1`, false}, {`1 2`, false}, {`-a`, false},

		{`"\"\\\/\b\f\n\r\t\u00e9\uD834\uDD1E"`, true}, {`"\ud834"`, true}, {"\"\xff\"", true}, {"\"\u2028\x7f\"", true},
		{`"\'"`, false}, {`"\x41"`, false}, {`"\u12g4"`, false}, {`"\u12"`, false}, {`"\U1234"`, false}, {`"\u+123"`, false}, {`"\`, false},
		{`"a`, false}, {"\"a\nb\"", false}, {"\"\x00\"", false}, {"\"12345678\x1f\"", false}, {"{\"a\tb\":1}", false},

		{`[1,]`, false}, {`[,1]`, false}, {`[1,,2]`, false}, {`[1 2]`, false}, {`[`, false}, {`[1`, false}, {`[1,`, false}, {`]`, false}, {`[1}`, false},
		{`{"a":1,}`, false}, {`{,"a":1}`, false}, {`{"a"}`, false}, {`{"a":}`, false}, {`{"a" 1}`, false}, {`{"a":1 "b":2}`, false}, {`{"a"::1}`, false},
		{`{`, false}, {`{"a"`, false}, {`{"a":`, false}, {`{"a":1`, false}, {`{"a":1]`, false}, {`}`, false}, {`{"a":1}}`, false}, {`[[]`, false}, {`[]]`, false},
		{`[1] // one`, false}, {`/* one */ [1]`, false}, {"[1\v]", false}, {"[1\u00a0]", false}, {"[1]\x00", false},
		{`{"a":1,"a":2}`, true},
	}
	for _, tt := range tests {
		if got := wire.Valid(tt.document); got != tt.want {
			t.Errorf("Valid(%q) = %v", tt.document, got)
		}
		if _, err := decodeAny(tt.document); (err == nil) != tt.want {
			t.Errorf("decoding %q: error %v, want success %v", tt.document, err, tt.want)
		}
		var d wire.Decoder
		d.Reset(tt.document)
		raw := d.Raw()
		d.End()
		if (d.Err() == nil) != tt.want || tt.want && raw != strings.Trim(strings.TrimPrefix(tt.document, "\ufeff"), " \t\r\n") {
			t.Errorf("Raw of %q is %q, error %v", tt.document, raw, d.Err())
		}
	}
}

func TestDepth(t *testing.T) {
	for depth, want := range map[int]bool{wire.MaxDepth: true, wire.MaxDepth + 1: false} {
		for _, document := range []string{
			strings.Repeat("[", depth) + strings.Repeat("]", depth),
			strings.Repeat(`{"a":`, depth-1) + "{}" + strings.Repeat("}", depth-1),
		} {
			if wire.Valid(document) != want {
				t.Errorf("Valid of depth %d is %v", depth, !want)
			}
			if _, err := decodeAny(document); (err == nil) != want {
				t.Errorf("decoding depth %d: %v", depth, err)
			}
		}
	}
	siblings := "[" + strings.Repeat("[],{},", 2*wire.MaxDepth) + "[]]"
	if _, err := decodeAny(siblings); err != nil || !wire.Valid(siblings) {
		t.Errorf("brackets side by side count as nested: %v", err)
	}
	d := wire.NewDecoder(strings.Repeat("[", wire.MaxDepth) + "[]")
	for range wire.MaxDepth - 1 {
		d.Array()
		d.More()
	}
	if d.Raw(); d.Err() == nil || !strings.HasSuffix(d.Err().Error(), ": nested too deeply") {
		t.Errorf("Raw does not count the arrays around it: %v", d.Err())
	}
}

func TestStrings(t *testing.T) {
	tests := []struct{ literal, want string }{
		{`""`, ""},
		{`"plain"`, "plain"},
		{`"Zoë 東京 😀"`, "Zoë 東京 😀"},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{`"\u0041\u00e9\u20AC\u0000"`, "Aé€\x00"},
		{`"\ud834\udd1e"`, "\U0001d11e"},
		{`"\ud834"`, "\ufffd"},
		{`"\ud834x"`, "\ufffdx"},
		{`"\ud834\n"`, "\ufffd\n"},
		{`"\ud834\u0041"`, "\ufffdA"},
		{`"\ud834\ud834\udd1e"`, "\ufffd\U0001d11e"},
		{`"\udd1e\ud834"`, "\ufffd\ufffd"},
		{`"\ufffd"`, "\ufffd"},
		{"\"a\xffb\"", "a\ufffdb"},
		{"\"\x80\x9f\"", "\ufffd\ufffd"},
		{"\"\xe6\x9d\"", "\ufffd\ufffd"},
		{"\"\xed\xa0\x80\"", "\ufffd\ufffd\ufffd"},
	}
	for _, tt := range tests {
		for pad := range 9 { // a string is searched eight bytes at a time
			padding := strings.Repeat("x", pad)
			literal, want := `"`+padding+tt.literal[1:len(tt.literal)-1]+padding+`"`, padding+tt.want+padding
			d := wire.NewDecoder(literal)
			if got := d.String(); got != want || d.Err() != nil {
				t.Errorf("%s is %q, error %v, want %q", literal, got, d.Err(), want)
			}
			d.Reset("{" + literal + ":1}")
			if d.Object(); !d.Next() || d.Key() != want {
				t.Errorf("name %s is %q, error %v, want %q", literal, d.Key(), d.Err(), want)
			}
		}
	}
}

func TestStringsAliasTheDocument(t *testing.T) {
	document := `{"name":"Zoë Example"}`
	d := wire.NewDecoder(document)
	d.Object()
	d.Next()
	for _, part := range []string{d.Key(), d.String()} {
		at := strings.Index(document, part)
		if unsafe.StringData(part) != unsafe.StringData(document[at:]) {
			t.Errorf("%q is a copy", part)
		}
	}
}

// person is decoded the way generated code does it.
type person struct {
	ID     int64
	Tags   []string
	Parent *person
	Extra  map[string]string
}

func (v *person) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch key := d.Key(); key {
		case "id":
			if !d.Null() {
				v.ID = d.Int64()
			}
		case "tags":
			if d.Array() {
				for d.More() {
					v.Tags = append(v.Tags, d.String())
				}
			}
		case "parent":
			if !d.Null() {
				v.Parent = new(person)
				v.Parent.decode(d)
			}
		default:
			if v.Extra == nil {
				v.Extra = make(map[string]string)
			}
			v.Extra[key] = d.Raw()
		}
	}
}

func TestDecodeObject(t *testing.T) {
	d := wire.NewDecoder(` {"id": "7", "tags": ["a", "b"], "parent": {"tags": null, "id": null}, "x\n": [1, {"y": 2}] } `)
	var v person
	v.decode(d)
	d.End()
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	if v.ID != 7 || strings.Join(v.Tags, "+") != "a+b" || v.Parent == nil || v.Parent.ID != 0 || v.Parent.Tags != nil {
		t.Errorf("got %+v", v)
	}
	if got := v.Extra["x\n"]; got != `[1, {"y": 2}]` {
		t.Errorf("unknown member is %q", got)
	}
	if d.Remaining() != 0 {
		t.Errorf("%d bytes remain", d.Remaining())
	}
}

func TestDecodeNullAsObject(t *testing.T) {
	d := wire.NewDecoder(`[null, null]`)
	d.Array()
	d.More()
	if d.Object() {
		t.Error("null began an object")
	}
	d.More()
	if d.Array() {
		t.Error("null began an array")
	}
	if d.More() || d.Err() != nil {
		t.Error(d.Err())
	}
}

func TestKind(t *testing.T) {
	want := map[string]wire.Kind{
		`{}`: wire.Object, `[`: wire.Array, `"`: wire.String, `-`: wire.Number, `0`: wire.Number, `9`: wire.Number,
		`true`: wire.Bool, `false`: wire.Bool, `null`: wire.Null, ``: wire.Invalid, `x`: wire.Invalid, `,`: wire.Invalid, `+1`: wire.Invalid,
	}
	for document, want := range want {
		d := wire.NewDecoder(document)
		if got := d.Kind(); got != want || d.Err() != nil {
			t.Errorf("kind of %q is %v, error %v, want %v", document, got, d.Err(), want)
		}
	}
	if got := wire.Kind(200).String(); got == "" {
		t.Error("an unknown kind has no name")
	}
}

func TestErrorsAreSticky(t *testing.T) {
	d := wire.NewDecoder(`{"a": [tru, 1], "b": 2}`)
	d.Object()
	d.Next()
	d.Array()
	d.More()
	d.Bool()
	first := d.Err()
	if first == nil {
		t.Fatal("no error")
	}
	if d.More() || d.Next() || d.Object() || d.Array() || d.Null() || d.Bool() {
		t.Error("a method returned true after an error")
	}
	if d.String() != "" || d.Int64() != 0 || d.Int32() != 0 || d.Float64() != 0 || d.Raw() != "" || d.Key() != "" || d.Remaining() != 0 {
		t.Error("a method returned a value after an error")
	}
	if d.Kind() != wire.Invalid {
		t.Errorf("kind after an error is %v", d.Kind())
	}
	d.Skip()
	d.End()
	d.Fail(errors.New("another"))
	if got := d.Err().Error(); got != first.Error() {
		t.Errorf("error %q became %q", first, got)
	}
	if d.Reset("1"); d.Int64() != 1 || d.Err() != nil {
		t.Errorf("after Reset: %v", d.Err())
	}
}

// A caller that does not keep to the rules gets an error or nonsense, but
// neither a panic nor a loop without end.
func TestMisuse(t *testing.T) {
	calls := map[string]func(*wire.Decoder){
		"Next": func(d *wire.Decoder) { d.Next() }, "More": func(d *wire.Decoder) { d.More() }, "Key": func(d *wire.Decoder) { d.Key() },
		"Object": func(d *wire.Decoder) { d.Object() }, "Array": func(d *wire.Decoder) { d.Array() }, "End": func(d *wire.Decoder) { d.End() },
		"String": func(d *wire.Decoder) { _ = d.String() }, "Int64": func(d *wire.Decoder) { d.Int64() }, "Raw": func(d *wire.Decoder) { d.Raw() },
		"Float64": func(d *wire.Decoder) { d.Float64() }, "Null": func(d *wire.Decoder) { d.Null() }, "Bool": func(d *wire.Decoder) { d.Bool() },
		"Fail": func(d *wire.Decoder) { d.Fail(io.EOF) }, "Err": func(d *wire.Decoder) { _ = d.Err() },
	}
	documents := []string{"", " ", "1", `"a"`, "[1,2]", `{"a":1}`, "]", "}", ",", ":", `{"a":[{"b":[`, `[""`, `{"\`, "null", "{\"\\u00e9\":\"\\n\"}"}
	for _, document := range documents {
		for _, first := range calls {
			for _, second := range calls {
				for _, third := range calls {
					d := wire.NewDecoder(document)
					first(d)
					second(d)
					third(d)
					_ = d.Err()
				}
			}
		}
	}
	for _, document := range documents {
		d := wire.NewDecoder(document)
		for d.Array(); d.More(); { // consumes no element
		}
		d.Reset(document)
		for d.Object(); d.Next(); { // consumes no member
		}
	}
	if d := wire.NewDecoder("1"); d.More() || d.Err() == nil {
		t.Error("More without Array returned true")
	}
	if d := new(wire.Decoder); d.Int64() != 0 || !errors.Is(d.Err(), io.ErrUnexpectedEOF) {
		t.Errorf("the zero Decoder: %v", d.Err())
	}
}
