package main

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// The templates take the place of those of the generator library.
//
//go:embed templates/*.tmpl
var templateFiles embed.FS

// userTemplates returns the templates by the name that the library knows, and
// empty ones for what is not wanted.
func userTemplates() (map[string]string, error) {
	templates := map[string]string{}
	names, err := fs.Glob(templateFiles, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := templateFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		templates[path.Base(name)] = string(text)
	}
	for _, name := range []string{"additional-properties.tmpl", "union.tmpl", "union-and-additional-properties.tmpl", "client-with-responses.tmpl", "param-types.tmpl", "request-bodies.tmpl"} {
		// Package template ignores an empty redefinition, and the library takes
		// a text without a line feed for the name of a file.
		templates[name] = "{{``}}\n"
	}
	return templates, nil
}

// functions returns the functions that the templates call.
func (e *emitter) functions() texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"types":          e.types,
		"restOperations": e.operations,
		"failure":        e.failure,
		"packageDoc":     e.packageDoc,
		"vendor":         func() string { return e.plan.vendor },
		"constantNames":  func(enum codegen.EnumDefinition) []string { return sortedKeys(enum.GetValues()) },
	}
}

// packageDoc returns the comment of the package.
func (e *emitter) packageDoc() string {
	info := e.plan.doc.Info
	intro := fmt.Sprintf("Package %sapi is a typed client of the %s, generated from specs/%s.yaml.", e.plan.vendor, info.Title, e.plan.vendor)
	certainty := "Comments tell how certain a fact is. Documented: a page of the vendor says so. Observed: seen in traffic or in an" +
		" independent client. Inferred: a deduction, whose reason is given."
	return comment("", intro, info.Description, certainty)
}

// failure returns the rest.Failure of the description, or "" if there is none.
func (e *emitter) failure() string {
	rule, ok := e.plan.doc.Extensions["x-failure"].(map[string]any)
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, member := range []struct{ key, field string }{{"value", "Value"}, {"code", "Code"}, {"message", "Message"}} {
		if dotted, _ := rule[member.key].(string); dotted != "" {
			fmt.Fprintf(&b, "%s: %#v,\n", member.field, strings.Split(dotted, "."))
		}
	}
	if success, ok := rule["success"].([]any); ok {
		texts := make([]string, len(success))
		for i, value := range success {
			texts[i] = fmt.Sprint(value)
		}
		fmt.Fprintf(&b, "Success: %#v,\n", texts)
	}
	if from := rule["from"]; from != nil {
		fmt.Fprintf(&b, "From: %v,\n", from)
	}
	return b.String()
}

// importable lists what generated files may import, by the name they use.
var importable = map[string]string{
	"context": "context",
	"iter":    "iter",
	"slices":  "slices",
	"rest":    modulePath + "/wrappers/rest",
	"wire":    modulePath + "/wrappers/rest/wire",
}

var qualifier = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

// withImports puts the imports that code needs in place of the mark that
// imports.tmpl leaves.
func withImports(code string) string {
	used := map[string]bool{}
	for line := range strings.Lines(code) {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			continue
		}
		for _, match := range qualifier.FindAllStringSubmatch(line, -1) {
			used[match[1]] = true
		}
	}
	var standard, own []string
	for name, importPath := range importable {
		switch {
		case !used[name]:
		case strings.Contains(importPath, "."):
			own = append(own, fmt.Sprintf("%q", importPath))
		default:
			standard = append(standard, fmt.Sprintf("%q", importPath))
		}
	}
	slices.Sort(standard)
	slices.Sort(own)
	block := ""
	if len(standard)+len(own) > 0 {
		block = "import (\n" + strings.Join(standard, "\n") + "\n\n" + strings.Join(own, "\n") + "\n)"
	}
	return strings.Replace(code, "//imports", block, 1)
}
