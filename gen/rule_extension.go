package main

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// extensionHomes returns the extensions that are known and the kinds of objects
// they may stand in; none means any.
func extensionHomes() map[string][]kind {
	schemas := []kind{kindSchema}
	return map[string][]kind{
		"x-allow": nil, "x-certainty": nil, "x-reason": nil,
		"x-source":     {kindOperation, kindSchema, kindParameter, kindResponse, kindRequestBody, kindHeader, kindSecurityScheme, kindPathItem},
		"x-sources":    {kindRoot},
		"x-omitted":    {kindRoot},
		"x-failure":    {kindRoot, kindOperation},
		"x-names":      {kindOperation},
		"x-detail":     {kindOperation},
		"x-idempotent": {kindOperation},
		"x-pagination": {kindOperation},
		"x-go-name":    nil, "x-go-type": schemas, "x-go-type-import": schemas, "x-go-type-name": schemas,
		"x-go-type-skip-optional-pointer": schemas, "x-go-json-ignore": schemas, "x-omitempty": schemas, "x-omitzero": schemas,
		"x-oapi-codegen-extra-tags": schemas, "x-enum-varnames": schemas, "x-order": schemas, "x-deprecated-reason": nil,
	}
}

// checkExtensions reports extensions that are unknown, stand in the wrong kind
// of object, or have not the form that the generator and the coverage read.
func checkExtensions(c *check) {
	homes := extensionHomes()
	for _, e := range c.tree.all {
		for key := range nodePairs(e.node) {
			kinds, known := homes[key.Value]
			switch {
			case !strings.HasPrefix(key.Value, "x-"):
			case !known:
				c.report(e, key, "extension %q is not known", key.Value)
			case kinds != nil && !slices.Contains(kinds, e.kind):
				c.report(e, key, "extension %q has no meaning in %s", key.Value, e.kind)
			}
		}
		if e.kind == kindOperation && e.within(kindCallback) == nil {
			c.checkOperationExtensions(e)
		}
	}
	root := c.tree.root()
	c.checkFailureForm(root, root.field("x-failure"), false)
	c.checkSourcesForm(root)
	c.checkOmittedForm(root)
}

func (c *check) checkOperationExtensions(op *element) {
	key, detail := nodeFieldPair(op.node, "x-detail")
	switch {
	case key == nil:
		c.report(op, op.at(), "operation has no x-detail: full, partial or path")
	case !slices.Contains(detailLevels(), nodeText(detail)):
		c.report(op, key, "x-detail is none of %s", strings.Join(detailLevels(), ", "))
	}
	if key, value := nodeFieldPair(op.node, "x-idempotent"); key != nil && value.Tag != tagBool {
		c.report(op, key, "x-idempotent must be true or false")
	}
	c.checkFailureForm(op, op.field("x-failure"), true)
	c.checkPaginationForm(op)
	if key, value := nodeFieldPair(op.node, "x-names"); key != nil {
		if shapeTexts.fault(value) != "" {
			c.report(op, key, "x-names must be a list of names as they stand in x-sources")
		}
		for _, name := range nodeItems(value) {
			if !c.isNamed(name.Value) {
				c.report(op, name, "no document in x-sources names %q", name.Value)
			}
		}
	}
}

// detailLevels returns the legal values of x-detail, the best first.
func detailLevels() []string { return []string{"full", "partial", "path"} }

// isNamed reports whether a document of x-sources names an operation in exactly
// these words.
func (c *check) isNamed(name string) bool {
	return slices.ContainsFunc(c.sources(), func(s source) bool {
		return slices.ContainsFunc(s.operations, func(n *yaml.Node) bool { return n.Value == name })
	})
}

var dotPath = regexp.MustCompile(`^[^\s.]+(\.[^\s.]+)*$`)

// checkFailureForm checks an x-failure: the paths value, code and message, and
// either success or from. On an operation it may be none.
func (c *check) checkFailureForm(e *element, n *yaml.Node, operation bool) {
	if n == nil || operation && n.Value == "none" {
		return
	}
	if n.Kind != yaml.MappingNode {
		c.report(e, n, "x-failure must be a mapping with value, success or from, code and message; on an operation also none")
		return
	}
	for key, value := range nodePairs(n) {
		switch key.Value {
		case "value", "code", "message":
			if !dotPath.MatchString(nodeText(value)) {
				c.report(e, key, "%s of x-failure must be names with dots between them", key.Value)
			}
		case "success":
			if shapeTexts.fault(value) != "" || len(value.Content) == 0 {
				c.report(e, key, "success of x-failure must be a list of texts; put numbers and truth values in quotes")
			}
		case "from":
			if value.Tag != tagInt && value.Tag != tagFloat {
				c.report(e, key, "from of x-failure must be a number")
			}
		default:
			c.report(e, key, "x-failure has no %q", key.Value)
		}
	}
	decides := nodeField(n, "success") != nil || nodeField(n, "from") != nil
	switch {
	case nodeField(n, "value") == nil && (decides || nodeField(n, "code") == nil && nodeField(n, "message") == nil):
		c.report(e, n, "x-failure has no value")
	case nodeField(n, "value") != nil && (nodeField(n, "success") == nil) == (nodeField(n, "from") == nil):
		c.report(e, n, "x-failure with a value must have either success or from")
	}
}

// checkPaginationForm checks an x-pagination: items and next, the dot paths of
// the list and of the address of the next page in the answer.
func (c *check) checkPaginationForm(op *element) {
	key, n := nodeFieldPair(op.node, "x-pagination")
	if key == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		c.report(op, key, "x-pagination must be a mapping with items and next")
		return
	}
	for name := range nodePairs(n) {
		if name.Value != "items" && name.Value != "next" {
			c.report(op, name, "x-pagination has no %q", name.Value)
		}
	}
	for name, want := range map[string]string{"items": "array", "next": "string"} {
		at, value := nodeFieldPair(n, name)
		if at == nil {
			c.report(op, key, "x-pagination has no %s", name)
		} else if !c.answerHas(op, nodeText(value), want) {
			c.report(op, at, "%s of x-pagination leads to no %s in the answer", name, want)
		}
	}
}

// answerHas reports whether a 2xx answer of an operation describes a member of a
// type at a dot path.
func (c *check) answerHas(op *element, path, typ string) bool {
	_, answers := c.answersOf(op, successStatus)
	for _, answer := range answers {
		for _, media := range answer.children("content") {
			e := media.child("schema", "schema")
			for name := range strings.SplitSeq(path, ".") {
				if e != nil {
					e = c.property(e, name)
				}
			}
			if e = c.tree.resolve(e); e != nil && e.text("type") == typ {
				return true
			}
		}
	}
	return false
}

var (
	kebab         = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	operationName = regexp.MustCompile(`^(ANY|GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE) \S.*$`)
)

// checkSourcesForm checks x-sources: a list of documents, each with id, title,
// address or document, edition, and the operations it names.
func (c *check) checkSourcesForm(root *element) {
	key, n := nodeFieldPair(root.node, "x-sources")
	if key == nil {
		c.report(root, root.at(), "document has no x-sources")
		return
	}
	if n.Kind != yaml.SequenceNode {
		c.report(root, key, "x-sources must be a list")
		return
	}
	ids := map[string]bool{}
	for _, s := range c.sources() {
		if !kebab.MatchString(s.id) {
			c.report(root, s.node, "id of the source must be lower-case words with - between them")
		} else if ids[s.id] {
			c.report(root, s.node, "id %q stands twice in x-sources", s.id)
		}
		ids[s.id] = true
		c.checkSourceForm(root, s)
	}
}

func (c *check) checkSourceForm(root *element, s source) {
	for key := range nodePairs(s.node) {
		if !slices.Contains([]string{"id", "title", "address", "document", "edition", "operations"}, key.Value) {
			c.report(root, key, "source has a field %q, which has no meaning", key.Value)
		}
	}
	for _, name := range []string{"title", "edition"} {
		if !oneLineText(nodeField(s.node, name)) {
			c.report(root, s.node, "source %q has no %s of one line", s.id, name)
		}
	}
	if dateLike(nodeFieldText(s.node, "edition")) {
		c.report(root, nodeField(s.node, "edition"), "edition of source %q is a date that can be read in two ways", s.id)
	}
	if !oneLineText(nodeField(s.node, "address")) && !oneLineText(nodeField(s.node, "document")) {
		c.report(root, s.node, "source %q has neither address nor document", s.id)
	}
	if operations := nodeField(s.node, "operations"); operations == nil || shapeTexts.fault(operations) != "" {
		c.report(root, s.node, "source %q has no list of the operations that it names, empty if there are none", s.id)
	}
	listed := map[string]bool{}
	for _, n := range s.operations {
		switch {
		case !operationName.MatchString(n.Value):
			c.report(root, n, "operation %q does not start with a method or ANY, followed by a path or title", n.Value)
		case listed[n.Value]:
			c.report(root, n, "source %q names %q twice", s.id, n.Value)
		}
		listed[n.Value] = true
	}
}

// checkOmittedForm checks x-omitted: operations that a document names, each with
// the reason why the spec leaves it out.
func (c *check) checkOmittedForm(root *element) {
	key, n := nodeFieldPair(root.node, "x-omitted")
	if key == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		c.report(root, key, "x-omitted must be a list")
		return
	}
	inSpec := c.namesInSpec()
	listed := map[string]bool{}
	for _, entry := range n.Content {
		name := nodeFieldText(entry, "operation")
		switch {
		case !oneLineText(nodeField(entry, "operation")):
			c.report(root, entry, "entry of x-omitted has no operation")
		case !oneLineText(nodeField(entry, "reason")):
			c.report(root, entry, "x-omitted gives no reason of one line for %q", name)
		case !c.isNamed(name):
			c.report(root, entry, "x-omitted leaves out %q, which no document in x-sources names", name)
		case listed[name]:
			c.report(root, entry, "x-omitted leaves out %q twice", name)
		case inSpec.has(name):
			c.report(root, entry, "x-omitted leaves out %q, which is in the spec", name)
		}
		listed[name] = true
	}
}
