package main

import (
	"bytes"
	"encoding/json"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

// redact replaces the secrets in JSON, as the description knows them, and leaves
// all else as it came. It reports whether there were any.
func redact(data []byte, schema *openapi3.SchemaRef) ([]byte, bool) {
	if schema == nil {
		return data, false
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	r := &redactor{in: data, d: d}
	if r.value([]*openapi3.SchemaRef{schema}) != nil || len(r.out) == 0 {
		return data, false
	}
	return append(r.out, data[r.copied:]...), true
}

// A redactor walks through JSON beside its description.
type redactor struct {
	in, out []byte
	d       *json.Decoder
	copied  int64 // of in
}

// value goes over one value that is described by any of some schemas.
func (r *redactor) value(schemas []*openapi3.SchemaRef) error {
	shapes := shapesOf(schemas)
	secret := false
	for _, s := range shapes {
		secret = secret || s.Secret()
	}
	start := r.start()
	token, err := r.d.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	switch {
	case secret:
		if nested {
			if err := r.skip(); err != nil {
				return err
			}
		}
		if token != nil && token != "" {
			r.out = append(append(r.out, r.in[r.copied:start]...), `"[redacted]"`...)
			r.copied = r.d.InputOffset()
		}
		return nil
	case !nested:
		return nil
	case delim == '{':
		return r.object(shapes)
	default:
		return r.list(shapes)
	}
}

// start returns where the next value begins.
func (r *redactor) start() int64 {
	at := r.d.InputOffset()
	for at < int64(len(r.in)) && bytes.IndexByte([]byte(" \t\r\n:,"), r.in[at]) >= 0 {
		at++
	}
	return at
}

func (r *redactor) object(shapes []catalog.Shape) error {
	for r.d.More() {
		token, err := r.d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		var below []*openapi3.SchemaRef
		for _, s := range shapes {
			if property := s.Properties[name]; property != nil {
				below = append(below, property)
			} else if s.Members != nil {
				below = append(below, s.Members)
			}
		}
		if err := r.value(below); err != nil {
			return err
		}
	}
	_, err := r.d.Token()
	return err
}

func (r *redactor) list(shapes []catalog.Shape) error {
	var below []*openapi3.SchemaRef
	for _, s := range shapes {
		if s.Items != nil {
			below = append(below, s.Items)
		}
	}
	for r.d.More() {
		if err := r.value(below); err != nil {
			return err
		}
	}
	_, err := r.d.Token()
	return err
}

// skip goes to the end of a value of which the first bracket was read.
func (r *redactor) skip() error {
	for depth := 1; depth > 0; {
		token, err := r.d.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// shapesOf returns the shapes of schemas and of their alternatives.
func shapesOf(schemas []*openapi3.SchemaRef) []catalog.Shape {
	var shapes []catalog.Shape
	for _, schema := range schemas {
		s := catalog.ShapeOf(schema)
		shapes = append(shapes, s)
		if len(s.OneOf) > 0 {
			shapes = append(shapes, shapesOf(s.OneOf)...)
		}
	}
	return shapes
}
