package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

func TestNumber(t *testing.T) {
	for _, raw := range []string{
		"0", "15", "-15", "15.0", "1.50", "1e3", "123456789012345678901234567890", "0.1234567890123456789",
		`"0"`, `"15"`, `"007"`, `"+1"`, `""`, `"n/a"`, `"1,5"`, `"\"<é>\""`, "null",
	} {
		var n rest.Number
		if err := json.Unmarshal([]byte(raw), &n); err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if back, err := rest.Encode(n); err != nil || string(back) != raw {
			t.Errorf("%s comes back as %s, %v", raw, back, err)
		}
		if n.IsZero() != (raw == "null") {
			t.Errorf("%s: IsZero is %t", raw, n.IsZero())
		}
	}
	for _, raw := range []string{"true", "{}", "[1]", "01", "1.", "--1", "NaN", "tru", ""} {
		if err := rest.Decode([]byte(raw), new(rest.Number)); err == nil {
			t.Errorf("%s is taken", raw)
		}
	}
	if n := rest.Int(math.MinInt64); n.String() != "-9223372036854775808" || n != rest.Int(math.MinInt64) || n == rest.Quoted(n.String()) {
		t.Errorf("got %s", n)
	}
	if text, err := json.Marshal(rest.Quoted("15")); err != nil || string(text) != `"15"` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestValueOfANumber(t *testing.T) {
	tests := []struct {
		n    rest.Number
		i    int64
		f    float64
		want string // "both", "float" or "none"
	}{
		{rest.Int(15), 15, 15, "both"},
		{rest.Quoted("-15"), -15, -15, "both"},
		{rest.Quoted("007"), 7, 7, "both"},
		{rest.Quoted("1.5"), 0, 1.5, "float"},
		{rest.Quoted("1e400"), 0, 0, "none"},
		{rest.Quoted("9223372036854775808"), 0, 9223372036854775808, "float"},
		{rest.Quoted("n/a"), 0, 0, "none"},
		{rest.Quoted("NaN"), 0, 0, "none"},
		{rest.Quoted("-inf"), 0, 0, "none"},
		{rest.Quoted(""), 0, 0, "none"},
		{rest.Number{}, 0, 0, "none"},
	}
	for _, tt := range tests {
		if i, err := tt.n.Int64(); i != tt.i || (err == nil) != (tt.want == "both") {
			t.Errorf("%s as an integer: %d, %v", tt.n, i, err)
		}
		if f, err := tt.n.Float64(); f != tt.f || (err == nil) != (tt.want != "none") {
			t.Errorf("%s: %v, %v", tt.n, f, err)
		}
	}
}

func TestObject(t *testing.T) {
	const text = `{"b":1.50,"a":{"x":[1, 2,{"é":"\u00e9"}]},"":null,"c\"":"<&>"}`
	var o rest.Object
	if err := rest.Decode([]byte(text), &o); err != nil || len(o) != 4 || string(o["b"]) != "1.50" {
		t.Fatalf("got %s, %v", o, err)
	}
	const sorted = `{"":null,"a":{"x":[1, 2,{"é":"\u00e9"}]},"b":1.50,"c\"":"<&>"}`
	if back, err := rest.Encode(o); err != nil || string(back) != sorted {
		t.Errorf("comes back as %s, %v", back, err)
	}
	for raw, want := range map[string]string{"null": "{}", "{}": "{}", `{"a":1,"a":2}`: `{"a":2}`} {
		var o rest.Object
		if err := rest.Decode([]byte(raw), &o); err != nil {
			t.Error(err)
		}
		if back, err := rest.Encode(o); err != nil || string(back) != want || (o == nil) != (raw == "null") {
			t.Errorf("%s comes back as %s, %v", raw, back, err)
		}
	}
	for _, raw := range []string{"[]", "1", `{"a":}`, `{"a":1`, `{"a":1}}`} {
		if err := rest.Decode([]byte(raw), new(rest.Object)); err == nil {
			t.Errorf("%s is taken", raw)
		}
	}
	if _, err := rest.Encode(rest.Object{"a": json.RawMessage(`{"x"`)}); err == nil {
		t.Error("a broken value is written")
	}
	var form rest.Values
	o.EncodeForm(&form)
	if want := "=null&a=%7B%22x%22%3A%5B1%2C+2%2C%7B%22%C3%A9%22%3A%22%5Cu00e9%22%7D%5D%7D&b=1.50&c%22=%3C%26%3E"; form.Encode() != want {
		t.Errorf("as a form %s", form.Encode())
	}
}

func TestUnknownPropertiesSurvive(t *testing.T) {
	const text = `{"id":7,"name":"x","items":[{"id":8,"name":"","new":true}],"a":[1,{"b":null}],"z":0.10}`
	var v Thing
	if err := json.Unmarshal([]byte(text), &v); err != nil || len(v.AdditionalProperties) != 2 {
		t.Fatalf("got %+v, %v", v, err)
	}
	if back, err := rest.Encode(&v); err != nil || string(back) != text {
		t.Errorf("comes back as %s, %v", back, err)
	}
}

func TestRaw(t *testing.T) {
	for _, raw := range []string{"null", "0", `"x"`, "[1, 2]", `{"a":{}}`} {
		var v rest.Raw
		if err := json.Unmarshal([]byte(raw), &v); err != nil || string(v) != raw {
			t.Errorf("%s: %s, %v", raw, v, err)
		}
		if back, err := rest.Encode(v); err != nil || string(back) != raw {
			t.Errorf("%s comes back as %s, %v", raw, back, err)
		}
	}
	if back, err := json.Marshal(rest.Raw(nil)); err != nil || string(back) != "null" {
		t.Errorf("got %s, %v", back, err)
	}
	if _, err := rest.Encode(rest.Raw("1 2")); err == nil {
		t.Error("two values are written as one")
	}
}

func TestListsAndMaps(t *testing.T) {
	for raw, want := range map[string]string{"null": "[]", "[]": "[]", `["a", "b"]`: `["a","b"]`} {
		d := wire.NewDecoder(raw)
		list := rest.DecodeList(d, (*wire.Decoder).String)
		e := wire.NewEncoder(nil)
		rest.EncodeList(e, list, (*wire.Encoder).String)
		if d.Err() != nil || string(e.Bytes()) != want || (list == nil) != (raw == "null") {
			t.Errorf("%s comes back as %s, %v", raw, e.Bytes(), d.Err())
		}
	}
	for raw, want := range map[string]string{"null": "{}", "{}": "{}", `{"b":"2","a":"1"}`: `{"a":"1","b":"2"}`} {
		d := wire.NewDecoder(raw)
		m := rest.DecodeMap(d, (*wire.Decoder).String)
		e := wire.NewEncoder(nil)
		rest.EncodeMap(e, m, (*wire.Encoder).String)
		if d.Err() != nil || string(e.Bytes()) != want || (m == nil) != (raw == "null") {
			t.Errorf("%s comes back as %s, %v", raw, e.Bytes(), d.Err())
		}
	}
	for _, raw := range []string{`["a",`, `["a",1]`, `{"a"`, "{}", `"a"`} {
		d := wire.NewDecoder(raw)
		rest.DecodeList(d, (*wire.Decoder).String)
		if d.Err() == nil {
			t.Errorf("%s is taken for a list", raw)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	err := rest.Decode([]byte(`{"id":7,"items":[{"id":8},{"id":"hunter2"}]}`), new(Thing))
	wantText(t, err, []string{"items[1].id"}, "hunter2")
	if err := rest.Decode([]byte(`{"id":7`), new(Thing)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestPresence(t *testing.T) {
	var v Thing
	if err := rest.Decode([]byte(`{"id":0,"note":null,"tags":[],"token":""}`), &v); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]rest.Presence{
		"id": rest.Present, "name": rest.Absent, "note": rest.Null, "tags": rest.Present, "token": rest.Present, "items": rest.Absent, "none": rest.Absent,
	} {
		if got := v.Presence(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if back, err := rest.Encode(&v); err != nil || string(back) != `{"id":0,"name":"","note":null,"token":"","tags":[]}` {
		t.Errorf("comes back as %s, %v", back, err)
	}
	v.Note, v.Name = "set", "set"
	if back, err := rest.Encode(&v); err != nil || string(back) != `{"id":0,"name":"set","note":"set","token":"","tags":[]}` {
		t.Errorf("after setting: %s, %v", back, err)
	}
}

func TestPresenceOfTheLastOfTwo(t *testing.T) {
	var v Thing
	if err := rest.Decode([]byte(`{"note":"x","note":null,"name":null,"name":"y"}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.Presence("note") != rest.Null || v.Presence("name") != rest.Present {
		t.Errorf("got %d, %d", v.Presence("note"), v.Presence("name"))
	}
}

func TestMarks(t *testing.T) {
	ways := []rest.Presence{rest.Absent, rest.Null, rest.Present}
	values := []string{rest.Null: "null", rest.Present: "true"}
	var bits [3]uint64
	for round := range 3 {
		for i := range 96 {
			if way := ways[(i+round)%3]; way != rest.Absent {
				came := wire.NewDecoder(values[way]).Came(&bits[i/32], 2<<(2*(i%32)))
				if came != (way == rest.Present) {
					t.Fatalf("round %d, property %d: Came returned %t", round, i, came)
				}
			}
		}
		for i := range 96 {
			if got := rest.Marked(bits[:], i); got != ways[(i+round)%3] && ways[(i+round)%3] != rest.Absent {
				t.Fatalf("round %d, property %d: %d", round, i, got)
			}
		}
	}
}

func TestEncodeProperty(t *testing.T) {
	tests := []struct {
		presence       rest.Presence
		required, zero bool
		want           string
	}{
		{rest.Absent, false, true, `{}`},
		{rest.Absent, false, false, `{"x":1}`},
		{rest.Absent, true, true, `{"x":1}`},
		{rest.Absent, true, false, `{"x":1}`},
		{rest.Null, false, true, `{"x":null}`},
		{rest.Null, false, false, `{"x":1}`},
		{rest.Null, true, true, `{"x":null}`},
		{rest.Null, true, false, `{"x":1}`},
		{rest.Present, false, true, `{"x":1}`},
		{rest.Present, false, false, `{"x":1}`},
		{rest.Present, true, true, `{"x":1}`},
		{rest.Present, true, false, `{"x":1}`},
	}
	for _, tt := range tests {
		e := wire.NewEncoder(nil)
		e.Object()
		if rest.EncodeProperty(e, "x", tt.presence, tt.required, tt.zero) {
			e.Int64(1)
		}
		e.End()
		if got := string(e.Bytes()); got != tt.want {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
	for presence, want := range map[rest.Presence][2]string{
		rest.Absent: {`{}`, `{"x":null}`}, rest.Null: {`{"x":null}`, `{"x":null}`}, rest.Present: {`{"x":1}`, `{"x":1}`},
	} {
		for i, required := range []bool{false, true} {
			e := wire.NewEncoder(nil)
			e.Object()
			if rest.EncodeNullable(e, "x", presence, required) {
				e.Int64(1)
			}
			e.End()
			if got := string(e.Bytes()); got != want[i] {
				t.Errorf("nullable, presence %d, required %t: got %s", presence, required, got)
			}
		}
	}
}

func TestNullable(t *testing.T) {
	var none rest.Nullable[int]
	for _, tt := range []struct {
		n        rest.Nullable[int]
		presence rest.Presence
		value    int
		text     string
	}{{none, rest.Absent, 0, ""}, {rest.NullOf[int](), rest.Null, 0, "null"}, {rest.Value(0), rest.Present, 0, "0"}, {rest.Value(7), rest.Present, 7, "7"}} {
		if tt.n.Presence() != tt.presence || tt.n.Get() != tt.value || fmt.Sprint(tt.n) != tt.text {
			t.Errorf("got %d, %d, %q", tt.n.Presence(), tt.n.Get(), fmt.Sprint(tt.n))
		}
	}
	if got := fmt.Sprintf("%05d %+v %q", rest.Value(7), rest.Value(struct{ A int }{1}), rest.Value("x")); got != `00007 {A:1} "x"` {
		t.Errorf("got %s", got)
	}
	tests := map[string]Patch{
		`{}`:                               {},
		`{"count":0,"enabled":false}`:      {Count: rest.Ptr(int64(0)), Enabled: rest.Ptr(false)},
		`{"note":null,"password":null}`:    {Note: rest.NullOf[string](), Password: rest.NullOf[rest.Secret]()},
		`{"note":"","password":""}`:        {Note: rest.Value(""), Password: rest.Value(rest.Secret{})},
		`{"until":"0001-01-01T00:00:00Z"}`: {Until: rest.Value(rest.Time{})},
	}
	for want, patch := range tests {
		if got, err := rest.Encode(&patch); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestIsZero(t *testing.T) {
	var v Thing
	if !rest.IsZero(&v) {
		t.Error("a new value is not zero")
	}
	if err := rest.Decode([]byte(`{"id":0}`), &v); err != nil || rest.IsZero(&v) {
		t.Error("an answer with a zero in it is zero")
	}
}

func TestShapes(t *testing.T) {
	raw := rest.Raw(`{"kind":"red","n":1,"null":null}`)
	var v Thing
	if !rest.DecodeMember(raw, v.DecodeJSON) || len(v.AdditionalProperties) != 3 {
		t.Errorf("got %+v", v)
	}
	for _, raw := range []rest.Raw{nil, rest.Raw("[]"), rest.Raw(`{"id":"x"}`), rest.Raw("{} {}")} {
		if rest.DecodeMember(raw, new(Thing).DecodeJSON) {
			t.Errorf("%s has the shape", raw)
		}
	}
	if !rest.HasMembers(raw) || !rest.HasMembers(raw, "n", "kind", "null") || rest.HasMembers(raw, "n", "none") || rest.HasMembers(rest.Raw("[]"), "n") {
		t.Error("HasMembers is wrong")
	}
	if !rest.MemberIs(raw, "kind", "blue", "red") || !rest.MemberIs(raw, "n", "1") || rest.MemberIs(raw, "kind", "blue") || rest.MemberIs(raw, "none", "") {
		t.Error("MemberIs is wrong")
	}
}

func TestDeepDocumentsAreRefused(t *testing.T) {
	deep := strings.Repeat(`{"items":[`, 100_000)
	if err := rest.Decode([]byte(deep), new(Thing)); err == nil {
		t.Error("no error")
	}
	if err := rest.Decode([]byte(strings.Repeat("[", 100_000)), new(rest.Raw)); err == nil {
		t.Error("no error")
	}
}
