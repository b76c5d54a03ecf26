package rest

import (
	"maps"
	"slices"
)

// EncodeForm writes the members into a form, in alphabetical order: texts as
// they are, other values as their JSON. It implements [FormEncodable].
func (o Object) EncodeForm(v *Values) {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		v.String(key, unquote(string(o[key])))
	}
}
