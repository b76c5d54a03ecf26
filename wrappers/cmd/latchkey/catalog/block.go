package catalog

import "strings"

// A block is an entry of a mapping in block style: a key and what is indented
// below it.
type block struct {
	name     string
	from, to int // lines; the key is on the first
}

// blocks returns the entries within parent whose keys are indented by indent
// spaces.
func blocks(lines []string, parent block, indent int) []block {
	var found []block
	for i := parent.from; i < parent.to; i++ {
		name, ok := key(lines[i], indent)
		if !ok {
			continue
		}
		if n := len(found); n > 0 {
			found[n-1].to = i
		}
		found = append(found, block{name: name, from: i, to: parent.to})
	}
	return found
}

// key returns the key that a line begins with after indent spaces.
func key(line string, indent int) (string, bool) {
	if len(line) <= indent || strings.TrimLeft(line[:indent], " ") != "" {
		return "", false
	}
	text := line[indent:]
	switch text[0] {
	case ' ', '#', '-', '\n', '\r', '}', ']':
		return "", false
	case '"', '\'':
		name, rest, ok := strings.Cut(text[1:], text[:1])
		return name, ok && strings.HasPrefix(rest, ":")
	}
	if name, _, ok := strings.Cut(text, ": "); ok {
		return name, true
	}
	return strings.CutSuffix(strings.TrimRight(text, " \r\n"), ":")
}

// section returns an entry at the top of the description; it is empty if there
// is none.
func (s *Spec) section(name string) block { return named(s.root, name) }

func named(list []block, name string) block {
	for _, b := range list {
		if b.name == name {
			return b
		}
	}
	return block{}
}

// write copies the lines of a block.
func (s *Spec) write(b *strings.Builder, from block) {
	for _, line := range s.lines[from.from:from.to] {
		b.WriteString(line)
	}
}
