package rest_test

import (
	"math"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestValuesReadBack(t *testing.T) {
	texts := []string{"", " ", "a", "a b", "+", "&=", "?#", "%", "%41", ";", "é", "日本", "\x00\r\n", "\xff", "a,b", "~-_."}
	var v rest.Values
	want := url.Values{}
	for _, name := range texts {
		for _, value := range texts {
			v.String(name, value)
			want.Add(name, value)
		}
	}
	got, err := url.ParseQuery(v.Encode())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, c := range v.Encode() {
		if c <= ' ' || c > '~' || strings.ContainsRune(`"<>\^`+"`{|}#?/;", c) {
			t.Fatalf("%q is written as it is", c)
		}
	}
}

func TestNumbersInAQuery(t *testing.T) {
	for _, f := range []float64{0, 1, -1, 0.1, 1e5, 1e6, 1234567, 1e20, 1e21, -1e21, 1e-5, 1e-6, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, 1657034872.5} {
		var v rest.Values
		v.Float("x", f)
		got, err := url.ParseQuery(v.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if back, err := strconv.ParseFloat(got.Get("x"), 64); err != nil || back != f {
			t.Errorf("%v is written as %s", f, v.Encode())
		}
		if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 && strings.Contains(v.Encode(), "e") {
			t.Errorf("%v is written with an exponent: %s", f, v.Encode())
		}
	}
	for _, n := range []int64{0, -1, math.MaxInt64, math.MinInt64} {
		var v rest.Values
		v.Int("x", n)
		if want := "x=" + strconv.FormatInt(n, 10); v.Encode() != want {
			t.Errorf("got %s, want %s", v.Encode(), want)
		}
	}
}

type color string

func TestLists(t *testing.T) {
	tests := []struct {
		explode bool
		sep     string
		items   []string
		want    string
	}{
		{false, ",", nil, ""},
		{true, ",", []string{}, ""},
		{false, ",", []string{"a"}, "x=a"},
		{false, ",", []string{""}, "x="},
		{false, ",", []string{"a", "b,c", "d e"}, "x=a,b%2Cc,d+e"},
		{false, "%20", []string{"a", "b"}, "x=a%20b"},
		{false, "%7C", []string{"a", "b"}, "x=a%7Cb"},
		{true, ",", []string{"a", "b,c", ""}, "x=a&x=b%2Cc&x="},
		{false, ",", rest.Ints([]int32{1, -2}), "x=1,-2"},
		{true, ",", rest.Ints([]int64{math.MaxInt64}), "x=9223372036854775807"},
		{false, ",", rest.Strings([]color{"red", "light blue"}), "x=red,light+blue"},
	}
	for _, tt := range tests {
		var v rest.Values
		v.List("x", tt.explode, tt.sep, tt.items)
		if got := v.Encode(); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.items, got, tt.want)
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("name", "value", "a,b", true)
	f.Add("", "", "", false)
	f.Add("é&=", "+ %41;\x00", "\xff,,", true)
	f.Fuzz(func(t *testing.T, name, value, list string, explode bool) {
		var v rest.Values
		v.String(name, value)
		items := strings.Split(list, ",")
		v.List("l"+name, explode, ",", items)
		v.Bool("b"+name, explode)
		got, err := url.ParseQuery(v.Encode())
		if err != nil {
			t.Fatalf("%s: %v", v.Encode(), err)
		}
		want := url.Values{name: {value}, "b" + name: {strconv.FormatBool(explode)}, "l" + name: {list}}
		if explode {
			want["l"+name] = items
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s reads back as %q, want %q", v.Encode(), got, want)
		}
	})
}
