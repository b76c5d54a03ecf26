package contract

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// seen is what was seen of a value that the description does not mention.
type seen struct {
	types   types
	members map[string]*seen
	items   *seen
}

// insert adds the types at a path below.
func (s *seen) insert(steps path, set types) {
	if len(steps) == 0 {
		s.types |= set
		return
	}
	s.child(steps[0]).insert(steps[1:], set)
}

func (s *seen) child(step string) *seen {
	if step == stepItem {
		if s.items == nil {
			s.items = &seen{}
		}
		return s.items
	}
	if s.members == nil {
		s.members = make(map[string]*seen)
	}
	if s.members[step] == nil {
		s.members[step] = &seen{}
	}
	return s.members[step]
}

// A gap is an object of which the description lacks members.
type gap struct {
	pointer string // of its schema
	steps   path   // to it
	first   Finding
	tree    *seen
}

// gaps are kept by the pointer of the schema, or by the path in the answer.
type gaps map[string]*gap

func (g gaps) add(key string, f *Finding) {
	if g[key] == nil {
		g[key] = &gap{pointer: f.Pointer, steps: f.steps[:f.base], first: *f, tree: &seen{types: object}}
	}
	g[key].tree.insert(f.steps[f.base:], f.types)
}

// patchUnknown adds the members that are not described: to the schema of the
// object, or, where that is of free form and not only for this operation, to a
// copy for the operation.
func (w *patcher) patchUnknown() {
	special := map[string][]path{} // objects of free form, by answer
	var list []Finding
	for _, f := range w.of(UnknownProperty) {
		if f.statusUnknown() {
			continue // see patchStatuses
		}
		list = append(list, f)
		if f.Open && w.shared(&f) {
			special[f.answer()] = append(special[f.answer()], f.steps[:f.base])
		}
	}
	common, own := gaps{}, map[string]gaps{}
	for _, f := range list {
		answer := f.answer()
		onTheWay := slices.ContainsFunc(special[answer], func(way path) bool {
			return len(way) >= f.base && slices.Equal(way[:f.base], f.steps[:f.base])
		})
		if !onTheWay {
			common.add(f.Pointer, &f)
			continue
		}
		if own[answer] == nil {
			own[answer] = gaps{}
		}
		own[answer].add(f.steps[:f.base].String(), &f)
	}
	for _, pointer := range sortedKeys(common) {
		w.extend(common[pointer])
	}
	for _, answer := range sortedKeys(own) {
		w.specialise(answer, own[answer])
	}
}

// statusUnknown tells whether the whole answer is not described.
func (f *Finding) statusUnknown() bool { return strings.HasSuffix(f.Pointer, "/responses") }

// extend adds members to the properties of a schema.
func (w *patcher) extend(g *gap) {
	schema := w.doc.at(g.pointer)
	if !editable(schema) {
		w.note("%s: lacks %s", g.pointer, strings.Join(sortedKeys(g.tree.members), ", "))
		return
	}
	added := w.properties(g.tree, w.owner(g), true)
	if g.tree.members[stepAny] != nil {
		w.note("%s: has members whose names look like values", g.pointer)
	}
	if len(added.Content) == 0 {
		return
	}
	switch _, listed := field(schema, "properties"); {
	case listed == nil:
		w.doc.addLast(schema, encode(pairs("properties", added), indentOf(schema))...)
	case editable(listed):
		w.doc.addLast(listed, encode(added, indentOf(listed))...)
	default:
		w.note("%s: lacks %s", g.pointer, strings.Join(sortedKeys(g.tree.members), ", "))
	}
}

// owner returns the name that new schemas of a gap begin with: that of the
// component, else that of the operation.
func (w *patcher) owner(g *gap) string {
	if name, ok := strings.CutPrefix(g.pointer, "/components/schemas/"); ok {
		name, _, _ = strings.Cut(name, "/")
		return name
	}
	return upperCamel(g.first.Operation)
}

// properties returns descriptions of members. Each says where it comes from
// unless the schema around it does.
func (w *patcher) properties(tree *seen, owner string, alone bool) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range sortedKeys(tree.members) {
		if name == stepAny {
			continue
		}
		schema := w.property(tree.members[name], owner, name)
		if alone {
			w.observed(schema)
		}
		n.Content = append(n.Content, scalarNode(name), schema)
	}
	return n
}

// property returns the schema of a member, with words of its own.
func (w *patcher) property(s *seen, owner, name string) *yaml.Node {
	schema := w.schema(s, owner+upperCamel(name))
	if _, ref := field(schema, "$ref"); ref != nil {
		schema = pairs("allOf", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{schema}})
	}
	if _, kind := field(schema, "type"); kind != nil && kind.Value == "string" && secretName(name) {
		set(schema, "format", scalarNode("password"))
	}
	if s.types&null != 0 {
		set(schema, "nullable", yes())
	}
	set(schema, "description", scalarNode("Seen in traffic, not documented."))
	return schema
}

// secretName tells whether a member holds a secret, by its name.
func secretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"password", "secret", "token", "apikey", "api_key", "session_id", "sessionid"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}
