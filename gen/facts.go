package main

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// facts says of the parts of a description how certain they are and where they
// come from, in the words of a doc comment.
type facts struct {
	file    certainty
	sources map[string]string // id to title and edition
}

// A certainty is a level with the reason for an inference. It is inherited:
// property from schema from operation from file.
type certainty struct {
	level, reason string
}

// readFacts reads the extensions at the root of a description.
func readFacts(doc *openapi3.T) *facts {
	f := &facts{file: certaintyOf(doc.Extensions, certainty{}), sources: map[string]string{}}
	list, _ := doc.Extensions["x-sources"].([]any)
	for _, entry := range list {
		source, _ := entry.(map[string]any)
		id, _ := source["id"].(string)
		title, _ := source["title"].(string)
		if edition, _ := source["edition"].(string); edition != "" && edition != "unknown" {
			title += ", " + edition
		}
		f.sources[id] = title
	}
	return f
}

// certaintyOf returns what extensions say, or else what is inherited.
func certaintyOf(extensions map[string]any, inherited certainty) certainty {
	level, ok := extensions["x-certainty"].(string)
	if !ok {
		return inherited
	}
	reason, _ := extensions["x-reason"].(string)
	return certainty{level, reason}
}

// String returns one sentence, such as "Inferred: the name says so.", or
// nothing if nothing is said.
func (c certainty) String() string {
	if c.level == "" {
		return ""
	}
	word := strings.ToUpper(c.level[:1]) + c.level[1:]
	if c.reason == "" {
		return word + "."
	}
	return word + ": " + strings.TrimSuffix(strings.TrimSpace(c.reason), ".") + "."
}

// source returns the documents that extensions name, or "".
func (f *facts) source(extensions map[string]any) string {
	ids, _ := extensions["x-source"].([]any)
	var names []string
	for _, entry := range ids {
		id := fmt.Sprint(entry)
		if title := f.sources[id]; title != "" {
			id = fmt.Sprintf("%s (%s)", id, title)
		}
		names = append(names, id)
	}
	if len(names) == 0 {
		return ""
	}
	return "Source: " + strings.Join(names, "; ") + "."
}

// comment returns paragraphs as a Go comment, wrapped, without empty ones.
func comment(indent string, paragraphs ...string) string {
	var lines []string
	for _, paragraph := range paragraphs {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		for _, part := range joinLines(paragraph) {
			lines = append(lines, wrap(part, 100-len(indent))...)
		}
	}
	for i, text := range lines {
		lines[i] = strings.TrimRight(indent+"// "+text, " ")
	}
	return strings.Join(lines, "\n")
}

// joinLines undoes the line breaks inside the paragraphs of text. Lines that
// are empty, indented or begin a list stand for themselves.
func joinLines(text string) []string {
	var lines []string
	apart := true
	for line := range strings.SplitSeq(text, "\n") {
		alone := strings.TrimSpace(line) == "" || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		if alone || apart || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") {
			lines = append(lines, line)
		} else {
			lines[len(lines)-1] += " " + line
		}
		apart = alone
	}
	return lines
}

// wrap breaks text into lines of at most width bytes, where it has spaces.
// Lines that are indented or begin a list stay as they are.
func wrap(text string, width int) []string {
	text = strings.TrimRight(strings.Map(printable, text), " ")
	if strings.HasPrefix(text, "  ") || strings.HasPrefix(text, "\t") {
		return []string{text}
	}
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(text) {
		if current != "" && len(current)+1+len(word) > width {
			lines = append(lines, current)
			current = ""
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	return append(lines, current)
}

// printable drops control characters, which must not get into source code.
func printable(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f || r == '\u2028' || r == '\u2029' {
		return -1
	}
	return r
}

// sentence returns text with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?:") {
		return text
	}
	return text + "."
}

// firstSentence returns the beginning of text up to the first full stop.
func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return sentence(text)
}
