package rest

import (
	"maps"
	"slices"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// EncodeForm writes the members into a form, in alphabetical order: texts as
// they are, other values as their JSON. It implements [FormEncodable].
func (o Object) EncodeForm(v *Values) {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		var d wire.Decoder
		d.Reset(string(o[key]))
		if d.Kind() == wire.String {
			v.String(key, d.String())
			continue
		}
		v.String(key, string(o[key]))
	}
}
