package main

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxWidth is the length in characters of the longest line of our own specs.
const maxWidth = 140

// checkLayout reports lines that are too long, end in blanks, hold tabs or end
// in CR LF, and a last line without an end.
func checkLayout(c *check) {
	number := 0
	for line := range bytes.Lines(c.data) {
		number++
		text := strings.TrimSuffix(string(line), "\n")
		if len(text) == len(line) {
			c.reportLine(number, text, "last line has no line end")
		}
		body := strings.TrimSuffix(text, "\r")
		switch {
		case body != text:
			c.reportLine(number, body, "line ends in CR LF")
		case strings.TrimRight(body, " \t") != body:
			c.reportLine(number, body, "line ends in blanks")
		case strings.Contains(body, "\t"):
			c.reportLine(number, body, "line holds a tab")
		case utf8.RuneCountInString(body) > maxWidth:
			c.reportLine(number, body, "line has more than 140 characters")
		}
	}
}

// reportLine reports a line of the file. An x-allow counts if it belongs to the
// last object that starts at or before the line, or to one around it.
func (c *check) reportLine(number int, text, message string) {
	owner := c.tree.root()
	for _, e := range c.tree.all {
		if e.at().Line > number {
			break
		}
		owner = e
	}
	c.report(owner, &yaml.Node{Line: number, Column: utf8.RuneCountInString(strings.TrimRight(text, " \t")) + 1}, "%s", message)
}
