package rest

import (
	"math"
	"strconv"
)

// Values builds a query string or a form body, in the order of the calls.
// Generated code fills it. The zero Values is empty.
type Values struct {
	buf     []byte
	secrets *[]string // what Secret added
}

// String adds a name with a text.
func (v *Values) String(name, value string) {
	v.name(name)
	v.buf = appendEscaped(v.buf, value, true)
}

// Secret adds a name with a secret, as it is.
func (v *Values) Secret(name string, value Secret) {
	text := value.Reveal()
	v.String(name, text)
	if v.secrets == nil {
		v.secrets = new([]string)
	}
	*v.secrets = append(*v.secrets, text)
}

// Int adds a name with an integer.
func (v *Values) Int(name string, value int64) {
	v.name(name)
	v.buf = strconv.AppendInt(v.buf, value, 10)
}

// Float adds a name with a number in its shortest form, with an exponent only
// from 1e21 up and below 1e-6.
func (v *Values) Float(name string, value float64) {
	format := byte('f')
	if abs := math.Abs(value); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	v.String(name, strconv.FormatFloat(value, format, -1, 64))
}

// Bool adds a name with true or false.
func (v *Values) Bool(name string, value bool) {
	v.name(name)
	v.buf = strconv.AppendBool(v.buf, value)
}

// List adds a list: once per item if explode is set, else one name with the
// items joined by sep, which is added as it is. An empty list adds nothing.
func (v *Values) List(name string, explode bool, sep string, items []string) {
	if explode {
		for _, item := range items {
			v.String(name, item)
		}
		return
	}
	for i, item := range items {
		if i == 0 {
			v.name(name)
		} else {
			v.buf = append(v.buf, sep...)
		}
		v.buf = appendEscaped(v.buf, item, true)
	}
}

// Encode returns the text, without a leading question mark.
func (v *Values) Encode() string { return string(v.buf) }

func (v *Values) name(name string) {
	if len(v.buf) > 0 {
		v.buf = append(v.buf, '&')
	}
	v.buf = append(appendEscaped(v.buf, name, true), '=')
}

const upperHex = "0123456789ABCDEF"

// appendEscaped appends s percent-encoded: all but the unreserved characters
// of RFC 3986. In a query a space becomes a plus.
func appendEscaped(buf []byte, s string, query bool) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			buf = append(buf, c)
		case c == ' ' && query:
			buf = append(buf, '+')
		default:
			buf = append(buf, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return buf
}

// Strings returns the items of a list as texts.
func Strings[T ~string](items []T) []string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = string(item)
	}
	return texts
}

// Ints returns the items of a list as texts.
func Ints[T ~int32 | ~int64](items []T) []string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = strconv.FormatInt(int64(item), 10)
	}
	return texts
}
