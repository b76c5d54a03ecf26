package contract

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A document is the text of a description, with what is to be changed in it.
// Parts in flow style, such as {a: b}, are read but not changed.
type document struct {
	root  *yaml.Node
	lines []string
	edits []edit
}

// An edit replaces lines.
type edit struct {
	line   int // of the first that is replaced, from 0; that before which lines are inserted if none is
	remove int // how many are replaced
	column int // of the entry that it is about, from 1
	insert []string
}

func newDocument(text []byte) (*document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	d := &document{lines: strings.SplitAfter(string(text), "\n")}
	if n := len(d.lines); d.lines[n-1] == "" {
		d.lines = d.lines[:n-1]
	} else {
		d.lines[n-1] += "\n"
	}
	if len(root.Content) > 0 {
		d.root = root.Content[0]
	}
	return d, nil
}

// at returns the node that a JSON pointer leads to; nil if there is none.
// References are not followed.
func (d *document) at(pointer string) *yaml.Node {
	value := d.root
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if value == nil {
			return nil
		}
		token = unescape.Replace(token)
		switch value.Kind {
		case yaml.MappingNode:
			_, value = field(value, token)
		case yaml.SequenceNode:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(value.Content) {
				return nil
			}
			value = value.Content[i]
		default:
			return nil
		}
	}
	return value
}

// field returns the entry of a mapping with that name.
func field(mapping *yaml.Node, name string) (key, value *yaml.Node) {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

// editable tells whether a node is a mapping with entries on lines of their own.
func editable(n *yaml.Node) bool {
	return n != nil && n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0
}

// indentOf returns by how many spaces the entries of a mapping are indented.
func indentOf(mapping *yaml.Node) int { return mapping.Content[0].Column - 1 }

// end returns the number of the line after an entry of a mapping in block
// style, from 0.
func (d *document) end(key, value *yaml.Node) int {
	indent := key.Column - 1
	last := key.Line // the line after the key
	for i := key.Line; i < len(d.lines); i++ {
		line := strings.TrimRight(d.lines[i], " \r\n")
		trimmed := strings.TrimLeft(line, " ")
		if trimmed == "" {
			continue
		}
		depth := len(line) - len(trimmed)
		if depth <= indent && trimmed[0] == '#' {
			continue // belongs to what follows, if to anything
		}
		inList := depth == indent && value.Kind == yaml.SequenceNode && strings.HasPrefix(trimmed, "- ")
		if depth <= indent && !inList {
			break
		}
		last = i + 1
	}
	return last
}

// change replaces an entry of a mapping, key included. Without lines it is
// removed, unless it is the first of an item of a list.
func (d *document) change(key, value *yaml.Node, lines ...string) {
	from := key.Line - 1
	if begin := d.lines[from][:key.Column-1]; strings.TrimSpace(begin) != "" { // after the dash of a list
		if len(lines) == 0 {
			return
		}
		lines[0] = begin + strings.TrimLeft(lines[0], " ")
	}
	d.edits = append(d.edits, edit{line: from, remove: d.end(key, value) - from, column: key.Column, insert: lines})
}

// add inserts an entry behind another of the same mapping.
func (d *document) add(key, value *yaml.Node, lines ...string) {
	d.edits = append(d.edits, edit{line: d.end(key, value), column: key.Column, insert: lines})
}

// addBefore inserts an entry in front of another of the same mapping.
func (d *document) addBefore(key *yaml.Node, lines ...string) {
	d.edits = append(d.edits, edit{line: key.Line - 1, column: key.Column, insert: lines})
}

// addLast inserts an entry at the end of a mapping.
func (d *document) addLast(mapping *yaml.Node, lines ...string) {
	n := len(mapping.Content)
	d.add(mapping.Content[n-2], mapping.Content[n-1], lines...)
}

// apply returns the text with all edits, and these as a unified diff.
func (d *document) apply(file string) (result []byte, diff string) {
	edits := merged(d.edits)
	var b strings.Builder
	next := 0
	for _, e := range edits {
		for _, line := range d.lines[next:e.line] {
			b.WriteString(line)
		}
		for _, line := range e.insert {
			b.WriteString(line + "\n")
		}
		next = e.line + e.remove
	}
	for _, line := range d.lines[min(next, len(d.lines)):] {
		b.WriteString(line)
	}
	return []byte(b.String()), unified(d.lines, edits, file)
}

// merged brings edits in order and joins those of the same place: where several
// entries end, what is inserted behind the innermost comes first. An edit within
// lines that an earlier one replaces is left out.
func merged(edits []edit) []edit {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b edit) int {
		return cmp.Or(a.line-b.line, min(a.remove, 1)-min(b.remove, 1), b.column-a.column) // insertions first
	})
	var result []edit
	for _, e := range sorted {
		if n := len(result); n > 0 {
			last := &result[n-1]
			if last.remove == 0 && last.line == e.line {
				last.remove, last.insert = e.remove, slices.Concat(last.insert, e.insert)
				continue
			}
			if last.line+last.remove > e.line {
				continue
			}
		}
		result = append(result, e)
	}
	return result
}
