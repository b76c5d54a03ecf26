package rest

import (
	"fmt"
	"math"
	"strconv"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Number is a value that vendors send as a number or as a text that holds
// one. It keeps which it was, and every digit. The zero Number is empty.
type Number struct {
	text   string
	quoted bool
}

// Int returns a Number that travels as a number.
func Int(n int64) Number { return Number{text: strconv.FormatInt(n, 10)} }

// Quoted returns a Number that travels as a text.
func Quoted(text string) Number { return Number{text: text, quoted: true} }

// String returns the digits, or whatever text stands in their place.
func (n Number) String() string { return n.text }

// Int64 returns the value as an integer, or an error if it is none.
func (n Number) Int64() (int64, error) {
	i, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("rest: %q is not an integer", n.text)
	}
	return i, nil
}

// Float64 returns the value, or an error if it is not a number.
func (n Number) Float64() (float64, error) {
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, fmt.Errorf("rest: %q is not a number", n.text)
	}
	return f, nil
}

// IsZero reports whether n is empty.
func (n Number) IsZero() bool { return n == Number{} }

// DecodeJSON implements [Decodable]. It reads null as the empty Number.
func (n *Number) DecodeJSON(d *wire.Decoder) {
	switch d.Kind() {
	case wire.String:
		*n = Quoted(d.String())
	case wire.Number:
		*n = Number{text: d.Raw()}
	case wire.Null:
		d.Null()
		*n = Number{}
	default:
		d.Float64() // records what was wanted
	}
}

// EncodeJSON implements [Encodable].
func (n Number) EncodeJSON(e *wire.Encoder) {
	switch {
	case n.quoted:
		e.String(n.text)
	case n.text == "":
		e.Null()
	default:
		e.Raw(n.text)
	}
}

// MarshalJSON implements [encoding/json.Marshaler].
func (n Number) MarshalJSON() ([]byte, error) { return MarshalJSON(n) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (n *Number) UnmarshalJSON(data []byte) error { return Decode(data, n) }
