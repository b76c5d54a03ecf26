package main

import (
	"regexp"
	"slices"
	"strings"
)

var pathVariable = regexp.MustCompile(`\{([^{}]*)\}`)

// variables returns the names in braces of a path, in order.
func pathVariables(path string) []string {
	var names []string
	for _, m := range pathVariable.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// checkPathParameters reports names in a path without a parameter, parameters
// that the path does not have, and parameters that are neither string nor
// integer.
func checkPathParameters(c *check) {
	for _, op := range c.tree.operations() {
		names := pathVariables(op.parent.name)
		declared := map[string]bool{}
		for _, p := range c.parameters(op) {
			target := c.tree.resolve(p)
			if target == nil || target.text("in") != "path" {
				continue
			}
			name := target.text("name")
			declared[name] = true
			if !slices.Contains(names, name) {
				c.report(p, p.at(), "path parameter %q does not occur in %s", name, op.parent.name)
			}
		}
		listed := map[string]bool{}
		for _, name := range names {
			if listed[name] {
				c.report(op.parent, op.parent.at(), "path names {%s} twice", name)
			} else if !declared[name] {
				c.report(op, op.at(), "{%s} of %s is not declared as a path parameter", name, op.parent.name)
			}
			listed[name] = true
		}
	}
	for _, p := range c.tree.of(kindParameter) {
		if schema := p.child("schema", "schema"); schema != nil && p.text("in") == "path" && !c.plain(schema) {
			c.report(p, schema.at(), "path parameter %q is neither string nor integer", p.text("name"))
		}
	}
}

// parameters returns the parameters of an operation, those of its path first,
// as they are written: some may be refs.
func (*check) parameters(op *element) []*element {
	return append(op.parent.children("parameters"), op.children("parameters")...)
}

// plain reports whether all values of a schema are strings or integers.
func (c *check) plain(e *element) bool {
	e = c.tree.resolve(e)
	if e == nil {
		return false
	}
	if typ := e.text("type"); typ != "" {
		return typ == "string" || typ == "integer"
	}
	sound := false
	for _, part := range e.parts {
		switch part.step {
		case "allOf":
			sound = sound || c.plain(part)
		case "oneOf", "anyOf":
			if !c.plain(part) {
				return false
			}
			sound = true
		}
	}
	return sound
}

// A template is a path, its parts between slashes, and those of its variables
// that stand for numbers.
type template struct {
	item    *element
	parts   []string
	numbers map[string]bool // by the variable with its braces
}

// numbers returns the variables of a path that every operation takes for a
// number.
func (c *check) numbers(item *element) map[string]bool {
	numbers := map[string]bool{}
	declare := func(p *element) {
		target := c.tree.resolve(p)
		if target == nil || target.text("in") != "path" {
			return
		}
		name := "{" + target.text("name") + "}"
		form := form{}
		if schema := target.child("schema", "schema"); schema != nil {
			form = c.formOf(schema)
		}
		before, known := numbers[name]
		numbers[name] = (form.typ == "integer" || form.typ == "number") && (before || !known)
	}
	for _, p := range item.children("parameters") {
		declare(p)
	}
	for _, op := range item.parts {
		for _, p := range op.children("parameters") {
			declare(p)
		}
	}
	return numbers
}

// checkAmbiguousPaths reports pairs of paths that one address can match while
// neither is more specific than the other.
func checkAmbiguousPaths(c *check) {
	byLength := map[int][]template{}
	for _, item := range c.tree.of(kindPathItem) {
		if item.parent.kind != kindPaths {
			continue
		}
		t := template{item, strings.Split(item.name, "/"), c.numbers(item)}
		for _, other := range byLength[len(t.parts)] {
			if sameServers(item, other.item) && ambiguous(t, other) {
				c.report(item, item.at(), "an address can match this path and %s (line %d)", other.item.name, other.item.at().Line)
			}
		}
		byLength[len(t.parts)] = append(byLength[len(t.parts)], t)
	}
}

// sameServers reports whether two paths are offered by the same servers, as far
// as the paths say.
func sameServers(a, b *element) bool {
	urls := func(e *element) (list []string) {
		for _, s := range e.children("servers") {
			list = append(list, s.text("url"))
		}
		return list
	}
	return slices.Equal(urls(a), urls(b))
}

// ambiguous reports whether an address can match both paths, and neither has a
// fixed text wherever the other does.
func ambiguous(a, b template) bool {
	var aFixed, bFixed bool // somewhere only a, only b is fixed
	for i := range a.parts {
		one, other := a.parts[i], b.parts[i]
		aVar, bVar := strings.Contains(one, "{"), strings.Contains(other, "{")
		switch {
		case !aVar && !bVar:
			if one != other {
				return false
			}
		case aVar && bVar:
			if !affixesMeet(one, other) {
				return false
			}
		case aVar:
			if !a.fits(other, one) {
				return false
			}
			bFixed = true
		default:
			if !b.fits(one, other) {
				return false
			}
			aFixed = true
		}
	}
	return aFixed == bFixed
}

// affixes returns the fixed texts before the first and after the last variable.
func affixes(part string) (prefix, suffix string) {
	return part[:strings.IndexByte(part, '{')], part[strings.LastIndexByte(part, '}')+1:]
}

// affixesMeet reports whether one text can match both parts with variables.
func affixesMeet(a, b string) bool {
	aPrefix, aSuffix := affixes(a)
	bPrefix, bSuffix := affixes(b)
	return (strings.HasPrefix(aPrefix, bPrefix) || strings.HasPrefix(bPrefix, aPrefix)) &&
		(strings.HasSuffix(aSuffix, bSuffix) || strings.HasSuffix(bSuffix, aSuffix))
}

// fits reports whether a fixed part matches a part of t with variables.
func (t template) fits(fixed, part string) bool {
	prefix, suffix := affixes(part)
	if t.numbers[part] && strings.Trim(fixed, "0123456789") != "" {
		return false
	}
	return len(fixed) > len(prefix)+len(suffix) && strings.HasPrefix(fixed, prefix) && strings.HasSuffix(fixed, suffix)
}
