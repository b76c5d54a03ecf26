// Package exercise calls every operation of a generated client with the
// examples of its description. The demonstration and the tests of the clients
// use it; a program that knows which operation it wants calls that.
package exercise

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs"
)

// An Operation is one operation of a description, with its examples.
type Operation struct {
	ID        string // operationId
	Certainty string // "documented", "observed" or "inferred"
	Session   bool   // needs a session, a token or a key

	spec *openapi3.Operation
}

// Operations returns the operations of a vendor such as "anomify", in the
// order of their ids.
func Operations(vendor string) ([]Operation, error) {
	data, err := specs.FS.ReadFile(vendor + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no description of %q", vendor)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s.yaml: %w", vendor, err)
	}
	level, _ := doc.Extensions["x-certainty"].(string)
	var ops []Operation
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			o := Operation{ID: op.OperationID, Certainty: level, spec: op}
			if own, ok := op.Extensions["x-certainty"].(string); ok {
				o.Certainty = own
			}
			o.Session = op.Security == nil || len(*op.Security) > 0
			for _, parameter := range item.Parameters {
				if op.Parameters.GetByInAndName(parameter.Value.In, parameter.Value.Name) == nil {
					op.Parameters = append(op.Parameters, parameter)
				}
			}
			ops = append(ops, o)
		}
	}
	slices.SortFunc(ops, func(a, b Operation) int { return cmp.Compare(a.ID, b.ID) })
	return ops, nil
}

// Answer returns the JSON of the example that the sandbox answers with: the
// first by name of the first success that has one. It returns nil for answers
// that are not JSON.
func (o Operation) Answer() []byte {
	statuses := o.spec.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		if status[0] != '2' {
			continue
		}
		content := statuses[status].Value.Content
		for _, mediaType := range slices.Sorted(maps.Keys(content)) {
			if value, ok := example(content[mediaType]); ok && strings.Contains(mediaType, "json") {
				data, _ := json.Marshal(value)
				return data
			}
		}
	}
	return nil
}

// Call calls the operation through client, which is a pointer to a generated
// client or a wrapper around one, and returns the answer: a pointer to the
// generated type, or nil if the operation has none. Live bodies are read to
// their end and closed. Members of the body that replace names get their value
// from there instead of the example.
func (o Operation) Call(ctx context.Context, client any, replace map[string]string) (any, error) {
	method, err := o.method(reflect.ValueOf(client))
	if err != nil {
		return nil, err
	}
	args := []reflect.Value{reflect.ValueOf(ctx)}
	path := o.parameters("path")
	for i := 1; i < method.Type().NumIn()-1; i++ { // the last are the options
		want := method.Type().In(i)
		arg := reflect.New(want).Elem()
		switch {
		case want.Kind() != reflect.Pointer:
			if len(path) == 0 {
				return nil, fmt.Errorf("%s: more arguments than path parameters", o.ID)
			}
			err = fill(arg, parameterExample(path[0]))
			path = path[1:]
		case strings.HasSuffix(want.Elem().Name(), "Params"):
			err = o.fillParams(arg)
		default:
			err = o.fillBody(arg, replace)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.ID, err)
		}
		args = append(args, arg)
	}
	return result(method.Call(args))
}

// method finds the method whose name is the operationId, whatever the case of
// its letters.
func (o Operation) method(client reflect.Value) (reflect.Value, error) {
	for i := range client.NumMethod() {
		m := client.Type().Method(i)
		if strings.EqualFold(m.Name, o.ID) {
			return client.MethodByName(m.Name), nil
		}
	}
	return reflect.Value{}, fmt.Errorf("%s has no method for the operation %s", client.Type(), o.ID)
}

// result takes apart what a generated method returns.
func result(out []reflect.Value) (any, error) {
	err, _ := reflect.TypeAssert[error](out[len(out)-1])
	if err != nil || len(out) == 1 {
		return nil, err
	}
	answer := out[0].Interface()
	if body, ok := answer.(io.ReadCloser); ok {
		_, err = io.Copy(io.Discard, body)
		if closeErr := body.Close(); err == nil {
			err = closeErr
		}
	}
	return answer, err
}

func (o Operation) parameters(in ...string) []*openapi3.Parameter {
	var found []*openapi3.Parameter
	for _, parameter := range o.spec.Parameters {
		if slices.Contains(in, parameter.Value.In) {
			found = append(found, parameter.Value)
		}
	}
	return found
}

// fillParams sets the fields of a struct of parameters that have an example or
// are required.
func (o Operation) fillParams(arg reflect.Value) error {
	arg.Set(reflect.New(arg.Type().Elem()))
	for _, parameter := range o.parameters("query", "header") {
		value := parameterExample(parameter)
		if value == nil {
			continue
		}
		field := arg.Elem().FieldByNameFunc(func(name string) bool { return plain(name) == plain(parameter.Name) })
		if !field.IsValid() {
			return fmt.Errorf("no field for the parameter %s", parameter.Name)
		}
		if err := fill(field, value); err != nil {
			return fmt.Errorf("parameter %s: %w", parameter.Name, err)
		}
	}
	return nil
}

// fillBody decodes the example of the body.
func (o Operation) fillBody(arg reflect.Value, replace map[string]string) error {
	content := o.spec.RequestBody.Value.Content
	for _, mediaType := range slices.Sorted(maps.Keys(content)) {
		value, ok := example(content[mediaType])
		if !ok {
			continue
		}
		if members, ok := value.(map[string]any); ok {
			members = maps.Clone(members)
			for name, other := range replace {
				if _, present := members[name]; present {
					members[name] = other
				}
			}
			value = members
		}
		return fill(arg, value)
	}
	arg.Set(reflect.New(arg.Type().Elem()))
	return nil
}

// fill sets target to an example, through JSON.
func fill(target reflect.Value, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if text, ok := value.(string); ok && target.Kind() != reflect.String && target.CanInt() {
		data = []byte(text)
	}
	return json.Unmarshal(data, target.Addr().Interface())
}

// parameterExample returns an example of a parameter, or one made up if it is
// required, or nil.
func parameterExample(parameter *openapi3.Parameter) any {
	if parameter.Example != nil {
		return parameter.Example
	}
	for _, name := range slices.Sorted(maps.Keys(parameter.Examples)) {
		return parameter.Examples[name].Value.Value
	}
	schema := parameter.Schema.Value
	switch {
	case schema.Example != nil:
		return schema.Example
	case !parameter.Required:
		return nil
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return 1
	case schema.Type.Is("boolean"):
		return true
	default:
		return "example"
	}
}

// example returns the first example by name.
func example(media *openapi3.MediaType) (any, bool) {
	if media.Example != nil {
		return media.Example, true
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		return media.Examples[name].Value.Value, true
	}
	return nil, false
}

// plain returns a name without what differs between JSON and Go.
func plain(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name))
}
