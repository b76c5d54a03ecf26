package rest

import (
	"reflect"
	"slices"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Presence says how an answer had a property, or a [Nullable] has it.
type Presence uint8

// The three ways.
const (
	Absent  Presence = iota // the property was not there
	Null                    // the property was null
	Present                 // the property had a value, which may be zero
)

// String returns "absent", "null" or "present".
func (p Presence) String() string { return [...]string{"absent", "null", "present"}[p%(Present+1)] }

// Marked returns what [wire.Decoder.Came] noted for the property with index i.
// Generated types keep two bits per property.
func Marked(bits []uint64, i int) Presence { return Presence(bits[i/32] >> (uint(i%32) * 2) & 3) }

// MarkedName returns what was noted for the property called name: Absent if
// names does not have it.
func MarkedName(bits []uint64, names []string, name string) Presence {
	i := slices.Index(names, name)
	if i < 0 {
		return Absent
	}
	return Marked(bits, i)
}

// EncodeProperty writes the name of a property and reports whether its value
// has to follow. A value that is not zero is written, and so is one that is
// required or came in the answer that was decoded; what came as null and is
// still zero is written as null.
func EncodeProperty(e *wire.Encoder, name string, p Presence, required, zero bool) bool {
	switch {
	case !zero || p == Present || required && p == Absent:
		e.Key(name)
		return true
	case p == Null:
		e.Key(name)
		e.Null()
	}
	return false
}

// EncodeNullable writes the name of a [Nullable] property, and null if it is
// null or left out though it is required. It reports whether the value has to
// follow.
func EncodeNullable(e *wire.Encoder, name string, p Presence, required bool) bool {
	if p == Absent && !required {
		return false
	}
	e.Key(name)
	if p != Present {
		e.Null()
	}
	return p == Present
}

// IsZero reports whether a generated value is its zero value.
func IsZero[T any](value *T) bool { return reflect.ValueOf(value).Elem().IsZero() }
