package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// checkRequired reports names in required that are no property of the schema,
// of what it is composed of, or of what it is a part of.
func checkRequired(c *check) {
	for _, e := range c.tree.of(kindSchema) {
		names := nodeItems(e.field("required"))
		if len(names) == 0 {
			continue
		}
		known := map[string]bool{}
		c.addProperties(outermost(e), known, map[*element]bool{})
		listed := map[string]bool{}
		for _, name := range names {
			switch {
			case listed[name.Value]:
				c.report(e, name, "required names %q twice", name.Value)
			case !known[name.Value]:
				c.report(e, name, "required names %q, which is no property of this schema", name.Value)
			}
			listed[name.Value] = true
		}
	}
}

// outermost returns the schema that e is a part of by allOf, anyOf, oneOf or
// not, or e itself.
func outermost(e *element) *element {
	for composes(e.step) && e.parent.kind == kindSchema {
		e = e.parent
	}
	return e
}

// addProperties adds the names of the properties that a schema describes,
// itself or by composition.
func (c *check) addProperties(e *element, names map[string]bool, seen map[*element]bool) {
	e = c.tree.resolve(e)
	if e == nil || seen[e] {
		return
	}
	seen[e] = true
	for _, part := range e.parts {
		if part.step == "properties" {
			names[part.name] = true
		} else if composes(part.step) {
			c.addProperties(part, names, seen)
		}
	}
}

// property returns the element that describes a property of a schema, itself or
// by allOf, or in all ways in which it may be composed; nil if there is none.
func (c *check) property(e *element, name string) *element {
	return c.propertyIn(e, name, map[*element]bool{})
}

func (c *check) propertyIn(e *element, name string, seen map[*element]bool) *element {
	e = c.tree.resolve(e)
	if e == nil || seen[e] {
		return nil
	}
	seen[e] = true
	if p := e.child("properties", name); p != nil {
		return p
	}
	for _, part := range e.parts {
		if composes(part.step) && part.step != "not" {
			if p := c.propertyIn(part, name, seen); p != nil {
				return p
			}
		}
	}
	return nil
}

// checkEnums reports values of enum of another type than the schema's, and
// values that stand there twice.
func checkEnums(c *check) {
	for _, e := range c.tree.of(kindSchema) {
		want := e.text("type")
		nullable := isTrue(e.field("nullable"))
		seen := map[string]bool{}
		for _, v := range nodeItems(e.field("enum")) {
			if want != "" && !hasType(v, want) && (!nullable || !isNull(v)) {
				c.report(e, v, "%s in enum of a schema of type %s", nodeWord(v), want)
			}
			if id := valueID(v); seen[id] {
				c.report(e, v, "value stands twice in enum")
			} else {
				seen[id] = true
			}
		}
	}
}

// hasType reports whether a value is of a type of OpenAPI.
func hasType(v *yaml.Node, want string) bool {
	switch want {
	case "array":
		return v.Kind == yaml.SequenceNode
	case "object":
		return v.Kind == yaml.MappingNode
	case "boolean":
		return v.Tag == tagBool
	case "number":
		return v.Tag == tagInt || v.Tag == tagFloat
	case "integer":
		f, err := strconv.ParseFloat(v.Value, 64)
		return v.Tag == tagInt || v.Tag == tagFloat && err == nil && f == float64(int64(f))
	default:
		return v.Kind == yaml.ScalarNode && shapeText.fault(v) == "" && !isNull(v)
	}
}

// valueID is the same text for equal values only.
func valueID(v *yaml.Node) string {
	value, err := jsonValue(v)
	if err != nil {
		return v.Value
	}
	text, err := json.Marshal(value)
	if err != nil {
		return v.Value
	}
	return string(text)
}

// checkFormats reports formats that readers do not know or that do not fit the
// type. Our own specs use few, those that the generator maps.
func checkFormats(c *check) {
	known := registeredFormats()
	if c.house {
		known = houseFormats()
	}
	for _, e := range c.tree.of(kindSchema) {
		key, value := nodeFieldPair(e.node, "format")
		if key == nil || isNull(value) {
			continue
		}
		types, ok := known[value.Value]
		typ := e.text("type")
		switch {
		case !ok:
			c.report(e, key, "format %q is not one of the known formats", value.Value)
		case typ != "" && !slices.Contains(strings.Fields(types), typ):
			c.report(e, key, "format %q is for type %s, not %s", value.Value, strings.ReplaceAll(types, " ", " or "), typ)
		case c.house && (value.Value == "uuid" || value.Value == "date") && c.inAnswers(e):
			c.report(e, key, "format %q is not used in answers: one empty or odd value would make the whole answer unreadable", value.Value)
		}
	}
}

// houseFormats returns the formats of our own specs and the types they are for.
func houseFormats() map[string]string {
	return map[string]string{
		"int32": "integer", "int64": "integer", "unix-time": "integer", "double": "number",
		"password": "string", "email": "string", "uri": "string", "date-time": "string", "byte": "string", "binary": "string",
		"uuid": "string", "date": "string", "proto-time": "object",
	}
}

// registeredFormats returns the formats of OpenAPI 3.0 and of the OpenAPI format
// registry, and the types they are for.
func registeredFormats() map[string]string {
	formats := map[string]string{
		"int8": "integer number", "int16": "integer number", "int32": "integer number", "int64": "integer number string",
		"uint8": "integer number", "uint16": "integer number", "uint32": "integer number", "uint64": "integer number string",
		"double-int": "integer number", "float": "number", "double": "number", "decimal": "number string", "decimal128": "number string",
		"unixtime": "integer number",
	}
	for _, name := range []string{
		"base64url", "binary", "byte", "char", "commonmark", "date", "date-time", "date-time-local", "duration", "email", "hostname", "html",
		"http-date", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri", "iri-reference", "json-pointer", "media-range", "password", "regex",
		"relative-json-pointer", "time", "time-local", "uri", "uri-reference", "uri-template", "uuid",
	} {
		formats[name] = "string"
	}
	return formats
}
