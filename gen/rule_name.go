package main

import (
	"regexp"
	"strings"
	"unicode"
)

// words splits a name into lower-case words, at anything but letters and digits
// and where the case changes: "sessionID" and "session_id" are the same words.
func words(name string) []string {
	var all []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(runes[i-1]),
			unicode.IsUpper(r) && i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) && !plural(runes, i):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return all
}

// plural reports whether the upper-case letter at i ends an initialism in the
// plural, as the D in "userIDs".
func plural(runes []rune, i int) bool {
	return runes[i+1] == 's' && (i+2 == len(runes) || !unicode.IsLower(runes[i+2]))
}

// goIdentity is the same text for names that become the same Go name. Signs in
// front of a name become words.
func goIdentity(name string) string {
	sign := ""
	switch {
	case strings.HasPrefix(name, "+"):
		sign = "plus "
	case strings.HasPrefix(name, "-"):
		sign = "minus "
	case strings.HasPrefix(name, "$"), strings.HasPrefix(name, "@"), strings.HasPrefix(name, "#"):
		sign = name[:1] + " "
	}
	return sign + strings.Join(words(name), " ")
}

// A nameSet finds names that become the same Go name.
type nameSet map[string]*element

// add adds a name and returns the element that already has it, nil if none has.
func (s nameSet) add(name string, e *element) *element {
	id := goIdentity(name)
	if other, ok := s[id]; ok {
		return other
	}
	s[id] = e
	return nil
}

// checkGoNames reports operations, component schemas, properties of a schema
// and parameters of an operation that become the same Go name, and names that
// leave no Go name at all.
func checkGoNames(c *check) {
	operations := nameSet{}
	for _, op := range c.tree.operations() {
		c.addName(operations, op, op.text("operationId"), "operation")
		c.checkParameterNames(op)
	}
	c.checkTypeNames(operations)
	for _, e := range c.tree.of(kindSchema) {
		properties := nameSet{}
		for _, p := range e.children("properties") {
			c.addName(properties, p, p.name, "property")
			if c.house && goIdentity(p.name) == "additional properties" {
				c.report(p, p.at(), "property %q takes the Go name of the unknown properties that are kept", p.name)
			}
		}
	}
}

// addName adds the name of an element and reports it if it is not fit for Go.
// Two operations with the very same operationId are left to another rule.
func (c *check) addName(set nameSet, e *element, name, what string) {
	if name == "" {
		return
	}
	if own := e.text("x-go-name"); own != "" {
		name = own
	}
	switch id := goIdentity(name); {
	case id == "":
		c.report(e, e.at(), "%s %q leaves no Go name", what, name)
		return
	case c.house && id[0] >= '0' && id[0] <= '9':
		c.report(e, e.at(), "%s %q starts with a digit, as no Go name can; give it an x-go-name", what, name)
	}
	if other := set.add(name, e); other != nil && elementName(other) != elementName(e) {
		c.report(e, e.at(), "%s %q becomes the same Go name as %s in line %d", what, name, elementName(other), other.at().Line)
	}
}

func elementName(e *element) string {
	switch e.kind {
	case kindOperation:
		return quote(e.text("operationId"))
	case kindParameter:
		return quote(e.text("name"))
	default:
		return quote(e.name)
	}
}

func quote(text string) string { return `"` + text + `"` }

// checkParameterNames reports parameters of one operation that differ only in
// writing. The same name in another place, such as path and query, collides,
// too, unless it is the path, whose parameters are arguments of their own.
func (c *check) checkParameterNames(op *element) {
	sets := map[bool]nameSet{false: {}, true: {}}
	for _, p := range op.children("parameters") {
		if target := c.tree.resolve(p); target != nil {
			set := sets[target.text("in") == "path"]
			if other := set.add(target.text("name"), target); other != nil && other != target {
				c.report(p, p.at(), "parameter %q becomes the same Go name as %s in line %d", target.text("name"), elementName(other), other.at().Line)
			}
		}
	}
}

// checkTypeNames reports component schemas that become the same Go name as
// another one, as the parameters of an operation, or as the client.
func (c *check) checkTypeNames(operations nameSet) {
	types := nameSet{}
	for _, op := range c.tree.operations() {
		if id := op.text("operationId"); id != "" && operations[goIdentity(id)] == op {
			types.add(id+"Params", op)
		}
	}
	for _, e := range c.tree.of(kindSchema) {
		if !e.component() {
			continue
		}
		c.addName(types, e, e.name, "schema")
		if c.house && goIdentity(e.name) == "client" {
			c.report(e, e.at(), "schema %q takes the Go name of the generated client", e.name)
		}
	}
}

var (
	lowerCamel = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	upperCamel = regexp.MustCompile(`^[A-Z][a-zA-Z0-9]*$`)
)

// checkOperationIDs reports operations without an operationId, with one that
// another has, and, in our own specs, ones that are not in lowerCamel.
func checkOperationIDs(c *check) {
	first := map[string]*element{}
	for _, op := range c.tree.of(kindOperation) {
		id := op.text("operationId")
		at := op.at()
		if key, _ := nodeFieldPair(op.node, "operationId"); key != nil {
			at = key
		}
		switch {
		case id == "" && op.within(kindCallback) == nil:
			c.report(op, at, "operation has no operationId")
		case id == "":
		case first[id] != nil:
			c.report(op, at, "operationId %q is also that of the operation in line %d", id, first[id].at().Line)
		case c.house && !lowerCamel.MatchString(id):
			c.report(op, at, "operationId %q is not in lowerCamel", id)
		}
		if first[id] == nil {
			first[id] = op
		}
	}
}

// checkSchemaNames reports component schemas that are not in UpperCamel, and
// whole bodies that are not named for what they are. Objects that are also a
// part of another schema keep their plain name.
func checkSchemaNames(c *check) {
	for _, e := range c.tree.all {
		if e.kind == kindSchema && e.component() && !upperCamel.MatchString(e.name) {
			c.report(e, e.at(), "schema %q is not in UpperCamel", e.name)
		}
	}
	shared := c.sharedSchemas()
	for _, media := range c.tree.of(kindMediaType) {
		schema := media.child("schema", "schema")
		if schema == nil || schema.ref == "" {
			continue
		}
		want := ""
		switch {
		case media.within(kindRequestBody) != nil:
			want = "Request"
		case media.within(kindResponse) != nil:
			want = "Answer"
		}
		if name := memberName(schema); !strings.HasSuffix(name, want) && !shared[c.tree.resolve(schema)] {
			c.report(schema, schema.at(), "body schema %q is not named ...%s", name, want)
		}
	}
}

// sharedSchemas returns the schemas that are a part of a component schema.
func (c *check) sharedSchemas() map[*element]bool {
	shared := map[*element]bool{}
	for _, e := range c.tree.all {
		if e.kind == kindSchema && e.ref != "" && e.within(kindMediaType) == nil {
			shared[c.tree.resolve(e)] = true
		}
	}
	return shared
}

// checkOperationTexts reports operations that do not say what they are about.
func checkOperationTexts(c *check) {
	for _, op := range c.tree.operations() {
		if len(nodeItems(op.field("tags"))) == 0 {
			c.report(op, op.at(), "operation has no tags")
		}
		if summary := op.text("summary"); strings.TrimSpace(summary) == "" || strings.Contains(strings.TrimSpace(summary), "\n") {
			c.report(op, op.at(), "operation has no summary of one line")
		}
		if strings.TrimSpace(op.text("description")) == "" {
			c.report(op, op.at(), "operation has no description")
		}
	}
}
