package contract

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// schema returns a schema for what was seen, which begins with type or is a
// reference to a new component.
func (w *patcher) schema(s *seen, name string) *yaml.Node {
	switch set := s.types &^ null; {
	case set == 0:
		return pairs()
	case set&^(integer|number) == 0 && set != integer:
		return mapping("type", "number")
	case len(set.names()) > 1:
		return w.union(set, name)
	case set == array:
		items := pairs()
		if s.items != nil {
			items = w.schema(s.items, name+"Item")
		}
		return pairs("type", scalarNode("array"), "items", items)
	case set == object && s.members[stepAny] != nil && len(s.members) == 1:
		return pairs("type", scalarNode("object"), "additionalProperties", w.schema(s.members[stepAny], name+"Value"))
	case set == object:
		return w.component(s, w.name(name))
	default:
		return mapping("type", set.names()[0])
	}
}

// component adds a component schema for an object, and returns a reference.
func (w *patcher) component(s *seen, name string) *yaml.Node {
	schema := pairs("type", scalarNode("object"), "description", scalarNode("Seen in traffic, not documented."))
	at := len(w.components)
	w.components = append(w.components, scalarNode(name), schema)
	w.describe(schema, s, name)
	w.observed(w.components[at+1])
	return mapping("$ref", "#/components/schemas/"+name)
}

// describe adds the members of an object to its schema.
func (w *patcher) describe(schema *yaml.Node, s *seen, name string) {
	added := w.properties(s, name, false)
	switch _, listed := field(schema, "properties"); {
	case listed != nil:
		listed.Content = append(listed.Content, added.Content...)
	case len(added.Content) > 0:
		set(schema, "properties", added)
	}
	if s.members[stepAny] != nil || len(s.members) == 0 {
		set(schema, "additionalProperties", yes())
	}
}

// union adds a component schema for a value of several types.
func (w *patcher) union(set types, name string) *yaml.Node {
	name = w.name(name)
	branches := &yaml.Node{Kind: yaml.SequenceNode}
	for _, kind := range set.names() {
		if kind == "integer" && set&number != 0 {
			continue
		}
		branch := mapping("type", kind)
		if kind == "array" {
			branch.Content = append(branch.Content, scalarNode("items"), pairs())
		}
		branches.Content = append(branches.Content, branch)
	}
	schema := pairs("oneOf", branches, "description", scalarNode("Seen in traffic, not documented."))
	w.observed(schema)
	w.components = append(w.components, scalarNode(name), schema)
	return mapping("$ref", "#/components/schemas/"+name)
}

// writeComponents adds the new component schemas.
func (w *patcher) writeComponents() {
	if len(w.components) == 0 {
		return
	}
	schemas := w.doc.at("/components/schemas")
	if !editable(schemas) {
		w.note("/components/schemas: new schemas are needed: %s", strings.Join(fieldNames(&yaml.Node{Content: w.components}), ", "))
		return
	}
	w.doc.addLast(schemas, encode(&yaml.Node{Kind: yaml.MappingNode, Content: w.components}, indentOf(schemas))...)
}
