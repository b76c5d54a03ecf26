package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

// parseValue reads the text of an argument as the description says: a number, a
// list, an object, or the text itself.
func parseValue(schema *openapi3.SchemaRef, text string) (any, error) {
	shape := catalog.ShapeOf(schema)
	if text == "null" && shape.Nullable {
		return nil, nil
	}
	if len(shape.OneOf) > 0 && shape.Type == "" {
		return parseOneOf(shape, text)
	}
	switch shape.Type {
	case openapi3.TypeString:
		return text, nil
	case openapi3.TypeInteger, openapi3.TypeNumber:
		return parseNumber(shape.Type, text)
	case openapi3.TypeBoolean:
		if text != "true" && text != "false" {
			return nil, errors.New("must be true or false")
		}
		return text == "true", nil
	case openapi3.TypeArray:
		return parseList(shape, text)
	case openapi3.TypeObject:
		value, err := decodeJSON([]byte(text))
		if _, ok := value.(map[string]any); err != nil || !ok {
			return nil, errors.New("must be an object in JSON")
		}
		return value, nil
	default: // nothing is described
		if value, err := decodeJSON([]byte(text)); err == nil {
			return value, nil
		}
		return text, nil
	}
}

func parseNumber(kind, text string) (any, error) {
	value, err := decodeJSON([]byte(text))
	number, ok := value.(json.Number)
	if err == nil && ok && kind == openapi3.TypeInteger {
		_, err = number.Int64()
	}
	if err != nil || !ok {
		return nil, fmt.Errorf("must be %s", map[string]string{openapi3.TypeInteger: "an integer", openapi3.TypeNumber: "a number"}[kind])
	}
	return number, nil
}

// parseList reads a list in JSON, or items with commas between them.
func parseList(shape catalog.Shape, text string) (any, error) {
	if strings.HasPrefix(text, "[") {
		value, err := decodeJSON([]byte(text))
		if list, ok := value.([]any); err == nil && ok {
			return list, nil
		}
		return nil, errors.New("must be a list in JSON, or items with commas between them")
	}
	list := []any{}
	if text == "" {
		return list, nil
	}
	for item := range strings.SplitSeq(text, ",") {
		value, err := parseValue(shape.Items, item)
		if err != nil {
			return nil, fmt.Errorf("each item %w", err)
		}
		list = append(list, value)
	}
	return list, nil
}

// parseOneOf reads a text as the first alternative that allows it.
func parseOneOf(shape catalog.Shape, text string) (any, error) {
	for _, alternative := range shape.OneOf {
		value, err := parseValue(alternative, text)
		if err == nil && alternative.Value.VisitJSON(value) == nil {
			return value, nil
		}
	}
	return nil, fmt.Errorf("must be %s", shape)
}

// check compares the request with the description and returns what differs. No
// value is in the texts.
func (r *request) check() []string {
	var faults []string
	for _, ref := range r.op.Parameters {
		p := ref.Value
		value, ok := r.values[p.In+" "+p.Name]
		switch {
		case !ok && p.Required:
			faults = append(faults, fmt.Sprintf("%s (%s) is required", p.Name, p.In))
		case ok && p.Schema != nil:
			faults = append(faults, schemaFaults(p.Name, p.Schema.Value.VisitJSON(value, openapi3.VisitAsRequest(), openapi3.MultiErrors()))...)
		}
	}
	if err := r.checkPath(); err != nil && len(faults) == 0 {
		faults = append(faults, err.Error())
	}
	_, media := r.op.Body()
	if !r.hasBody || media == nil || media.Schema == nil {
		return faults
	}
	faults = append(faults, unknownMembers("", media.Schema, r.body)...)
	return append(faults, schemaFaults("", media.Schema.Value.VisitJSON(r.body, openapi3.VisitAsRequest(), openapi3.MultiErrors()))...)
}

// checkPath reports a value that cannot stand in a path.
func (r *request) checkPath() error {
	for _, ref := range r.op.Parameters {
		if ref.Value.In != openapi3.ParameterInPath {
			continue
		}
		value, ok := r.values["path "+ref.Value.Name]
		if text := plain(value); !ok || text == "" || text == "." || text == ".." {
			return usagef("%s must be a part of a path", ref.Value.Name)
		}
	}
	return nil
}

// schemaFaults lists the broken rules of a schema, each with its place.
func schemaFaults(place string, err error) []string {
	// Not errors.As: it would look into the causes of an error before itself.
	switch err := err.(type) { //nolint:errorlint // see above
	case nil:
		return nil
	case openapi3.MultiError:
		var faults []string
		for _, one := range err {
			faults = append(faults, schemaFaults(place, one)...)
		}
		return faults
	case *openapi3.SchemaError:
		path := slices.Clone(err.JSONPointer())
		if place != "" {
			path = slices.Insert(path, 0, place)
		}
		if len(path) == 0 {
			path = []string{"body"}
		}
		return []string{strings.Join(path, ".") + ": " + err.Reason}
	default:
		return []string{place + ": does not match the description"}
	}
}

// unknownMembers lists members of a body that the description does not have: a
// request is described exactly.
func unknownMembers(place string, schema *openapi3.SchemaRef, value any) []string {
	shape := catalog.ShapeOf(schema)
	var faults []string
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			property := shape.Properties[name]
			switch {
			case property != nil:
				faults = append(faults, unknownMembers(place+name+".", property, value[name])...)
			case !shape.Open && len(shape.OneOf) == 0 && shape.Type == openapi3.TypeObject:
				faults = append(faults, fmt.Sprintf("there is no member %q%s", place+name, suggestion(name, slices.Sorted(maps.Keys(shape.Properties)))))
			}
		}
	case []any:
		for i, item := range value {
			faults = append(faults, unknownMembers(fmt.Sprintf("%s%d.", place, i), shape.Items, item)...)
		}
	}
	return faults
}
