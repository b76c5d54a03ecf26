package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

// failYAML makes a *loadError of an error of the YAML parser.
func failYAML(path string, data []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return failLoad(path, 0, 0, "holds nothing but comments")
	}
	line, message := explainYAML(err)
	if at, what := yamlCause(data, max(line, 1), message); what != "" {
		return failLoad(path, at.line, at.column, "bad YAML: %s", what)
	}
	switch {
	case message == "did not find expected key", message == "did not find expected '-' indicator":
		line = firstBadLine(data, message)
	case strings.HasPrefix(message, "did not find expected ',' or "), message == "did not find expected node content":
		line++ // the parser counts the lines of these from 0
	}
	return failLoad(path, line, 0, "bad YAML: %s", message)
}

// explainYAML splits an error of the YAML parser into line and reason. The line
// is 0 if the parser gives none.
func explainYAML(err error) (line int, message string) {
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	return line, strings.TrimPrefix(text, "yaml: ")
}

// firstBadLine returns the line at which the YAML parser first fails with a
// message. For a broken block the parser itself gives the line at which the
// block starts, which may be far above.
func firstBadLine(data []byte, message string) int {
	ends := []int{0}
	for i, b := range data {
		if b == '\n' {
			ends = append(ends, i+1)
		}
	}
	return sort.Search(len(ends), func(n int) bool {
		var doc yaml.Node
		err := yaml.Unmarshal(data[:ends[n]], &doc)
		if err == nil {
			return false
		}
		_, got := explainYAML(err)
		return got == message
	})
}

// A textPlace is a place in a text: a line, and in it a column in characters,
// both from 1.
type textPlace struct{ line, column int }

// placeAt returns the place of a byte.
func placeAt(data []byte, offset int) textPlace {
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	return textPlace{1 + bytes.Count(data[:offset], []byte("\n")), 1 + utf8.RuneCount(data[start:offset])}
}

// yamlCause says what is wrong, and where, in cases in which the YAML parser
// tells only what it makes of them, or no place. The line is that of the
// parser, or one above. It returns "" in all other cases.
func yamlCause(data []byte, line int, message string) (at textPlace, what string) {
	switch {
	case strings.Contains(message, "UTF-8"), message == "invalid Unicode character":
		if i := badUTF8(data); i >= 0 {
			return placeAt(data, i), fmt.Sprintf("byte 0x%02x is not UTF-8", data[i])
		}
	case message == "control characters are not allowed":
		if i := bytes.IndexFunc(data, isControl); i >= 0 {
			r, _ := utf8.DecodeRune(data[i:])
			return placeAt(data, i), fmt.Sprintf("control character %U", r)
		}
	}
	if at, ok := conflictMarker(data); ok {
		return at, "merge conflict marker"
	}
	if strings.Contains(message, "tab character") || message == "found character that cannot start any token" {
		if at, ok := tabIndent(data, line); ok {
			return at, "tab used for indentation; YAML takes only spaces"
		}
	}
	return textPlace{}, ""
}

// badUTF8 returns the offset of the first byte that is no UTF-8, or -1.
func badUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// isControl reports whether r is a control character that YAML does not allow.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85
}

var conflictLine = regexp.MustCompile(`(?m)^(<<<<<<< |\|\|\|\|\|\|\| |=======\r?$|>>>>>>> )`)

// conflictMarker returns the place of the first line that a version control
// system has put between two versions.
func conflictMarker(data []byte) (textPlace, bool) {
	found := conflictLine.FindIndex(data)
	if found == nil {
		return textPlace{}, false
	}
	return placeAt(data, found[0]), true
}

// tabIndent returns the place of the tab that indents the given line or the
// one after it.
func tabIndent(data []byte, line int) (textPlace, bool) {
	lines := bytes.SplitN(data, []byte("\n"), line+2)
	for i := line - 1; i < min(line+1, len(lines)); i++ {
		text := lines[i]
		blank := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
		if column := bytes.IndexByte(blank, '\t'); column >= 0 {
			return textPlace{i + 1, column + 1}, true
		}
	}
	return textPlace{}, false
}
