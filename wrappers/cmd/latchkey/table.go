package main

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// rows returns a value as a table: the items of the first list of objects in it,
// or else its members one below the other.
func rows(node *yaml.Node) [][]string {
	list := objects(node)
	if list == nil {
		return flat(node)
	}
	var head []string
	place := map[string]int{}
	for _, item := range list {
		for i := 0; i+1 < len(item.Content); i += 2 {
			name := item.Content[i].Value
			if _, ok := place[name]; !ok && item.Content[i+1].Kind == yaml.ScalarNode {
				place[name] = len(head)
				head = append(head, name)
			}
		}
	}
	table := [][]string{make([]string, len(head))}
	for i, name := range head {
		table[0][i] = strings.ToUpper(name)
	}
	for _, item := range list {
		row := make([]string, len(head))
		for i := 0; i+1 < len(item.Content); i += 2 {
			if at, ok := place[item.Content[i].Value]; ok {
				row[at] = cell(item.Content[i+1])
			}
		}
		table = append(table, row)
	}
	return table
}

// objects returns the first list of objects in a value, going down level by
// level; nil if there is none.
func objects(node *yaml.Node) []*yaml.Node {
	level := []*yaml.Node{node}
	for range 4 {
		var next []*yaml.Node
		for _, n := range level {
			if n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode {
				return n.Content
			}
			if n.Kind != yaml.MappingNode {
				continue
			}
			for i := 1; i < len(n.Content); i += 2 {
				next = append(next, n.Content[i])
			}
		}
		level = next
	}
	return nil
}

// flat lists the members of an object, and theirs.
func flat(node *yaml.Node) [][]string {
	var table [][]string
	var walk func(name string, n *yaml.Node)
	walk = func(name string, n *yaml.Node) {
		switch {
		case n.Kind == yaml.MappingNode && len(n.Content) > 0:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(strings.TrimPrefix(name+"."+n.Content[i].Value, "."), n.Content[i+1])
			}
		case n.Kind == yaml.SequenceNode && name == "":
			for _, item := range n.Content {
				table = append(table, []string{cell(item)})
			}
		default:
			row := []string{cell(n)}
			if name != "" {
				row = []string{name, cell(n)}
			}
			table = append(table, row)
		}
	}
	walk("", node)
	return table
}

// cell returns a value in one line.
func cell(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		if n.Tag == "!!null" {
			return ""
		}
		return oneLine(n.Value)
	}
	var items []string
	for i, item := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		if text := cell(item); n.Kind == yaml.MappingNode {
			items = append(items, n.Content[i-1].Value+"="+text)
		} else {
			items = append(items, text)
		}
	}
	return strings.Join(items, ",")
}

// oneLine returns a text without line breaks and control characters, cut to what
// a table bears.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	const limit = 80
	if utf8.RuneCountInString(text) > limit {
		text = string([]rune(text)[:limit-1]) + "…"
	}
	return text
}

// columns prints a table whose first row is its head if that is in capitals.
// Numbers stand to the right.
func (s *screen) columns(table [][]string) {
	if len(table) == 0 {
		return
	}
	widths, right := layout(table)
	for n, row := range table {
		var b strings.Builder
		for i, text := range row {
			space := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(text)))
			switch {
			case right[i]:
				b.WriteString(space + text)
			case i < len(row)-1:
				b.WriteString(text + space)
			default:
				b.WriteString(text)
			}
			if i < len(row)-1 {
				b.WriteString("  ")
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if n == 0 && s.colour && line == strings.ToUpper(line) {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		_, _ = io.WriteString(s.w, line+"\n") // the sink remembers what goes wrong
	}
}

// layout returns how wide the columns of a table are, and which of them hold
// numbers only, apart from a head.
func layout(table [][]string) (widths []int, right []bool) {
	widths, right = make([]int, len(table[0])), make([]bool, len(table[0]))
	for n, row := range table {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
			number := text != "" && strings.Trim(text, "0123456789") == ""
			if n <= 1 {
				right[i] = number && n == 1
			}
			right[i] = right[i] && number
		}
	}
	return widths, right
}
