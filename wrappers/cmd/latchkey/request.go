package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A request is what the user wants to send.
type request struct {
	op        *catalog.Operation
	values    map[string]any // of parameters, by place and name, such as "query take"
	body      any
	hasBody   bool
	unchecked []pair // parameters of the query that are not described
}

type pair struct{ name, value string }

// request reads the arguments of a call and compares them with the description.
func (a *app) request(op *catalog.Operation, args []string, f callFlags) (*request, error) {
	r := &request{op: op, values: map[string]any{}}
	if f.body != "" {
		if err := a.readBody(r, f.body); err != nil {
			return nil, err
		}
	}
	fields := op.Inputs()
	for _, arg := range args {
		if err := a.addArgument(r, fields, arg, f.unchecked); err != nil {
			return nil, fmt.Errorf("%s: %w", op.ID, err)
		}
	}
	if _, media := op.Body(); !r.hasBody && media != nil && op.BodyRequired() {
		r.body, r.hasBody = map[string]any{}, true
	}
	if f.unchecked {
		return r, r.checkPath()
	}
	if faults := r.check(); len(faults) > 0 {
		return nil, usagef("%s: %s", op.ID, strings.Join(faults, "\n  "))
	}
	return r, nil
}

// readBody reads the body from a file.
func (a *app) readBody(r *request, file string) error {
	if _, media := r.op.Body(); media == nil {
		return usagef("%s has no body", r.op.ID)
	}
	data, err := a.readFile(file)
	if err != nil {
		return err
	}
	if r.body, err = decodeJSON(data); err != nil {
		return usagef("%s: the body in %s is no JSON: %v", r.op.ID, describeFile(file), err)
	}
	r.hasBody = true
	return nil
}

// decodeJSON reads one value and keeps every digit of its numbers.
func decodeJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("more than one value")
	}
	return value, nil
}

// build makes the request.
func (r *request) build(client *rest.Client, op *rest.Operation, opts ...rest.CallOption) *rest.Request {
	request := client.NewRequest(op, opts)
	template := op.Path
	for {
		literal, rest, ok := strings.Cut(template, "{")
		request.Literal(literal)
		if !ok {
			break
		}
		var name string
		name, template, _ = strings.Cut(rest, "}")
		request.PathString(name, plain(r.values["path "+name]))
	}
	for _, ref := range r.op.Parameters {
		value, ok := r.values[ref.Value.In+" "+ref.Value.Name]
		switch {
		case !ok:
		case ref.Value.In == openapi3.ParameterInQuery:
			addQuery(request.Query(), ref.Value, value)
		case ref.Value.In == openapi3.ParameterInHeader:
			request.Header(ref.Value.Name, plain(value))
		}
	}
	for _, p := range r.unchecked {
		request.Query().String(p.name, p.value)
	}
	r.addBody(request)
	return request
}

func (r *request) addBody(request *rest.Request) {
	if !r.hasBody {
		return
	}
	mediaType, _ := r.op.Body()
	members, isObject := r.body.(map[string]any)
	if !catalog.IsJSON(mediaType) && isObject {
		form := rest.Object{}
		for name, value := range members {
			form[name], _ = json.Marshal(value) // it was decoded from JSON
		}
		request.Form(form)
		return
	}
	data, _ := json.Marshal(r.body)
	request.JSON(mediaType, rest.Raw(data))
}

// addQuery adds a parameter to the query as the description says.
func addQuery(query *rest.Values, p *openapi3.Parameter, value any) {
	switch value := value.(type) {
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			items[i] = plain(item)
		}
		separator := map[string]string{openapi3.SerializationSpaceDelimited: "%20", openapi3.SerializationPipeDelimited: "|"}[p.Style]
		if separator == "" {
			separator = ","
		}
		query.List(p.Name, p.Explode == nil || *p.Explode, separator, items)
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			query.String(name, plain(value[name]))
		}
	default:
		query.String(p.Name, plain(value))
	}
}

// plain returns a value as a text: texts as they are, others as JSON.
func plain(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(data)
}
