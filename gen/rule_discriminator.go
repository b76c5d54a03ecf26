package main

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// checkDiscriminators reports members of a union, or heirs of a base schema,
// that lack the property of the discriminator, and mappings with gaps.
func checkDiscriminators(c *check) {
	for _, e := range c.tree.of(kindSchema) {
		d := e.child("discriminator", "discriminator")
		if d == nil {
			continue
		}
		name := d.text("propertyName")
		members := append(e.children("oneOf"), e.children("anyOf")...)
		if len(members) == 0 {
			c.checkDiscriminated(e, d.at(), e, name)
			members = c.heirs(e)
		}
		for _, m := range members {
			if m.ref == "" && composes(m.step) {
				c.report(m, m.at(), "an inline member cannot be told apart by a discriminator; make it a component")
				continue
			}
			c.checkDiscriminated(m, m.at(), m, name)
		}
		c.checkMapping(d, members)
	}
}

// checkDiscriminated reports a schema without the property as a required one.
func (c *check) checkDiscriminated(owner *element, at *yaml.Node, member *element, name string) {
	p := c.property(member, name)
	switch {
	case p == nil:
		c.report(owner, at, "%s has no property %q, which the discriminator needs", memberName(member), name)
	case !c.requires(member, name, map[*element]bool{}):
		c.report(owner, at, "%s does not require %q, which the discriminator needs", memberName(member), name)
	}
}

func memberName(e *element) string {
	if e.ref != "" {
		return e.ref[strings.LastIndexByte(e.ref, '/')+1:]
	}
	return e.name
}

// requires reports whether a schema requires a property, itself or by allOf.
func (c *check) requires(e *element, name string, seen map[*element]bool) bool {
	e = c.tree.resolve(e)
	if e == nil || seen[e] {
		return false
	}
	seen[e] = true
	for _, n := range nodeItems(e.field("required")) {
		if n.Value == name {
			return true
		}
	}
	for _, part := range e.children("allOf") {
		if c.requires(part, name, seen) {
			return true
		}
	}
	return false
}

// checkMapping reports entries that lead to no member, and members that no
// entry leads to. Without a mapping the names of the schemas are the values.
func (c *check) checkMapping(d *element, members []*element) {
	key, mapping := nodeFieldPair(d.node, "mapping")
	if key == nil {
		return
	}
	covered := map[*element]bool{}
	for value, target := range nodePairs(mapping) {
		e := c.mappingTarget(nodeText(target))
		switch {
		case e == nil:
			c.report(d, value, "mapping of %q leads to no schema of this document", value.Value)
		case !c.isMember(e, members):
			c.report(d, value, "mapping of %q leads to a schema that is not a member", value.Value)
		default:
			covered[e] = true
		}
	}
	for _, m := range members {
		if target := c.tree.resolve(m); target != nil && !covered[target] {
			c.report(d, key, "mapping leads to no %s", memberName(m))
		}
	}
}

// mappingTarget returns the schema that a value of a mapping names, by its name
// or a $ref; nil if there is none.
func (c *check) mappingTarget(target string) *element {
	if e, ok := c.tree.byPtr["/components/schemas/"+escapePointer(target)]; ok {
		return c.tree.resolve(e)
	}
	ptr, local := refPointer(target)
	if !local {
		return nil
	}
	e := c.tree.resolve(c.tree.lookup(ptr, 0))
	if e == nil || e.kind != kindSchema {
		return nil
	}
	return e
}

func (c *check) isMember(e *element, members []*element) bool {
	for _, m := range members {
		if c.tree.resolve(m) == e {
			return true
		}
	}
	return false
}
