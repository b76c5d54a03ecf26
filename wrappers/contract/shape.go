package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A place is where a description names a schema.
type place struct {
	site  string // JSON pointer
	ref   *openapi3.SchemaRef
	level string // certainty that the schema inherits there
}

// A shape is a schema made ready for comparing: references are followed, and
// the parts of allOf are merged.
type shape struct {
	site     string // where it was named
	home     string // JSON pointer of the schema to which further properties belong
	level    string // certainty
	types    types  // 0 for any
	nullable bool
	enum     []any
	required []member
	props    map[string]place
	extra    *place // of members that are not listed
	open     bool   // further members are expected
	items    *place
	branches []place // oneOf and anyOf
}

// A member is the name of a required property, with the schema that lists it.
type member struct{ name, pointer string }

// shape returns the shape of the schema at a place.
func (d *description) shape(p place) *shape {
	d.mu.Lock()
	defer d.mu.Unlock()
	if sh, ok := d.shapes[p.site]; ok {
		return sh
	}
	sh := &shape{site: p.site, props: make(map[string]place)}
	d.merge(sh, p, 0)
	d.shapes[p.site] = sh
	return sh
}

// maxAllOf is how deep allOf may be nested; deeper parts do not count.
const maxAllOf = 16

// merge adds the schema at a place to a shape.
func (d *description) merge(sh *shape, p place, depth int) {
	s, pointer, level := p.ref.Value, p.site, p.level
	if s == nil || depth > maxAllOf {
		return
	}
	if p.ref.Ref != "" {
		pointer, level = strings.TrimPrefix(p.ref.Ref, "#"), d.level
	}
	level = levelOf(s.Extensions, level)
	if depth == 0 {
		sh.level, sh.home = level, pointer
	}
	if len(s.Properties) > 0 || s.Type.Is("object") {
		sh.home = pointer
	}
	sh.mergeKeywords(s, pointer, level)
	for i, part := range s.AllOf {
		d.merge(sh, place{site: pointer + "/allOf/" + strconv.Itoa(i), ref: part, level: level}, depth+1)
	}
}

// mergeKeywords adds what a schema says by itself.
func (sh *shape) mergeKeywords(s *openapi3.Schema, pointer, level string) {
	at := func(ref *openapi3.SchemaRef, tokens ...string) place {
		return place{site: join(pointer, tokens...), ref: ref, level: level}
	}
	if named := typesOf(s.Type.Slice()); named != 0 {
		sh.types = named
	}
	sh.nullable = sh.nullable || s.Nullable
	if s.Enum != nil {
		sh.enum = s.Enum
	}
	for _, name := range s.Required {
		sh.required = append(sh.required, member{name, pointer})
	}
	for name, ref := range s.Properties {
		sh.props[name] = at(ref, "properties", name)
	}
	if s.Items != nil {
		items := at(s.Items, "items")
		sh.items = &items
	}
	if ref := s.AdditionalProperties.Schema; ref != nil {
		extra := at(ref, "additionalProperties")
		sh.extra = &extra
	}
	sh.open = sh.open || s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has
	for i, ref := range s.OneOf {
		sh.branches = append(sh.branches, at(ref, "oneOf", strconv.Itoa(i)))
	}
	for i, ref := range s.AnyOf {
		sh.branches = append(sh.branches, at(ref, "anyOf", strconv.Itoa(i)))
	}
}

// anything tells whether the schema says nothing of the type.
func (sh *shape) anything() bool { return sh.types == 0 && len(sh.branches) == 0 }

// accepts tells whether a value of type t may stand there.
func (d *description) accepts(sh *shape, t types, depth int) bool {
	switch {
	case depth > maxAllOf:
		return false
	case t == null && sh.nullable, sh.anything():
		return true
	case sh.types != 0 && !sh.types.has(t):
		return false
	}
	return len(sh.branches) == 0 || slices.ContainsFunc(sh.branches, func(p place) bool {
		return d.accepts(d.shape(p), t, depth+1)
	})
}

// described returns the types that the schema names.
func (d *description) described(sh *shape, depth int) types {
	all := sh.types
	if depth < maxAllOf {
		for _, p := range sh.branches {
			all |= d.described(d.shape(p), depth+1)
		}
	}
	return all
}
