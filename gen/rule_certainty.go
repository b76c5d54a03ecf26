package main

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// certainties returns the legal values of x-certainty, the best first.
func certainties() []string { return []string{"documented", "observed", "inferred"} }

// certainty returns how certain an element is: its own x-certainty or that of
// the nearest element around it, "" if there is none. It may be illegal.
func (e *element) certainty() string {
	for ; e != nil; e = e.parent {
		if value := e.text("x-certainty"); value != "" {
			return value
		}
	}
	return ""
}

// checkCertainty reports illegal values of x-certainty, inferred facts without a
// reason, reasons without an inferred fact, and elements without a certainty.
func checkCertainty(c *check) {
	for _, e := range c.tree.all {
		key, value := nodeFieldPair(e.node, "x-certainty")
		reason, why := nodeFieldPair(e.node, "x-reason")
		switch {
		case key != nil && !slices.Contains(certainties(), nodeText(value)):
			c.report(e, key, "x-certainty is none of %s", strings.Join(certainties(), ", "))
		case key != nil && value.Value == "inferred" && strings.TrimSpace(nodeText(why)) == "":
			c.report(e, key, "x-certainty is inferred, but there is no x-reason")
		case reason != nil && nodeText(value) != "inferred":
			c.report(e, reason, "x-reason stands beside no x-certainty: inferred")
		case reason != nil && strings.Contains(strings.TrimSpace(nodeText(why)), "\n"):
			c.report(e, reason, "x-reason has more than one line")
		}
		if needsCertainty(e) && e.certainty() == "" {
			c.report(e, e.at(), "%s has no x-certainty, nor has anything around it", e.kind)
		}
	}
}

// needsCertainty reports whether an element is one of the facts that are
// counted: an operation, a parameter, a component schema or a property.
func needsCertainty(e *element) bool {
	switch {
	case e.kind == kindOperation, e.kind == kindParameter && e.ref == "":
		return true
	case e.kind == kindSchema:
		return e.component() || e.step == "properties"
	default:
		return false
	}
}

// A source is one entry of x-sources: a document and the operations it names.
type source struct {
	node       *yaml.Node
	id         string
	operations []*yaml.Node
}

// sources returns the entries of x-sources.
func (s *spec) sources() []source {
	var all []source
	for _, n := range nodeItems(nodeField(s.root, "x-sources")) {
		all = append(all, source{n, nodeFieldText(n, "id"), nodeItems(nodeField(n, "operations"))})
	}
	return all
}

// checkSources reports operations and component schemas without an x-source,
// and ids that x-sources does not have.
func checkSources(c *check) {
	known := map[string]bool{}
	for _, s := range c.sources() {
		known[s.id] = true
	}
	for _, e := range c.tree.all {
		key, value := nodeFieldPair(e.node, "x-source")
		if e.kind == kindOperation && e.within(kindCallback) == nil || e.kind == kindSchema && e.component() {
			if len(nodeItems(value)) == 0 {
				c.report(e, e.at(), "%s has no x-source", e.kind)
				continue
			}
		}
		if key == nil {
			continue
		}
		if shapeTexts.fault(value) != "" {
			c.report(e, key, "x-source must be a list of ids, not %s", nodeWord(value))
			continue
		}
		listed := map[string]bool{}
		for _, id := range nodeItems(value) {
			switch {
			case !known[id.Value]:
				c.report(e, id, "x-sources has no %q", id.Value)
			case listed[id.Value]:
				c.report(e, id, "x-source names %q twice", id.Value)
			}
			listed[id.Value] = true
		}
	}
}

// oneLineText reports whether a node is a text of one line that is not blank.
func oneLineText(n *yaml.Node) bool {
	value := strings.TrimSpace(nodeText(n))
	return value != "" && !strings.Contains(value, "\n")
}

// dateLike reports whether a text is a date that people may read in two ways.
func dateLike(text string) bool {
	_, err := time.Parse("01/02/2006", text)
	return err == nil
}
