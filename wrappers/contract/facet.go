package contract

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// facets are what changes in one schema.
type facets struct {
	nullable bool
	kind     string // the type instead
	observed bool   // the certainty instead
}

func (w *patcher) facet(pointer string) *facets {
	if w.facets[pointer] == nil {
		w.facets[pointer] = &facets{}
	}
	return w.facets[pointer]
}

// patchTypes corrects types, and allows null.
func (w *patcher) patchTypes() {
	other := map[string]types{}
	for _, f := range w.of(OtherType) {
		other[f.Pointer] |= f.types
	}
	for _, pointer := range sortedKeys(other) {
		now := other[pointer] | w.seen[pointer]&^null
		described := w.described(pointer)
		switch {
		case now&^(integer|number) == 0 && described == "integer":
			w.facet(pointer).kind = "number"
		case w.seen[pointer]&^null == 0 && len(now.names()) == 1 && scalar(now) && scalar(typesOf([]string{described})):
			w.facet(pointer).kind = now.names()[0]
		default:
			w.note("%s: described as %s, seen as %s", pointer, described, now)
		}
	}
	for _, f := range w.of(Null) {
		w.facet(f.Pointer).nullable = true
	}
}

// scalar tells whether a set has no object and no array in it, but something.
func scalar(set types) bool { return set != 0 && set&(object|array) == 0 }

// described returns the type that stands at a pointer.
func (w *patcher) described(pointer string) string {
	schema := w.doc.at(pointer)
	if _, kind := field(schema, "type"); kind != nil {
		return kind.Value
	}
	if schema != nil && schema.Kind == yaml.MappingNode {
		return strings.Join(fieldNames(schema), ", ")
	}
	return "something else"
}

func fieldNames(mapping *yaml.Node) []string {
	var names []string
	for i := 0; i < len(mapping.Content); i += 2 {
		names = append(names, mapping.Content[i].Value)
	}
	return names
}

// promote makes observed what was inferred and seen as described.
func (w *patcher) promote() {
	differs := map[string]bool{}
	for _, f := range w.Findings {
		if f.Kind == OtherType || f.Kind == UnknownEnum {
			differs[f.Pointer] = true
		}
	}
	for _, c := range w.confirmedProperties() {
		if c.Certainty == "inferred" && !c.free && !differs[c.Pointer] {
			w.facet(c.Pointer).observed = true
		}
	}
}

// writeFacets writes the changes of schemas.
func (w *patcher) writeFacets() {
	for _, pointer := range sortedKeys(w.facets) {
		schema := w.doc.at(pointer)
		if !editable(schema) {
			w.note("%s: %s", pointer, w.facets[pointer])
			continue
		}
		if ref, target := field(schema, "$ref"); ref != nil {
			w.writeReference(ref, target, w.facets[pointer])
			continue
		}
		w.writeFacet(schema, w.facets[pointer])
	}
}

// String says what is to be changed.
func (f *facets) String() string {
	var parts []string
	if f.kind != "" {
		parts = append(parts, "the type is "+f.kind)
	}
	if f.nullable {
		parts = append(parts, "null was seen")
	}
	if f.observed {
		parts = append(parts, "was seen as described")
	}
	return strings.Join(parts, ", ")
}

// writeReference puts a reference into an allOf, since nothing may stand beside
// it.
func (w *patcher) writeReference(key, target *yaml.Node, f *facets) {
	all := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{mapping("$ref", target.Value)}}
	schema := pairs("allOf", all)
	if f.nullable {
		set(schema, "nullable", yes())
	}
	if f.observed {
		w.observed(schema)
	}
	w.doc.change(key, target, encode(schema, key.Column-1)...)
}

// writeFacet changes the entries of a schema.
func (w *patcher) writeFacet(schema *yaml.Node, f *facets) {
	if f.kind != "" {
		w.replace(schema, "type", scalarNode(f.kind))
		if _, example := field(schema, "example"); example != nil && example.Kind == yaml.ScalarNode {
			w.replace(schema, "example", recast(example.Value, f.kind))
		}
		if key, value := field(schema, "format"); key != nil {
			w.doc.change(key, value)
		}
	}
	if f.nullable {
		w.replace(schema, "nullable", yes())
	}
	if f.kind == "" && !f.observed {
		return
	}
	w.replace(schema, "x-certainty", scalarNode("observed"))
	if key, value := field(schema, "x-reason"); key != nil {
		w.doc.change(key, value)
	}
	sources := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	if _, listed := field(schema, "x-source"); listed != nil {
		sources.Content = slices.Clone(listed.Content)
	}
	sources.Content = append(sources.Content, scalarNode(w.source))
	w.named = true
	w.replace(schema, "x-source", sources)
}

// replace gives an entry of a mapping another value, or adds the entry.
func (w *patcher) replace(schema *yaml.Node, name string, value *yaml.Node) {
	lines := encode(pairs(name, value), indentOf(schema))
	if key, old := field(schema, name); key != nil {
		w.doc.change(key, old, lines...)
		return
	}
	after := schema.Content[len(schema.Content)-2:]
	if key, kind := field(schema, "type"); key != nil && name == "nullable" {
		after = []*yaml.Node{key, kind}
	}
	w.doc.add(after[0], after[1], lines...)
}

// observed adds certainty and source to a new part of the description.
func (w *patcher) observed(n *yaml.Node) {
	w.named = true
	set(n, "x-certainty", scalarNode("observed"))
	set(n, "x-source", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{scalarNode(w.source)}})
}
