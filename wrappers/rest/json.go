package rest

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Decodable value reads itself from JSON. Every generated type is one.
type Decodable interface{ DecodeJSON(d *wire.Decoder) }

// An Encodable value writes itself as JSON. Every generated type is one.
type Encodable interface{ EncodeJSON(e *wire.Encoder) }

// A FormEncodable value writes itself as a form.
type FormEncodable interface{ EncodeForm(v *Values) }

// Encode returns the JSON of a generated value as a request carries it:
// secrets are in it in clear. Package encoding/json, on the other hand, writes
// them as [redacted], since that is what log handlers use.
func Encode(value Encodable) ([]byte, error) {
	e := wire.NewEncoder(nil)
	value.EncodeJSON(e)
	return e.Bytes(), e.Err()
}

// MarshalJSON is what the MarshalJSON methods of generated types do: as
// [Encode], with secrets redacted.
func MarshalJSON(value Encodable) ([]byte, error) {
	e := wire.NewEncoder(nil)
	e.Redact = true
	value.EncodeJSON(e)
	return e.Bytes(), e.Err()
}

// Decode reads one JSON value into a generated value. Members that the
// description does not know are kept.
func Decode(data []byte, value Decodable) error { return decode(string(data), value) }

func decode(data string, value Decodable) error {
	var d wire.Decoder
	d.Reset(data)
	value.DecodeJSON(&d)
	d.End()
	return d.Err()
}

// DecodeJSON reads a text, or null as the empty one. It implements [Decodable].
func (s *Secret) DecodeJSON(d *wire.Decoder) {
	if d.Null() {
		*s = Secret{}
		return
	}
	*s = NewSecret(d.String())
}

// EncodeJSON writes the text, or [redacted] if the encoder redacts.
func (s Secret) EncodeJSON(e *wire.Encoder) {
	if e.Redact {
		e.String(s.String())
		return
	}
	text := s.Reveal()
	e.String(text)
	e.Secrets = append(e.Secrets, text)
}

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (s *Secret) UnmarshalJSON(data []byte) error { return Decode(data, s) }

// An Object is a JSON object of which nothing is described. Its values are
// kept as they came.
type Object map[string]json.RawMessage

// DecodeJSON implements [Decodable]. Null leaves o as it is.
func (o *Object) DecodeJSON(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	if *o == nil {
		*o = Object{}
	}
	for d.Next() {
		o.Extra(d)
	}
}

// Extra keeps the member that d stands at.
func (o *Object) Extra(d *wire.Decoder) {
	key := d.Key()
	raw := d.Raw()
	if d.Err() != nil {
		return
	}
	if *o == nil {
		*o = Object{}
	}
	(*o)[key] = json.RawMessage(raw)
}

// EncodeJSON implements [Encodable]. Names are in alphabetical order. A nil
// Object is written as an empty one.
func (o Object) EncodeJSON(e *wire.Encoder) {
	e.Object()
	o.EncodeMembers(e)
	e.End()
}

// EncodeMembers writes the members without the braces around them. Values
// that nothing is known of are written even if the encoder redacts.
func (o Object) EncodeMembers(e *wire.Encoder) {
	if len(o) == 0 {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		e.Key(key)
		e.Raw(string(o[key]))
	}
}

// String returns the JSON, for people to read.
func (o Object) String() string {
	data, err := Encode(o)
	if err != nil {
		return "{broken JSON}"
	}
	return string(data)
}

// A Raw is a JSON value of which nothing is described.
type Raw json.RawMessage

// DecodeJSON implements [Decodable].
func (r *Raw) DecodeJSON(d *wire.Decoder) { *r = Raw(d.Raw()) }

// EncodeJSON implements [Encodable].
func (r Raw) EncodeJSON(e *wire.Encoder) {
	if len(r) == 0 {
		e.Null()
		return
	}
	e.Raw(string(r))
}

// String returns the JSON.
func (r Raw) String() string { return string(r) }

// MarshalJSON implements [encoding/json.Marshaler].
func (r Raw) MarshalJSON() ([]byte, error) { return MarshalJSON(r) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (r *Raw) UnmarshalJSON(data []byte) error { return Decode(data, r) }
