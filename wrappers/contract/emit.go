package contract

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pairs returns a mapping of names, or nodes, to nodes.
func pairs(entries ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(entries); i += 2 {
		key, ok := entries[i].(*yaml.Node)
		if !ok {
			name, _ := entries[i].(string)
			key = scalarNode(name)
		}
		value, _ := entries[i+1].(*yaml.Node)
		n.Content = append(n.Content, key, value)
	}
	return n
}

// mapping returns a mapping of one name to a text.
func mapping(name, value string) *yaml.Node { return pairs(name, scalarNode(value)) }

// set gives an entry of a mapping a value; it is added at the end.
func set(n *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, scalarNode(name), value)
}

// remove takes an entry out of a mapping.
func remove(n *yaml.Node, name string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return
		}
	}
}

// scalarNode returns a text, in quotes if it needs them, also for programs that
// read YAML 1.1.
func scalarNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off":
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// yes returns the value true.
func yes() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"} }

// clone returns a deep copy of a node without its comments. Folded text gets
// lines of its own, because the encoder would make one of it.
func clone(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	c := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value}
	if n.Style&yaml.FoldedStyle != 0 {
		c.Style, c.Value = yaml.LiteralStyle, wrap(n.Value)
	}
	for _, inner := range n.Content {
		c.Content = append(c.Content, clone(inner))
	}
	return c
}

// encode returns a node as lines of YAML, indented.
func encode(n *yaml.Node, indent int) []string {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return nil // nodes that were made here can be encoded
	}
	prefix := strings.Repeat(" ", indent)
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\n"), "\n") {
		if line != "" {
			line = prefix + line
		}
		lines = append(lines, line)
	}
	return lines
}

// yamlText returns a text as it stands in YAML.
func yamlText(text string) string { return strings.Join(encode(scalarNode(text), 0), " ") }

// wrap breaks text into lines of some 100 bytes, where it has spaces.
func wrap(text string) string {
	var b strings.Builder
	width := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case width == 0:
		case width+len(word) > 100:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
		}
		b.WriteString(word)
		width += len(word) + 1
	}
	return b.String()
}
