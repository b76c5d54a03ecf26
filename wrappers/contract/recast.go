package contract

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// recastExamples gives the values of examples the types that their schemas get.
func (w *patcher) recastExamples() {
	kinds := map[string]string{}
	for pointer, f := range w.facets {
		if f.kind != "" {
			kinds[pointer] = f.kind
		}
	}
	if len(kinds) > 0 {
		r := &recaster{patcher: w, kinds: kinds, done: make(map[*yaml.Node]bool)}
		r.find(w.doc.root, "")
	}
}

// A recaster goes over examples beside their schemas.
type recaster struct {
	*patcher
	kinds map[string]string // new ones, by pointer of the schema
	done  map[*yaml.Node]bool
	depth int
}

// find looks for parts that have a schema and examples for it.
func (r *recaster) find(n *yaml.Node, pointer string) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	_, schema := field(n, "schema")
	if _, list := field(n, "examples"); schema != nil && list != nil && list.Kind == yaml.MappingNode {
		for i := 1; i < len(list.Content); i += 2 {
			example := list.Content[i]
			if _, ref := field(example, "$ref"); ref != nil {
				example = r.doc.at(strings.TrimPrefix(ref.Value, "#"))
			}
			if key, value := field(example, "value"); key != nil {
				r.walk(join(pointer, "schema"), key, value)
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.find(n.Content[i+1], join(pointer, n.Content[i].Value))
	}
}

// walk goes over a value, which is that of key, beside its schema.
func (r *recaster) walk(pointer string, key, value *yaml.Node) {
	if r.depth++; r.depth > 100 {
		return
	}
	defer func() { r.depth-- }()
	schema := r.doc.at(pointer)
	if _, ref := field(schema, "$ref"); ref != nil {
		r.walk(strings.TrimPrefix(ref.Value, "#"), key, value)
		return
	}
	if kind := r.kinds[pointer]; kind != "" && value.Kind == yaml.ScalarNode && value.Tag != "!!null" {
		r.recast(pointer, kind, key, value)
		return
	}
	for _, list := range []string{"allOf", "oneOf", "anyOf"} {
		if _, parts := field(schema, list); parts != nil {
			for i := range parts.Content {
				r.walk(join(pointer, list, strconv.Itoa(i)), key, value)
			}
		}
	}
	switch value.Kind {
	case yaml.MappingNode:
		_, properties := field(schema, "properties")
		for i := 0; i+1 < len(value.Content); i += 2 {
			at := join(pointer, "additionalProperties")
			if _, property := field(properties, value.Content[i].Value); property != nil {
				at = join(pointer, "properties", value.Content[i].Value)
			}
			r.walk(at, value.Content[i], value.Content[i+1])
		}
	case yaml.SequenceNode:
		for _, item := range value.Content {
			r.walk(join(pointer, "items"), nil, item)
		}
	default:
	}
}

// recast gives one value another type: the value that is written the same way
// if there is one.
func (r *recaster) recast(pointer, kind string, key, value *yaml.Node) {
	if r.done[value] {
		return
	}
	r.done[value] = true
	if key == nil || key.Line != value.Line || !strings.HasPrefix(strings.TrimLeft(r.doc.lines[key.Line-1], " -"), key.Value+":") {
		r.note("%s: line %d has an example that is no %s", pointer, value.Line, kind)
		return
	}
	r.doc.change(key, value, encode(pairs(key.Value, recast(value.Value, kind)), key.Column-1)...)
}

func recast(text, kind string) *yaml.Node {
	switch kind {
	case "string":
		return scalarNode(text)
	case "boolean":
		return yes()
	}
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: text}
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil && kind == "number" {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: text}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"}
}
