package main

import (
	"strings"
)

// reachable returns the elements that can be reached from some: their parts,
// the targets of their refs and discriminators, and the heirs of base schemas.
func (c *check) reachable(starts ...*element) map[*element]bool {
	seen := map[*element]bool{}
	open := starts
	visit := func(e *element) {
		if e != nil && !seen[e] {
			seen[e] = true
			open = append(open, e)
		}
	}
	for _, e := range starts {
		seen[e] = true
	}
	for len(open) > 0 {
		e := open[len(open)-1]
		open = open[:len(open)-1]
		for _, part := range e.parts {
			visit(part)
		}
		if ptr, ok := refPointer(e.ref); ok {
			visit(c.tree.lookup(ptr, 0))
		}
		if e.kind == kindDiscriminator {
			for _, target := range nodePairs(e.field("mapping")) {
				visit(c.mappingTarget(nodeText(target)))
			}
			for _, heir := range c.heirs(e.parent) {
				visit(heir)
			}
		}
	}
	return seen
}

// heirs returns the component schemas that have base in their allOf.
func (c *check) heirs(base *element) []*element {
	if c.byBase == nil {
		c.byBase = map[*element][]*element{}
		for _, e := range c.tree.of(kindSchema) {
			for _, part := range e.children("allOf") {
				if target := c.tree.resolve(part); e.component() && part.ref != "" && target != nil {
					c.byBase[target] = append(c.byBase[target], e)
				}
			}
		}
	}
	return c.byBase[base]
}

// inAnswers reports whether a schema describes something in an answer.
func (c *check) inAnswers(e *element) bool {
	if c.answers == nil {
		var starts []*element
		for _, op := range c.tree.of(kindOperation) {
			if responses := op.child("responses", "responses"); responses != nil && op.within(kindPaths) != nil {
				starts = append(starts, responses)
			}
		}
		c.answers = c.reachable(starts...)
	}
	return c.answers[e]
}

// checkUnusedComponents reports components that no path leads to.
func checkUnusedComponents(c *check) {
	components := c.tree.root().child("components", "components")
	if components == nil {
		return
	}
	var starts []*element
	if paths := c.tree.root().child("paths", "paths"); paths != nil {
		starts = append(starts, paths)
	}
	used := c.reachable(starts...)
	schemes := c.usedSchemes()
	inside := map[string]bool{} // pointers of components of which a part is used
	for e := range used {
		if tokens := strings.SplitN(e.ptr, "/", 5); len(tokens) == 5 && tokens[1] == "components" {
			inside[strings.Join(tokens[:4], "/")] = true
		}
	}
	for _, e := range components.parts {
		if used[e] || inside[e.ptr] || e.kind == kindSecurityScheme && schemes[e.name] {
			continue
		}
		c.report(e, e.at(), "%s %q is not used", e.kind, e.name)
	}
}

// usedSchemes returns the names of the security schemes that the document or an
// operation asks for.
func (c *check) usedSchemes() map[string]bool {
	names := map[string]bool{}
	add := func(e *element) {
		for _, requirement := range nodeItems(e.field("security")) {
			for name := range nodePairs(requirement) {
				names[name.Value] = true
			}
		}
	}
	add(c.tree.root())
	for _, op := range c.tree.of(kindOperation) {
		add(op)
	}
	return names
}
