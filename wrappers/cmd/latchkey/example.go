package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

// An example is a command that calls an operation.
type example struct {
	args []string
	body string // for standard input
}

// text returns the example as it is typed.
func (e example) text() string {
	words := make([]string, len(e.args))
	for i, arg := range e.args {
		words[i] = quote(arg)
	}
	line := "latchkey " + strings.Join(words, " ")
	if e.body != "" {
		line = "echo " + quote(e.body) + " |\n  " + line
	}
	return line
}

// exampleCall returns an example with the values of the description where it
// has some.
func exampleCall(op *catalog.Operation) example {
	e := example{args: []string{"call", op.Vendor, op.ID}}
	for _, ref := range op.Parameters {
		p := ref.Value
		value := parameterExample(p)
		if p.Required && value == nil {
			value = strings.ToUpper(p.Name)
		}
		if value != nil {
			e.args = append(e.args, p.Name+"="+argument(value))
		}
	}
	_, media := op.Body()
	if media == nil {
		return e
	}
	body, _ := bodyExample(media).(map[string]any)
	if !isFlat(body) {
		data, err := json.Marshal(body)
		if err == nil {
			e.args, e.body = append(e.args, "--body", "-"), string(data)
		}
		return e
	}
	members := op.Inputs()
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if !slices.ContainsFunc(members, func(f catalog.Field) bool { return f.Name == name }) {
			members = append(members, catalog.Field{Name: name, In: "body"})
		}
	}
	for _, f := range members {
		value, ok := body[f.Name]
		switch {
		case f.In != "body" || !ok:
		case f.Secret:
			e.args = append(e.args, f.Name+"=@FILE")
		default:
			e.args = append(e.args, f.Name+"="+argument(value))
		}
	}
	return e
}

// argument returns a value as it stands in an argument.
func argument(value any) string {
	if list, ok := value.([]any); ok {
		items := make([]string, len(list))
		for i, item := range list {
			items[i] = plain(item)
		}
		return strings.Join(items, ",")
	}
	text := plain(value)
	if strings.HasPrefix(text, "@") {
		text = "@" + text
	}
	return text
}

// isFlat reports whether a body has no objects and lists in it.
func isFlat(body map[string]any) bool {
	for _, value := range body {
		switch value.(type) {
		case map[string]any, []any:
			return false
		}
	}
	return true
}

func parameterExample(p *openapi3.Parameter) any {
	if p.Example != nil {
		return p.Example
	}
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		return p.Examples[name].Value.Value
	}
	if p.Schema == nil {
		return nil
	}
	return p.Schema.Value.Example
}

func bodyExample(media *openapi3.MediaType) any {
	if media.Example != nil {
		return media.Example
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		return media.Examples[name].Value.Value
	}
	return nil
}

// quote quotes a word for a shell, if it needs that.
func quote(word string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("=._-/:@,+", r)
	}
	if strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
