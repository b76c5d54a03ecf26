package rest

import (
	"fmt"
	"io"
)

// A Nullable is a property of a request that may be left out, be null, or have
// a value. The zero Nullable is left out.
type Nullable[T any] struct {
	value    T
	presence Presence
}

// Value returns a Nullable with a value, which may be the zero value of T.
func Value[T any](value T) Nullable[T] { return Nullable[T]{value: value, presence: Present} }

// NullOf returns a Nullable that is null.
func NullOf[T any]() Nullable[T] { return Nullable[T]{presence: Null} }

// Get returns the value; it is the zero value of T if there is none.
func (n Nullable[T]) Get() T { return n.value }

// Presence reports whether n is left out, null, or has a value.
func (n Nullable[T]) Presence() Presence { return n.presence }

// Format implements [fmt.Formatter]: n prints as its value, as null, or as
// nothing if it is left out.
func (n Nullable[T]) Format(f fmt.State, verb rune) {
	switch n.presence {
	case Present:
		_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), n.value)
	case Null:
		_, _ = io.WriteString(f, "null")
	case Absent:
	}
}

// Ptr returns a pointer to value, for optional properties of requests.
func Ptr[T any](value T) *T { return &value }
