package main

import (
	"bytes"
	"encoding/json"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

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
