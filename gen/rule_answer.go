package main

import (
	"slices"
	"strings"
)

// answersOf returns the responses of an operation that a status code matches,
// as they are written and with refs followed.
func (c *check) answersOf(op *element, matches func(status string) bool) (written, resolved []*element) {
	responses := op.child("responses", "responses")
	if responses == nil {
		return nil, nil
	}
	for _, part := range responses.parts {
		if target := c.tree.resolve(part); target != nil && matches(part.name) {
			written = append(written, part)
			resolved = append(resolved, target)
		}
	}
	return written, resolved
}

func successStatus(status string) bool { return strings.HasPrefix(status, "2") }

func failureStatus(status string) bool {
	return status == "default" || strings.HasPrefix(status, "4") || strings.HasPrefix(status, "5")
}

// checkSuccessExamples reports operations without a 2xx answer, and 2xx answers
// with a body that have no named example.
func checkSuccessExamples(c *check) {
	for _, op := range c.tree.operations() {
		written, resolved := c.answersOf(op, successStatus)
		if len(written) == 0 {
			c.report(op, op.at(), "operation has no 2xx answer")
		}
		for i, answer := range resolved {
			for _, media := range answer.children("content") {
				if readable(media.name) && len(media.children("examples")) == 0 {
					c.report(written[i], written[i].at(), "answer %s has no entry in examples for %s", written[i].name, media.name)
				}
			}
		}
	}
}

// readable reports whether an example of a media type can be written in a spec.
func readable(mediaType string) bool {
	return strings.Contains(mediaType, "json") || strings.HasPrefix(mediaType, "text/") || strings.Contains(mediaType, "xml") ||
		mediaType == "application/x-www-form-urlencoded"
}

// checkErrorResponses reports operations that describe no failure: no 4xx, 5xx
// or default answer. In our own specs such an answer has an example if it has a
// body.
func checkErrorResponses(c *check) {
	for _, op := range c.tree.operations() {
		written, resolved := c.answersOf(op, failureStatus)
		if len(written) == 0 {
			c.report(op, op.at(), "operation describes no failure: no 4xx, 5xx or default answer")
		}
		for i, answer := range resolved {
			for _, media := range answer.children("content") {
				if c.house && readable(media.name) && len(media.children("examples")) == 0 && media.field("example") == nil {
					c.report(written[i], written[i].at(), "answer %s has no example for %s", written[i].name, media.name)
				}
			}
		}
	}
}

// checkInlineObjects reports objects that are described where they are used.
// They would have no name of their own in Go.
func checkInlineObjects(c *check) {
	for _, e := range c.tree.of(kindSchema) {
		properties := len(e.children("properties")) > 0
		if e.component() || e.step == "allOf" || composes(e.step) && !properties || e.within(kindCallback) != nil {
			continue
		}
		object := e.text("type") == "object" || properties
		if object && e.child("additionalProperties", "additionalProperties") == nil {
			c.report(e, e.at(), "object is described inline; make it a component and refer to it")
		}
	}
}

// checkTolerance reports what would make an answer unreadable that a vendor has
// changed a little: patterns of properties and closed objects.
func checkTolerance(c *check) {
	for _, e := range c.tree.of(kindSchema) {
		if !c.inAnswers(e) {
			continue
		}
		if key, _ := nodeFieldPair(e.node, "pattern"); key != nil && e.step == "properties" {
			c.report(e, key, "property of an answer has a pattern")
		}
		if key, value := nodeFieldPair(e.node, "additionalProperties"); key != nil && value.Value == "false" {
			c.report(e, key, "object in an answer refuses unknown properties")
		}
	}
}

// A failureRule is the value of an x-failure: how a failure shows in a body.
type failureRule struct {
	owner   *element // the document or the operation
	value   string   // dot path
	success []string // nil with from
	hasFrom bool
	paths   []string // all dot paths: value, code, message
}

// failureRuleOf returns what x-failure says for an operation. There is none if
// neither it nor the document has one, or if it says none.
func (c *check) failureRuleOf(op *element) (failureRule, bool) {
	owner, n := op, op.field("x-failure")
	if n == nil {
		owner = c.tree.root()
		n = owner.field("x-failure")
	}
	if n == nil || nodeFieldText(n, "value") == "" {
		return failureRule{}, false
	}
	f := failureRule{owner: owner, value: nodeFieldText(n, "value"), hasFrom: nodeField(n, "from") != nil}
	for _, s := range nodeItems(nodeField(n, "success")) {
		f.success = append(f.success, nodeText(s))
	}
	for _, name := range []string{"value", "code", "message"} {
		if path := nodeFieldText(n, name); path != "" && !slices.Contains(f.paths, path) {
			f.paths = append(f.paths, path)
		}
	}
	return f, true
}

// checkFailurePaths reports 2xx answers that x-failure would always take for a
// failure: the schema lacks the deciding member, or no example is a success.
func checkFailurePaths(c *check) {
	for _, op := range c.tree.operations() {
		f, ok := c.failureRuleOf(op)
		if !ok || f.hasFrom {
			continue
		}
		written, resolved := c.answersOf(op, successStatus)
		for i, answer := range resolved {
			for _, media := range answer.children("content") {
				if strings.Contains(media.name, "json") {
					c.checkFailurePath(f, written[i], media)
				}
			}
		}
	}
}

func (c *check) checkFailurePath(f failureRule, answer, media *element) {
	schema := media.child("schema", "schema")
	if schema != nil && !c.hasPath(schema, strings.Split(f.value, ".")) {
		c.report(answer, answer.at(), "body has no %s, so x-failure (line %d) takes every answer for a failure", f.value, f.owner.at().Line)
		return
	}
	examples := media.children("examples")
	if len(examples) == 0 {
		return
	}
	for _, part := range examples {
		if target := c.tree.resolve(part); target != nil && f.succeeds(target) {
			return
		}
	}
	c.report(answer, answer.at(), "no example has a %s that x-failure takes for success", f.value)
}

// succeeds reports whether an example is a success.
func (f failureRule) succeeds(example *element) bool {
	n := example.field("value")
	for name := range strings.SplitSeq(f.value, ".") {
		n = nodeField(n, name)
	}
	return n != nil && slices.Contains(f.success, n.Value)
}

// hasPath reports whether the values of a schema can have a member at a path.
// Free-form objects can have any.
func (c *check) hasPath(e *element, path []string) bool {
	if len(path) == 0 {
		return true
	}
	if p := c.property(e, path[0]); p != nil {
		return c.hasPath(p, path[1:])
	}
	target := c.tree.resolve(e)
	return target != nil && len(target.children("properties")) == 0 && !slices.ContainsFunc(target.parts, func(part *element) bool {
		return composes(part.step)
	})
}
