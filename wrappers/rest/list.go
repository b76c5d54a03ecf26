package rest

import (
	"maps"
	"slices"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// DecodeList reads a JSON array with a function that reads one item. It
// returns nil for null and an empty list for an empty one.
func DecodeList[T any](d *wire.Decoder, item func(*wire.Decoder) T) []T {
	if !d.Array() {
		return nil
	}
	list := []T{}
	for d.More() {
		list = append(list, item(d))
	}
	return list
}

// EncodeList writes a JSON array with a function that writes one item. A nil
// list is written as an empty one.
func EncodeList[T any](e *wire.Encoder, list []T, item func(*wire.Encoder, T)) {
	e.Array()
	for _, x := range list {
		item(e, x)
	}
	e.EndArray()
}

// DecodeMap reads a JSON object whose values are of one kind. It returns nil
// for null.
func DecodeMap[T any](d *wire.Decoder, value func(*wire.Decoder) T) map[string]T {
	if !d.Object() {
		return nil
	}
	m := map[string]T{}
	for d.Next() {
		key := d.Key()
		m[key] = value(d)
	}
	return m
}

// EncodeMap writes a JSON object. Names are in alphabetical order.
func EncodeMap[T any](e *wire.Encoder, m map[string]T, value func(*wire.Encoder, T)) {
	e.Object()
	for _, key := range slices.Sorted(maps.Keys(m)) {
		e.Key(key)
		value(e, m[key])
	}
	e.End()
}
