package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// appendJSON appends the JSON form of a node, which kin-openapi reads much
// faster than YAML. The node holds no aliases and no infinities.
func appendJSON(dst []byte, n *yaml.Node) []byte {
	switch n.Kind {
	case yaml.MappingNode:
		dst = append(dst, '{')
		for key, value := range nodePairs(n) {
			dst = append(appendJSONText(dst, key.Value), ':')
			dst = append(appendJSON(dst, value), ',')
		}
		return append(bytes.TrimSuffix(dst, []byte(",")), '}')
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for _, item := range n.Content {
			dst = append(appendJSON(dst, item), ',')
		}
		return append(bytes.TrimSuffix(dst, []byte(",")), ']')
	default:
		return appendJSONScalar(dst, n)
	}
}

var plainInteger = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

func appendJSONScalar(dst []byte, n *yaml.Node) []byte {
	if n.Tag == tagInt && plainInteger.MatchString(n.Value) {
		return append(dst, n.Value...)
	}
	value, err := jsonScalar(n)
	if err != nil {
		return append(dst, "null"...)
	}
	if text, ok := value.(string); ok {
		return appendJSONText(dst, text)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, text...)
}

// appendJSONText appends a text in quotes.
func appendJSONText(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for i := range len(text) {
		switch b := text[i]; {
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case b < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, b)
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, '"')
}

// parseJSON reads a JSON document into YAML nodes with line and column. The
// YAML parser reads most JSON, but not all escapes of its strings.
func parseJSON(data []byte) (*yaml.Node, error) {
	p := &jsonParser{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), lines: []int{0}}
	p.decoder.UseNumber()
	for i, b := range data {
		if b == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	return p.value()
}

type jsonParser struct {
	data    []byte
	decoder *json.Decoder
	lines   []int // offsets in bytes at which the lines start
}

// value reads the next value and all that is in it.
func (p *jsonParser) value() (*yaml.Node, error) {
	n := p.place()
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		n.Kind, n.Tag = yaml.SequenceNode, tagList
		if t == '{' {
			n.Kind, n.Tag = yaml.MappingNode, tagMap
		}
		return n, p.content(n)
	case string:
		n.Tag, n.Value = tagText, t
	case json.Number:
		n.Tag, n.Value = tagInt, t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = tagFloat
		}
	case bool:
		n.Tag, n.Value = tagBool, "false"
		if t {
			n.Value = "true"
		}
	default:
		n.Tag, n.Value = tagNull, "null"
	}
	return n, nil
}

// content reads keys, values and items up to the closing bracket of n.
func (p *jsonParser) content(n *yaml.Node) error {
	for p.decoder.More() {
		child, err := p.value()
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	_, err := p.decoder.Token()
	return err
}

// place returns a scalar node at the start of the next token.
func (p *jsonParser) place() *yaml.Node {
	offset := int(p.decoder.InputOffset())
	for offset < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[offset]) >= 0 {
		offset++
	}
	line := sort.SearchInts(p.lines, offset+1)
	column := utf8.RuneCount(p.data[p.lines[line-1]:offset]) + 1
	return &yaml.Node{Kind: yaml.ScalarNode, Line: line, Column: column}
}
