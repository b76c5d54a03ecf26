package wire_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// decodeAny decodes a document into what encoding/json makes of it with
// UseNumber.
func decodeAny(document string) (any, error) {
	d := wire.NewDecoder(document)
	v := anyValue(d)
	d.End()
	return v, d.Err()
}

func anyValue(d *wire.Decoder) any {
	switch d.Kind() {
	case wire.Object:
		v := map[string]any{}
		for d.Object(); d.Next(); {
			key := d.Key()
			v[key] = anyValue(d)
		}
		return v
	case wire.Array:
		v := []any{}
		for d.Array(); d.More(); {
			v = append(v, anyValue(d))
		}
		return v
	case wire.String:
		return d.String()
	case wire.Number:
		return json.Number(d.Raw())
	case wire.Bool:
		return d.Bool()
	case wire.Null:
		d.Null()
	case wire.Invalid:
		d.Skip()
	}
	return nil
}

// depth returns how deep a valid document is nested.
func depth(document string) int {
	depth, deepest := 0, 0
	for d := json.NewDecoder(strings.NewReader(document)); ; {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			deepest = max(deepest, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(loginDocument())
	f.Add(userDocument(1))
	f.Add(pointsDocument(3))
	f.Add("\ufeff[]")
	f.Add(` { "a" : [ 1.5e3 , -0 , true , false , null , "\ud834\udd1e\n" , { } , [ ] ] , "a" : "b" } `)
	f.Add("[\"\\ud800\xff\",01]")
	f.Add(strings.Repeat("[", 513) + strings.Repeat("]", 513))
	f.Fuzz(func(t *testing.T, document string) {
		plain := strings.TrimPrefix(document, "\ufeff")
		want := json.Valid([]byte(plain)) && depth(plain) <= wire.MaxDepth
		if got := wire.Valid(document); got != want {
			t.Fatalf("Valid(%q) = %v", document, got)
		}
		got, err := decodeAny(document)
		if (err == nil) != want {
			t.Fatalf("decoding %q: %v, want success %v", document, err, want)
		}
		if !want {
			_ = err.Error()
			return
		}
		var tree any
		d := json.NewDecoder(strings.NewReader(plain))
		d.UseNumber()
		if err := d.Decode(&tree); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, tree) {
			t.Fatalf("%q\ngot  %#v\nwant %#v", document, got, tree)
		}
	})
}

func FuzzString(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\u00e9\ud834\udd1e\ud800"`, "\"\xff\xe6\x9d\"", `"\b\f\n\r\t\/\\\""`, `"12345678\"`, "\"\x1f\"", `"\u12"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, literal string) {
		if !strings.HasPrefix(literal, `"`) {
			literal = `"` + literal + `"`
		}
		var want string
		wantErr := json.Unmarshal([]byte(literal), &want)
		d := wire.NewDecoder(literal)
		got := d.String()
		d.End()
		if (d.Err() == nil) != (wantErr == nil) || wantErr == nil && got != want {
			t.Fatalf("%q is %q, error %v; encoding/json has %q, error %v", literal, got, d.Err(), want, wantErr)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "1657034872", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "15.0", "1.5e1", "1e400", "-1e-400",
		"01", "1.", "9007199254740993", "0.30000000000000004", "123456789012345678", "1e22", "1e-9223372036854775808", "1.00000000000000000001",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "\ufeff") || strings.ContainsAny(text, `"n`) {
			return // numbers in strings and null are more than encoding/json takes or less
		}
		checkFloat64(t, text)
		checkInt64(t, text)
	})
}

func checkFloat64(t *testing.T, text string) {
	t.Helper()
	var want float64
	wantErr := json.Unmarshal([]byte(text), &want)
	d := wire.NewDecoder(text)
	got := d.Float64()
	d.End()
	if (d.Err() == nil) != (wantErr == nil) || wantErr == nil && math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("Float64 of %q is %v, error %v; encoding/json has %v, error %v", text, got, d.Err(), want, wantErr)
	}
}

func checkInt64(t *testing.T, text string) {
	t.Helper()
	d := wire.NewDecoder(text)
	got := d.Int64()
	d.End()
	var want int64
	if wantErr := json.Unmarshal([]byte(text), &want); wantErr == nil {
		if d.Err() != nil || got != want {
			t.Fatalf("Int64 of %q is %d, error %v; want %d", text, got, d.Err(), want)
		}
		return
	}
	number := strings.Trim(text, " \t\r\n")
	exponent := 0
	if _, e, ok := strings.Cut(strings.ToLower(number), "e"); ok {
		exponent = len(strings.TrimLeft(e, "+-0"))
	}
	if !json.Valid([]byte(number)) || exponent > 3 {
		if d.Err() == nil && (exponent <= 3 || got != 0) {
			t.Fatalf("Int64 of %q is %d", text, got)
		}
		return
	}
	exact, ok := new(big.Rat).SetString(number)
	if ok = ok && exact.IsInt() && exact.Num().IsInt64(); ok != (d.Err() == nil) || ok && exact.Num().Int64() != got {
		t.Fatalf("Int64 of %q is %d, error %v; exactly %v", text, got, d.Err(), exact)
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("plain", 1.5, int64(7))
	f.Add("\"\\\b\f\n\r\t\x00\x7f\u2028\xff<>&é😀", 1e-7, int64(-1))
	f.Add("12345678", 1e21, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, s string, x float64, n int64) {
		e := wire.NewEncoder(nil)
		e.Array()
		e.String(s)
		e.Float64(x)
		e.Int64(n)
		e.Object()
		e.Key(s)
		e.Null()
		e.End()
		e.EndArray()
		if math.IsInf(x, 0) || math.IsNaN(x) {
			if e.Err() == nil {
				t.Fatalf("%v is encoded", x)
			}
			return
		}
		if want := marshal(t, []any{s, x, n, map[string]any{s: nil}}); string(e.Bytes()) != want || e.Err() != nil {
			t.Fatalf("got  %s, %v\nwant %s", e.Bytes(), e.Err(), want)
		}
		d := wire.NewDecoder(string(e.Bytes()))
		d.Array()
		d.More()
		if got := d.String(); got != string([]rune(s)) {
			t.Fatalf("%q became %q", s, got)
		}
		if d.More(); d.Float64() != x {
			t.Fatalf("%v changed", x)
		}
		if d.More(); d.Int64() != n || d.Err() != nil {
			t.Fatalf("%v changed, error %v", n, d.Err())
		}
		raw := wire.NewEncoder(nil)
		raw.Raw(string(e.Bytes()))
		if !bytes.Equal(raw.Bytes(), e.Bytes()) || raw.Err() != nil {
			t.Fatalf("raw %s, error %v", raw.Bytes(), raw.Err())
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add(loginDocument(), "status", "code")
	f.Add(`{"a":{"b":1},"a":2}`, "a", "b")
	f.Add("\ufeff{\"\\u0061\":{\"\xff\":[{}]}}", "a", "\ufffd")
	f.Fuzz(func(t *testing.T, document, outer, inner string) {
		raw, kind, ok := wire.Find(document, outer, inner)
		if want, found := findSlowly(document, outer, inner); wire.Valid(document) && (found != ok || raw != want) {
			t.Fatalf("Find(%q, %q, %q) = %q, %v; want %q, %v", document, outer, inner, raw, ok, want, found)
		}
		if ok && (!wire.Valid(raw) || wire.NewDecoder(raw).Kind() != kind) {
			t.Fatalf("Find(%q, %q, %q) = %q of kind %v", document, outer, inner, raw, kind)
		}
		for cut := range document {
			part, _, found := wire.Find(document[:cut], outer, inner)
			if found && (!ok || part != raw) {
				t.Fatalf("Find(%q, %q, %q) = %q, but %q in the whole", document[:cut], outer, inner, part, raw)
			}
			_ = wire.Valid(document[:cut])
		}
	})
}

// findSlowly looks for the member inner of the first member outer of a valid
// document with encoding/json.
func findSlowly(document string, path ...string) (string, bool) {
	document = strings.TrimPrefix(document, "\ufeff")
	for _, name := range path {
		d := json.NewDecoder(strings.NewReader(document))
		if token, err := d.Token(); err != nil || token != json.Delim('{') {
			return "", false
		}
		found := false
		for d.More() && !found {
			key, err := d.Token()
			var raw json.RawMessage
			if err != nil || d.Decode(&raw) != nil {
				return "", false
			}
			found = key == name
			document = string(raw)
		}
		if !found {
			return "", false
		}
	}
	return document, true
}
