package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// marshal returns what encoding/json makes of v without escaping for HTML.
func marshal(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func TestEncoderCommas(t *testing.T) {
	tests := []struct {
		want   string
		encode func(*wire.Encoder)
	}{
		{`{}`, func(e *wire.Encoder) { e.Object(); e.End() }},
		{`[]`, func(e *wire.Encoder) { e.Array(); e.EndArray() }},
		{`{"a":{},"b":[],"c":1}`, func(e *wire.Encoder) {
			e.Object()
			e.Key("a")
			e.Object()
			e.End()
			e.Key("b")
			e.Array()
			e.EndArray()
			e.Key("c")
			e.Int64(1)
			e.End()
		}},
		{`[1,-0.5,"x",true,false,null,{"y":[]},[[],[{}]],{"z": 1}]`, func(e *wire.Encoder) {
			e.Array()
			e.Int64(1)
			e.Float64(-0.5)
			e.String("x")
			e.Bool(true)
			e.Bool(false)
			e.Null()
			e.Object()
			e.Key("y")
			e.Raw("[]")
			e.End()
			e.Array()
			e.Array()
			e.EndArray()
			e.Array()
			e.Object()
			e.End()
			e.EndArray()
			e.EndArray()
			e.Raw(`{"z": 1}`)
			e.EndArray()
		}},
		{`["{","[",":",","]`, func(e *wire.Encoder) {
			e.Array()
			for _, s := range []string{"{", "[", ":", ","} {
				e.String(s)
			}
			e.EndArray()
		}},
	}
	for _, tt := range tests {
		e := wire.NewEncoder([]byte("prefix,"))
		tt.encode(e)
		if got := string(e.Bytes()); got != "prefix,"+tt.want || e.Err() != nil {
			t.Errorf("got  %s, %v\nwant prefix,%s", got, e.Err(), tt.want)
		}
	}
}

func TestEncoderStrings(t *testing.T) {
	tests := []string{
		"", "plain text", "\"\\/", "\b\f\n\r\t", "\x00\x01\x1f\x7f", "<a href='x'>&</a>", "Zoë 東京 😀", "\u2027\u2028\u2029\u202a",
		"\xff", "a\xc3", "\xed\xa0\x80", "\ufffd", "\ufeff", "1234567\n", "12345678\"12345678\\",
	}
	for _, s := range tests {
		e := wire.NewEncoder(nil)
		e.Object()
		e.Key(s)
		e.String(s)
		e.End()
		if want := marshal(t, map[string]string{s: s}); string(e.Bytes()) != want {
			t.Errorf("%q is %s, want %s", s, e.Bytes(), want)
		}
	}
}

func TestEncoderNumbers(t *testing.T) {
	for _, f := range []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1e20, 1e21, -1e21, 1e-6, 9.99e-7, 1e-7, -1e-9, 1.5e-10, 1e100, 1e-100, 1234567.125,
		math.MaxFloat64, math.SmallestNonzeroFloat64,
	} {
		e := wire.NewEncoder(nil)
		if e.Float64(f); string(e.Bytes()) != marshal(t, f) {
			t.Errorf("%g is %s, want %s", f, e.Bytes(), marshal(t, f))
		}
	}
	for _, n := range []int64{0, -1, math.MaxInt64, math.MinInt64} {
		e := wire.NewEncoder(nil)
		if e.Int64(n); string(e.Bytes()) != marshal(t, n) {
			t.Errorf("%d is %s", n, e.Bytes())
		}
	}
}

func TestEncoderErrors(t *testing.T) {
	tests := []struct {
		want   string
		encode func(*wire.Encoder)
	}{
		{"json: prices[1] (offset 13): want a finite number", func(e *wire.Encoder) { e.Float64(math.NaN()) }},
		{"json: prices[1] (offset 13): want a finite number", func(e *wire.Encoder) { e.Float64(math.Inf(-1)) }},
		{"json: prices[1] (offset 13): want one JSON value", func(e *wire.Encoder) { e.Raw(``) }},
		{"json: prices[1] (offset 13): want one JSON value", func(e *wire.Encoder) { e.Raw(`1,2`) }},
		{"json: prices[1] (offset 13): want one JSON value", func(e *wire.Encoder) { e.Raw(`{secret}`) }},
		{"json: prices[1] (offset 13): want one JSON value", func(e *wire.Encoder) { e.Raw("\ufeff1") }},
	}
	for _, tt := range tests {
		e := wire.NewEncoder([]byte("prefix"))
		e.Object()
		e.Key("prices")
		e.Array()
		e.Int64(1)
		tt.encode(e)
		e.Float64(math.NaN())
		e.EndArray()
		e.End()
		if got := (*wire.Error)(nil); !errors.As(e.Err(), &got) || got.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", e.Err(), tt.want)
		}
	}
}

func ExampleEncoder() {
	e := wire.NewEncoder(nil)
	e.Object()
	e.Key("name")
	e.String("Zoë <zoe@example.com>")
	e.Key("tags")
	e.Array()
	e.String("a")
	e.String("b")
	e.EndArray()
	e.Key("rate")
	e.Float64(0.5)
	e.End()
	fmt.Println(string(e.Bytes()), e.Err())
	// Output: {"name":"Zoë <zoe@example.com>","tags":["a","b"],"rate":0.5} <nil>
}
