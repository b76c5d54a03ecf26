package main

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// outputs returns the forms that an answer can be printed in.
func outputs() []string { return []string{"json", "yaml", "table", "raw"} }

// value prints one JSON value.
func (s *screen) value(data []byte, form string) error {
	var b bytes.Buffer
	switch form {
	case "raw":
		b.Write(data)
	case "yaml":
		node, err := tree(data)
		if err != nil {
			return err
		}
		encoder := yaml.NewEncoder(&b)
		encoder.SetIndent(2)
		if err := encoder.Encode(node); err != nil {
			return err
		}
	case "table":
		node, err := tree(data)
		if err != nil {
			return err
		}
		s.columns(rows(node))
		return nil
	default:
		if err := json.Indent(&b, bytes.TrimSpace(data), "", "  "); err != nil {
			return err
		}
		text := b.Bytes()
		if s.terminal {
			text = s.safe(text)
		}
		if s.colour {
			text = coloured(text)
		}
		_, err := s.w.Write(append(text, '\n'))
		return err
	}
	_, err := s.w.Write(b.Bytes())
	return err
}

// json prints a value of our own.
func (s *screen) json(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.value(data, "json")
}
