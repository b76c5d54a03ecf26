package contract

import (
	"encoding/json"
	"strings"
)

// types is a set of JSON types, an integer being told from other numbers.
type types uint8

const (
	object types = 1 << iota
	array
	text
	integer
	number
	boolean
	null
)

// typeNames returns the names of the types, in the order of the constants.
func typeNames() []string {
	return []string{"object", "array", "string", "integer", "number", "boolean", "null"}
}

// typesOf returns the set of the named types.
func typesOf(names []string) types {
	var set types
	for i, name := range typeNames() {
		for _, n := range names {
			if n == name {
				set |= 1 << i
			}
		}
	}
	return set
}

// typeOf returns the type of a value as encoding/json decodes it with numbers
// as json.Number.
func typeOf(value any) types {
	switch v := value.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case string:
		return text
	case []any:
		return array
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return number
		}
		return integer
	default:
		return object
	}
}

// has tells whether a value of type t is one of the set: an integer is a number,
// too.
func (set types) has(t types) bool {
	return set&t != 0 || t == integer && set&number != 0
}

// names returns the names of the types of the set, without null.
func (set types) names() []string {
	names := []string{}
	for i, name := range typeNames() {
		if set&(1<<i) != 0 && 1<<i != null {
			names = append(names, name)
		}
	}
	return names
}

// String returns the names, such as "integer or string".
func (set types) String() string {
	names := set.names()
	if set&null != 0 {
		names = append(names, "null")
	}
	return strings.Join(names, " or ")
}
