package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// An element is one object of the document, at the place where it is written.
// A $ref is an element of its own, without the content of its target.
type element struct {
	kind   kind
	node   *yaml.Node
	key    *yaml.Node // the key it stands under; nil in a list
	name   string     // the text of the key, or the index in a list
	step   string     // the field of the parent that holds it, such as "properties"
	ptr    string     // its JSON pointer, "" for the document
	ref    string     // the text of its $ref; "" if it has none
	parent *element
	kin    any // what kin-openapi made of it, such as *openapi3.SchemaRef; may be nil
	parts  []*element
}

// children returns the parts of the element that one of its fields holds.
func (e *element) children(step string) []*element {
	var found []*element
	for _, part := range e.parts {
		if part.step == step {
			found = append(found, part)
		}
	}
	return found
}

// child returns the part of that name that one of the element's fields holds,
// nil if there is none.
func (e *element) child(step, name string) *element {
	for _, part := range e.parts {
		if part.step == step && part.name == name {
			return part
		}
	}
	return nil
}

// at returns the node whose line and column stand for the element.
func (e *element) at() *yaml.Node {
	if e.key != nil {
		return e.key
	}
	return e.node
}

// field returns a member of the element's mapping, nil if it has none.
func (e *element) field(name string) *yaml.Node { return nodeField(e.node, name) }

// text returns the text of a member of the element, "" if it has none.
func (e *element) text(name string) string { return nodeFieldText(e.node, name) }

// schema returns what kin-openapi made of a schema element, nil for others.
func (e *element) schema() *openapi3.Schema {
	if ref, ok := e.kin.(*openapi3.SchemaRef); ok && ref != nil {
		return ref.Value
	}
	return nil
}

// within returns the element itself or the nearest one around it that is of
// that kind, nil if there is none.
func (e *element) within(k kind) *element {
	for ; e != nil; e = e.parent {
		if e.kind == k {
			return e
		}
	}
	return nil
}

// component reports whether the element is an entry of components.
func (e *element) component() bool {
	return e.parent != nil && e.parent.kind == kindComponents
}

// A defect is a reason not to load a document.
type defect struct {
	at      *yaml.Node
	message string
}

// A tree holds the elements of a document in its order.
type tree struct {
	all     []*element
	byPtr   map[string]*element
	byPlace map[place]*element // by the line and column of key and node
	unknown []unknownField
	defects []defect
	grammar *grammar
}

// A place is a line and column, both counted from 1.
type place struct{ line, column int }

// An unknownField is a field that OpenAPI 3.0 does not have.
type unknownField struct {
	owner *element
	key   *yaml.Node
}

// newTree finds the elements of the document at root. With a document of
// kin-openapi the elements are joined to its objects.
func newTree(root *yaml.Node, doc *openapi3.T) *tree {
	t := &tree{byPtr: map[string]*element{}, byPlace: map[place]*element{}, grammar: newGrammar()}
	top := &element{kind: kindRoot, node: root}
	if doc != nil {
		top.kin = doc
	}
	t.add(top)
	return t
}

// root returns the element of the document itself.
func (t *tree) root() *element { return t.all[0] }

// of returns the elements of a kind that are not a $ref.
func (t *tree) of(k kind) []*element {
	var found []*element
	for _, e := range t.all {
		if e.kind == k && e.ref == "" {
			found = append(found, e)
		}
	}
	return found
}

// operations returns the operations under paths, those of callbacks excepted.
func (t *tree) operations() []*element {
	return slices.DeleteFunc(t.of(kindOperation), func(e *element) bool { return e.parent.parent.kind != kindPaths })
}

func (t *tree) add(e *element) {
	if e.node.Kind != yaml.MappingNode {
		if e.kind != kindPathItem || !isNull(e.node) {
			t.defect(e.at(), "%s must be a mapping, not %s", e.kind, nodeWord(e.node))
		}
		return
	}
	if (e.kind == kindParameter || e.kind == kindHeader) && e.field("schema") != nil && e.field("content") != nil {
		t.defect(e.at(), "%s has both schema and content", e.kind)
	}
	t.all = append(t.all, e)
	if e.parent != nil {
		e.parent.parts = append(e.parent.parts, e)
	}
	t.byPtr[e.ptr] = e
	for _, n := range []*yaml.Node{e.node, e.at()} {
		if _, ok := t.byPlace[place{n.Line, n.Column}]; !ok || n == e.key {
			t.byPlace[place{n.Line, n.Column}] = e
		}
	}
	if ref := e.field("$ref"); ref != nil && ref.Tag == tagText {
		if _, ok := t.grammar.refs[e.kind]; ok {
			e.ref = ref.Value
			return
		}
	}
	for key, value := range nodePairs(e.node) {
		t.addField(e, key, value)
	}
}

func (t *tree) addField(e *element, key, value *yaml.Node) {
	name := key.Value
	if strings.HasPrefix(name, "x-") {
		return
	}
	form, named := t.grammar.fields[e.kind][name]
	other, ok := t.grammar.others[e.kind]
	switch {
	case named && isNull(value):
		return
	case !named && !ok:
		t.unknown = append(t.unknown, unknownField{e, key})
		return
	case !named:
		t.addParts(e, other, key, value)
		return
	}
	if want := form.shape.fault(value); want != "" {
		t.defect(key, "%q in the %s must be %s, not %s", name, e.kind, want, nodeWord(value))
		return
	}
	t.addParts(e, form, key, value)
}

// addParts adds the elements that the value of a field holds.
func (t *tree) addParts(e *element, form member, key, value *yaml.Node) {
	name := key.Value
	ptr := e.ptr + "/" + escapePointer(name)
	switch {
	case form.shape == shapeObject || form.shape == shapeOrBool && value.Kind == yaml.MappingNode:
		t.add(&element{kind: form.kind, node: value, key: key, name: name, step: name, ptr: ptr, parent: e, kin: kinChild(e.kin, name, name, 0)})
	case form.shape == shapeObjects:
		for i, item := range value.Content {
			index := strconv.Itoa(i)
			t.add(&element{
				kind: form.kind, node: item, name: index, step: name, ptr: ptr + "/" + index, parent: e, kin: kinChild(e.kin, name, "", i),
			})
		}
	case form.shape == shapeNamed:
		for k, v := range nodePairs(value) {
			t.add(&element{
				kind: form.kind, node: v, key: k, name: k.Value, step: name, ptr: ptr + "/" + escapePointer(k.Value), parent: e,
				kin: kinChild(e.kin, name, k.Value, 0),
			})
		}
	}
}

func (t *tree) defect(at *yaml.Node, format string, args ...any) {
	t.defects = append(t.defects, defect{at, fmt.Sprintf(format, args...)})
}

// fault returns what a value should have been, "" if it is right.
func (s shape) fault(n *yaml.Node) string {
	ok := true
	want := ""
	switch s {
	case shapeAny:
	case shapeOrBool:
		ok, want = n.Kind == yaml.MappingNode || n.Tag == tagBool, "a mapping, true or false"
	case shapeText:
		ok, want = n.Kind == yaml.ScalarNode && n.Tag != tagInt && n.Tag != tagFloat && n.Tag != tagBool, "a text"
	case shapeBool:
		ok, want = n.Tag == tagBool, "true or false"
	case shapeNumber:
		ok, want = n.Tag == tagInt || n.Tag == tagFloat, "a number"
	case shapeTexts:
		ok, want = n.Kind == yaml.SequenceNode && !slices.ContainsFunc(n.Content, func(item *yaml.Node) bool {
			return shapeText.fault(item) != ""
		}), "a list of texts"
	case shapeList, shapeObjects:
		ok, want = n.Kind == yaml.SequenceNode, "a list"
	case shapeMap, shapeObject, shapeNamed:
		ok, want = n.Kind == yaml.MappingNode, "a mapping"
	}
	if ok {
		return ""
	}
	return want
}

// escapePointer escapes a name for a JSON pointer (RFC 6901).
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// unescapePointer is the inverse of [escapePointer].
func unescapePointer(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// refPointer returns the JSON pointer of a local $ref. It is not ok if the ref
// leaves the document.
func refPointer(ref string) (ptr string, ok bool) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return "", false
	}
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	return fragment, true
}

// maxHops bounds how many refs in a row are followed.
const maxHops = 100

// lookup returns the element at a pointer, following refs on the way to it but
// not at it. It returns nil if there is none.
func (t *tree) lookup(ptr string, hops int) *element {
	if e, ok := t.byPtr[ptr]; ok || hops > maxHops {
		return e
	}
	for cut := strings.LastIndexByte(ptr, '/'); cut > 0; cut = strings.LastIndexByte(ptr[:cut], '/') {
		e, ok := t.byPtr[ptr[:cut]]
		if !ok {
			continue
		}
		if next, local := refPointer(e.ref); local {
			return t.lookup(next+ptr[cut:], hops+1)
		}
		return nil
	}
	return nil
}

// resolve follows the refs of an element to one that is not a ref. It returns
// the element itself if it has none, and nil if they lead nowhere or in a loop.
func (t *tree) resolve(e *element) *element {
	for range maxHops {
		if e == nil || e.ref == "" {
			return e
		}
		e = t.next(e)
	}
	return nil
}

// find returns the innermost element whose key or value starts at a place, else
// the document.
func (t *tree) find(line, column int) *element {
	if e, ok := t.byPlace[place{line, column}]; ok {
		return e
	}
	return t.root()
}

// around returns the innermost element that a pointer leads to or into.
func (t *tree) around(ptr string) *element {
	for {
		if e, ok := t.byPtr[ptr]; ok {
			return e
		}
		ptr = ptr[:max(strings.LastIndexByte(ptr, '/'), 0)]
	}
}

// locate returns the node that a JSON pointer leads to, or as far as it leads:
// the key where there is one.
func locate(root *yaml.Node, ptr string) *yaml.Node {
	at, n := root, root
	for token := range strings.SplitSeq(strings.TrimPrefix(ptr, "/"), "/") {
		name := unescapePointer(token)
		if n.Kind == yaml.SequenceNode {
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(n.Content) {
				return at
			}
			n = n.Content[i]
			at = n
			continue
		}
		key, value := nodeFieldPair(n, name)
		if key == nil {
			return at
		}
		at, n = key, value
	}
	return at
}
