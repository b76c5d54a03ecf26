package rest

import (
	"maps"
	"reflect"
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
	for start := d.Remaining(); d.More(); {
		if len(list) == cap(list) {
			list = grow(list, start, d.Remaining())
		}
		list = append(list, item(d))
	}
	return trim(list)
}

// DecodeItems is [DecodeList] for values that read themselves. They do so in
// their place in the list.
func DecodeItems[T any, P interface {
	*T
	Decodable
}](d *wire.Decoder) []T {
	if !d.Array() {
		return nil
	}
	list := []T{}
	for start := d.Remaining(); d.More(); {
		n := len(list)
		if n == cap(list) {
			list = grow(list, start, d.Remaining())
		}
		list = list[:n+1] // what grow returns is zero there
		P(&list[n]).DecodeJSON(d)
	}
	return trim(list)
}

// DecodeRows is [DecodeList] for lists of lists. The rows lie side by side in
// shared memory, a few kilobytes at a time: a row costs no allocation of its
// own, and one that is kept keeps its neighbours.
func DecodeRows[T any](d *wire.Decoder, item func(*wire.Decoder) T) [][]T {
	var row []T // behind the last row: what is left of the shared memory
	size := 8   // of the next shared memory, in items
	return DecodeList(d, func(d *wire.Decoder) []T {
		if !d.Array() {
			return nil
		}
		for d.More() {
			if len(row) == cap(row) {
				size = min(2*size, 512)
				row = append(make([]T, 0, max(size, 2*len(row))), row...)
			}
			row = append(row, item(d))
		}
		done := slices.Clip(row)
		row = row[len(row):]
		if done == nil {
			done = []T{}
		}
		return done
	})
}

// grow returns a list with room for more: for four small or two large items at
// first, then for twice as many. For a long list the rest of the document tells
// how many may follow: the items so far took start-rest bytes, and rest are left.
func grow[T any](list []T, start, rest int) []T {
	n := len(list)
	room := 2 * n
	if n == 0 {
		room = min(max(int(512/max(reflect.TypeFor[T]().Size(), 1)), 2), 4)
	}
	if read := start - rest; n >= 32 && read > 0 {
		room = min(8*n, max(n+n/4, n+int(float64(n)*float64(rest)/float64(read))+1))
	}
	grown := make([]T, n, room)
	copy(grown, list)
	return grown
}

// trim returns list without the room that grow guessed, if that is much.
func trim[T any](list []T) []T {
	if len(list) > 32 && cap(list) > 2*len(list) {
		return slices.Clone(list)
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
