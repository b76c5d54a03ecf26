package main

import (
	"regexp"
	"slices"
	"strings"
)

// unitWord finds a unit in a description.
var unitWord = regexp.MustCompile(`(?i)(\b(nano|micro|milli)?seconds?\b|\b(ns|µs|us|ms)\b|\bminutes?\b|\bhours?\b|\bdays?\b|\bweeks?\b|` +
	`\bmonths?\b|\byears?\b|\b(kilo|mega|giga|tera|kibi|mebi|gibi)?(bytes?|bits?)\b|\b[kmgt]i?b\b|\bpercent\b|%|\bpixels?\b|\bcharacters?\b|` +
	`\bnumber of\b|\bcount of\b|\bhow many\b|\bunits?\b|\bISO 8601\b|\bRFC 3339\b|\bUnix time\b|\bepoch\b)`)

// checkUnits reports properties and parameters that hold a duration or a size by
// their name, but whose description names no unit.
func checkUnits(c *check) {
	for _, e := range c.tree.of(kindParameter) {
		if schema := e.child("schema", "schema"); schema != nil {
			c.checkUnit(e, e.text("name"), e.text("description")+" "+c.description(schema), schema)
		}
	}
	for _, e := range c.tree.all {
		if e.kind == kindSchema && e.step == "properties" {
			c.checkUnit(e, e.name, c.description(e), e)
		}
	}
}

func (c *check) checkUnit(owner *element, name, description string, schema *element) {
	if !measureName(words(name)) || unitWord.MatchString(description) {
		return
	}
	form := c.formOf(schema)
	measured := form.typ == "integer" || form.typ == "number" || form.typ == "string"
	if measured && form.format != "date-time" && form.format != "unix-time" && form.format != "date" {
		c.report(owner, owner.at(), "description of %q names no unit", name)
	}
}

// description returns the description of a schema and of those that it refers
// to.
func (c *check) description(e *element) string {
	texts := []string{e.text("description")}
	if target := c.tree.resolve(e); target != nil && target != e {
		texts = append(texts, target.text("description"))
	}
	for _, part := range e.children("allOf") {
		texts = append(texts, c.description(part))
	}
	return strings.Join(texts, " ")
}

// measureName reports whether a name is that of a duration or a size.
func measureName(name []string) bool {
	if len(name) == 0 {
		return false
	}
	last := name[len(name)-1]
	if slices.Contains([]string{"enabled", "type", "unit", "name", "mode", "id", "status", "state", "format", "string", "text"}, last) {
		return false
	}
	anywhere := []string{"duration", "timeout", "interval", "ttl", "latency", "lifetime", "uptime"}
	if slices.ContainsFunc(name, func(w string) bool { return slices.Contains(anywhere, w) }) {
		return true
	}
	if len(name) > 1 && (name[len(name)-2] == "expires" || name[len(name)-2] == "expire") && (last == "in" || last == "after") {
		return true
	}
	return slices.Contains([]string{"age", "size", "delay", "period"}, last)
}
