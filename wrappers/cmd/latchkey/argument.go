package main

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

// addArgument takes one NAME=VALUE.
func (a *app) addArgument(r *request, fields []catalog.Field, arg string, unchecked bool) error {
	name, text, ok := strings.Cut(arg, "=")
	if !ok || name == "" {
		return usagef("an argument behind the operation is not NAME=VALUE") // it may be secret
	}
	field, ok := r.field(fields, name)
	if !ok && !unchecked {
		return usagef("there is no parameter %q%s", name, suggestion(name, inputNames(fields)))
	}
	if !ok {
		field = r.undescribed(name)
	}
	text, err := a.argumentText(field, text)
	if err != nil {
		return err
	}
	value, err := parseValue(field.Schema, text)
	if err != nil && unchecked {
		value, err = text, nil
	}
	if err != nil {
		return usagef("%s: %v", name, err)
	}
	if field.In == "body" {
		return r.setMember(strings.Split(name, "."), field, value)
	}
	if !ok {
		r.unchecked = append(r.unchecked, pair{name, text})
		return nil
	}
	r.values[field.In+" "+name] = combine(r.values[field.In+" "+name], value)
	return nil
}

// field returns the parameter or member of that name. A body that takes any
// member takes this one, too.
func (r *request) field(fields []catalog.Field, name string) (catalog.Field, bool) {
	i := slices.IndexFunc(fields, func(f catalog.Field) bool { return f.Name == name })
	if i >= 0 {
		return fields[i], true
	}
	_, media := r.op.Body()
	if media == nil {
		return catalog.Field{}, false
	}
	shape := catalog.ShapeOf(media.Schema)
	return catalog.Field{Name: name, In: "body", Schema: shape.Members}, shape.Open
}

// undescribed makes a field for a name that the description lacks.
func (r *request) undescribed(name string) catalog.Field {
	if _, media := r.op.Body(); media != nil {
		return catalog.Field{Name: name, In: "body"}
	}
	return catalog.Field{Name: name, In: "query", Schema: openapi3.NewStringSchema().NewRef()}
}

// inputNames returns what can stand before the = of an argument. Members of
// items of lists have no name of their own.
func inputNames(fields []catalog.Field) []string {
	var names []string
	for _, f := range fields {
		if !strings.Contains(f.Name, "[]") {
			names = append(names, f.Name)
		}
	}
	return names
}

// argumentText returns the text of a value, which may be in a file. A secret
// must be.
func (a *app) argumentText(field catalog.Field, text string) (string, error) {
	switch {
	case strings.HasPrefix(text, "@@"):
		text = text[1:]
	case strings.HasPrefix(text, "@"):
		data, err := a.readFile(text[1:])
		if err != nil {
			return "", err
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
	}
	if field.Secret {
		return "", usagef("%s is secret and must not stand in an argument; give it as %s=@FILE, or as %s=@- on standard input", field.Name, field.Name, field.Name)
	}
	return text, nil
}

// setMember sets a member of the body, in an object within it if the name has
// several parts.
func (r *request) setMember(path []string, field catalog.Field, value any) error {
	if !r.hasBody {
		r.body, r.hasBody = map[string]any{}, true
	}
	if len(path) > 1 && !r.isNested(path[0]) {
		path = []string{field.Name}
	}
	members, ok := r.body.(map[string]any)
	for _, name := range path[:len(path)-1] {
		if !ok {
			break
		}
		if members[name] == nil {
			members[name] = map[string]any{}
		}
		members, ok = members[name].(map[string]any)
	}
	if !ok {
		return usagef("%s: the body is no object there", field.Name)
	}
	last := path[len(path)-1]
	members[last] = combine(members[last], value)
	return nil
}

// isNested reports whether a member of the body is an object that is described.
func (r *request) isNested(name string) bool {
	_, media := r.op.Body()
	if media == nil {
		return false
	}
	return catalog.ShapeOf(catalog.ShapeOf(media.Schema).Properties[name]).Type == openapi3.TypeObject
}

// combine joins the lists of two arguments of the same name; of other values
// the last one counts.
func combine(old, value any) any {
	before, ok := old.([]any)
	items, isList := value.([]any)
	if !ok || !isList {
		return value
	}
	return append(slices.Clone(before), items...)
}
