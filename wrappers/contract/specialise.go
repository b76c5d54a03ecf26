package contract

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// answer returns the pointer to the response of the operation that the finding
// is about, as far as the operation goes.
func (f *Finding) answer() string {
	return join("/paths", f.Path, strings.ToLower(f.Method), "responses", fmt.Sprint(f.Status))
}

// response returns the entry of an operation for a status.
func (w *patcher) response(f *Finding) *yaml.Node {
	exact := fmt.Sprint(f.Status)
	for _, code := range []string{exact, exact[:1] + "XX", "default"} {
		if value := w.doc.at(join("/paths", f.Path, strings.ToLower(f.Method), "responses", code)); value != nil {
			return value
		}
	}
	return nil
}

// references counts how often a component is referred to.
func (w *patcher) references(ref string) int {
	n := 0
	var visit func(*yaml.Node)
	visit = func(at *yaml.Node) {
		if _, target := field(at, "$ref"); target != nil && target.Value == ref {
			n++
		}
		for _, inner := range at.Content {
			visit(inner)
		}
	}
	visit(w.doc.root)
	return n
}

// shared tells whether a part of the way from the operation to the object of a
// finding is used elsewhere, too, so that the object cannot be described for
// this operation alone.
func (w *patcher) shared(f *Finding) bool {
	at := w.response(f)
	shared := false
	follow := func(n *yaml.Node) *yaml.Node {
		for range maxAllOf {
			_, ref := field(n, "$ref")
			if ref == nil {
				break
			}
			shared = shared || w.references(ref.Value) > 1
			n = w.doc.at(strings.TrimPrefix(ref.Value, "#"))
		}
		return n
	}
	at = follow(bodySchema(follow(at)))
	for _, step := range f.steps[:f.base] {
		at = follow(inside(at, step))
	}
	return shared
}

// bodySchema returns the schema of the JSON body of a response.
func bodySchema(response *yaml.Node) *yaml.Node {
	_, content := field(response, "content")
	if content == nil {
		return nil
	}
	for i := 0; i+1 < len(content.Content); i += 2 {
		if isJSON(content.Content[i].Value) {
			_, schema := field(content.Content[i+1], "schema")
			return schema
		}
	}
	return nil
}

// inside returns the schema of a member or of the items, of a schema that is no
// reference; nil if it is not simply there.
func inside(schema *yaml.Node, step string) *yaml.Node {
	name := "items"
	if step == stepAny {
		name = "additionalProperties"
	}
	if step != stepItem && step != stepAny {
		_, schema = field(schema, "properties")
		name = step
	}
	_, inner := field(schema, name)
	if _, all := field(inner, "allOf"); all != nil && len(all.Content) == 1 {
		return all.Content[0]
	}
	return inner
}

// specialise gives an operation an answer of its own, in which objects have the
// members that were seen.
func (w *patcher) specialise(answer string, own gaps) {
	first := own[sortedKeys(own)[0]].first
	value := w.response(&first)
	key, target := field(value, "$ref")
	response := value // as it will be
	if target != nil {
		response = w.doc.at(strings.TrimPrefix(target.Value, "#"))
	} else {
		key, target = field(bodySchema(value), "$ref")
	}
	before := len(w.components)
	response = clone(response)
	schema := bodySchema(response)
	if key == nil || schema == nil || !w.copySchema(schema, nil, own, w.name(first.Operation, "Answer")) {
		w.components = w.components[:before]
		for _, where := range sortedKeys(own) {
			w.note("%s: %s lacks %s, which %s does not have for all", answer, where, strings.Join(sortedKeys(own[where].tree.members), ", "), own[where].pointer)
		}
		return
	}
	if _, ref := field(value, "$ref"); ref == nil {
		response = schema
	}
	w.doc.change(key, target, encode(response, key.Column-1)...)
}

// copySchema lets a reference lead to a copy of its component, which describes
// the object at a path, with the members that it lacked, and goes on inside
// where more are lacking.
func (w *patcher) copySchema(ref *yaml.Node, at path, own gaps, name string) bool {
	_, target := field(ref, "$ref")
	if target == nil {
		return false
	}
	component := w.doc.at(strings.TrimPrefix(target.Value, "#"))
	if component == nil || component.Kind != yaml.MappingNode {
		return false
	}
	schema := clone(component)
	target.Value = "#/components/schemas/" + name
	w.components = append(w.components, scalarNode(name), schema)
	remove(schema, "x-reason")
	w.observed(schema)
	if g := own[at.String()]; g != nil {
		if _, listed := field(schema, "properties"); g.first.Open && listed == nil {
			remove(schema, "additionalProperties")
			set(schema, "description", scalarNode("Seen in traffic, not documented."))
		}
		w.describe(schema, g.tree, strings.TrimSuffix(name, "Answer"))
	}
	for _, step := range own.next(at) {
		inner := inside(schema, step)
		if inner == nil || !w.copySchema(inner, at.step(step), own, w.name(strings.TrimSuffix(name, "Answer"), step)) {
			return false
		}
	}
	return true
}

// next returns the steps that lead from a path to gaps further inside.
func (g gaps) next(at path) []string {
	steps := map[string]bool{}
	for _, gap := range g {
		if len(gap.steps) > len(at) && slices.Equal(gap.steps[:len(at)], at) {
			steps[gap.steps[len(at)]] = true
		}
	}
	return sortedKeys(steps)
}
