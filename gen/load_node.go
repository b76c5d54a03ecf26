package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"math"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Tags that the YAML parser gives to scalars.
const (
	tagText  = "!!str"
	tagInt   = "!!int"
	tagFloat = "!!float"
	tagBool  = "!!bool"
	tagNull  = "!!null"
	tagMerge = "!!merge"
	tagMap   = "!!map"
	tagList  = "!!seq"
)

// maxNodes bounds the nodes of one document after its aliases are expanded, so
// that a few lines of nested aliases cannot fill the memory.
const maxNodes = 4_000_000

// maxDepth bounds the nesting of one document.
const maxDepth = 1000

// parseNodes reads YAML or JSON into nodes and returns the mapping at the top.
// Aliases and merge keys are expanded. The error is a *loadError: bad syntax,
// more than one document, a key that occurs twice, something else than a
// mapping at the top.
func parseNodes(path string, data []byte) (*yaml.Node, error) {
	root, err := parseTop(path, data)
	if err != nil {
		return nil, err
	}
	x := &expander{path: path, open: map[*yaml.Node]bool{}}
	root, err = x.expand(root, 0)
	if err != nil {
		return nil, err
	}
	if len(x.twice) > 0 {
		return nil, &loadError{tidyFindings(x.twice)}
	}
	if root.Kind != yaml.MappingNode {
		return nil, failLoad(path, root.Line, root.Column, "is not an OpenAPI file: the top is %s, not a mapping", nodeWord(root))
	}
	return root, nil
}

func parseTop(path string, data []byte) (*yaml.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if first := bytes.TrimLeft(data, " \t\r\n"); len(first) > 0 && first[0] == '{' && json.Valid(data) && utf8.Valid(data) {
		return parseJSON(data)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		return nil, failYAML(path, data, err)
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		return nil, failLoad(path, more.Line, more.Column, "holds more than one YAML document")
	case !errors.Is(err, io.EOF):
		return nil, failYAML(path, data, err)
	}
	return doc.Content[0], nil
}

// An expander replaces aliases by what they stand for and merge keys by the
// pairs they add, and notes keys that occur twice.
type expander struct {
	path  string
	count int
	open  map[*yaml.Node]bool // anchors that are being expanded
	twice []finding
}

func (x *expander) expand(n *yaml.Node, depth int) (*yaml.Node, error) {
	x.count++
	if x.count > maxNodes {
		return nil, failLoad(x.path, n.Line, n.Column, "has more than %d nodes once its aliases are expanded", maxNodes)
	}
	if depth > maxDepth {
		return nil, failLoad(x.path, n.Line, n.Column, "is nested more than %d deep", maxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return x.alias(n, depth)
	}
	if n.Kind == yaml.ScalarNode && n.Tag == tagFloat {
		if _, err := jsonScalar(n); err != nil {
			return nil, failLoad(x.path, n.Line, n.Column, "number %s is none that JSON can hold", n.Value)
		}
	}
	for i, child := range n.Content {
		got, err := x.expand(child, depth+1)
		if err != nil {
			return nil, err
		}
		n.Content[i] = got
	}
	if n.Kind == yaml.MappingNode {
		x.merge(n)
		x.noteTwice(n)
	}
	return n, nil
}

func (x *expander) alias(n *yaml.Node, depth int) (*yaml.Node, error) {
	if x.open[n.Alias] {
		return nil, failLoad(x.path, n.Line, n.Column, "alias *%s contains itself", n.Value)
	}
	x.open[n.Alias] = true
	defer delete(x.open, n.Alias)
	return x.expand(n.Alias, depth+1)
}

// merge replaces `<<: mapping` by the pairs of the mapping that n does not have.
func (*expander) merge(n *yaml.Node) {
	var own, added []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Tag != tagMerge:
			own = append(own, key, value)
		case value.Kind == yaml.SequenceNode:
			for _, item := range value.Content {
				added = append(added, item.Content...)
			}
		default:
			added = append(added, value.Content...)
		}
	}
	if added == nil {
		return
	}
	has := map[string]bool{}
	for i := 0; i < len(own); i += 2 {
		has[own[i].Value] = true
	}
	for i := 0; i+1 < len(added); i += 2 {
		if name := added[i].Value; !has[name] {
			has[name] = true
			own = append(own, added[i], added[i+1])
		}
	}
	n.Content = own
}

func (x *expander) noteTwice(n *yaml.Node) {
	if len(n.Content) < 4 {
		return
	}
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for key := range nodePairs(n) {
		if before, ok := first[key.Value]; ok {
			x.twice = append(x.twice, newFinding(x.path, key.Line, key.Column, ruleLoad,
				"key %q occurs twice, first in line %d", key.Value, before.Line))
			continue
		}
		first[key.Value] = key
	}
}

// nodePairs yields the keys and values of a mapping, nothing for any other node.
func nodePairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// nodeItems returns the items of a sequence, nil for any other node.
func nodeItems(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// nodeFieldPair returns key and value of a member of a mapping, nil if it has none
// of that name.
func nodeFieldPair(n *yaml.Node, name string) (key, value *yaml.Node) {
	for k, v := range nodePairs(n) {
		if k.Value == name {
			return k, v
		}
	}
	return nil, nil
}

// nodeField returns the value of a member of a mapping, nil if it has none of that
// name.
func nodeField(n *yaml.Node, name string) *yaml.Node {
	_, value := nodeFieldPair(n, name)
	return value
}

// nodeText returns the value of a scalar, "" for any other node and for null.
func nodeText(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == tagNull {
		return ""
	}
	return n.Value
}

// nodeFieldText returns the text of a member of a mapping, "" if there is none.
func nodeFieldText(n *yaml.Node, name string) string {
	return nodeText(nodeField(n, name))
}

// isNull reports whether n is absent or null.
func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == tagNull
}

// isTrue reports whether n is the truth value true.
func isTrue(n *yaml.Node) bool {
	return n != nil && n.Tag == tagBool && strings.EqualFold(n.Value, "true")
}

// nodeWord names the kind of a node for messages.
func nodeWord(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == tagText:
		return "a text"
	case n.Tag == tagInt, n.Tag == tagFloat:
		return "a number"
	case n.Tag == tagBool:
		return "a truth value"
	case n.Tag == tagNull:
		return "null"
	default:
		return "a value tagged " + n.Tag
	}
}

// errNoJSON is returned for a value that JSON cannot hold.
var errNoJSON = errors.New("not a JSON value")

// jsonValue returns the value of a node as encoding/json would decode it:
// map[string]any, []any, string, float64, bool or nil. Dates stay texts.
func jsonValue(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for key, value := range nodePairs(n) {
			v, err := jsonValue(value)
			if err != nil {
				return nil, err
			}
			m[key.Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			v, err := jsonValue(item)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	default:
		return jsonScalar(n)
	}
}

func jsonScalar(n *yaml.Node) (any, error) {
	switch n.Tag {
	case tagNull:
		return nil, nil
	case tagBool:
		return isTrue(n), nil
	case tagInt, tagFloat:
		var f float64
		if err := n.Decode(&f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, errNoJSON
		}
		return f, nil
	default:
		return n.Value, nil
	}
}
