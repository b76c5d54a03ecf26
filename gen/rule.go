package main

import (
	"context"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Ids of the rules that are not a check of their own.
const (
	ruleLoad    = "load"
	ruleOpenAPI = "openapi-valid"
	ruleAllow   = "allow"
)

// A rule is one thing that is checked.
type rule struct {
	id   string // kebab-case, as used in x-allow
	help string // one line
	any  bool   // makes sense for any file, so that it is in the set openapi
	run  func(c *check)
}

// allRules returns the rules in the order of the listing. The first and the
// last ones have no check of their own: files that cannot be loaded, and misuse
// of x-allow, which is known once all other rules have run.
func allRules() []rule {
	return []rule{
		{ruleLoad, "the file can be read: OpenAPI 3.0 in YAML or JSON, no key twice, every $ref leads to an object of this file", true, nil},
		{ruleOpenAPI, "kin-openapi finds the document valid", true, checkOpenAPI},
		{"unknown-field", "objects have only the fields of OpenAPI 3.0 and extensions", true, checkUnknownFields},
		{"ref-sibling", "nothing but x-allow stands beside a $ref, as it would be ignored", true, checkRefSiblings},
		{"required-exists", "required names properties that exist", true, checkRequired},
		{"enum-type", "values of enum have the type of their schema, each once", true, checkEnums},
		{"discriminator", "the discriminator is a required property of every member, and its mapping is complete", true, checkDiscriminators},
		{"known-format", "formats are known and fit the type", true, checkFormats},
		{"example-valid", "examples and defaults are valid against their schemas", true, checkExamples},
		{"path-parameter", "path parameters are declared, used, and strings or integers", true, checkPathParameters},
		{"ambiguous-path", "no address matches two paths equally well", true, checkAmbiguousPaths},
		{"operation-id", "operations have a unique operationId, in our own specs in lowerCamel", true, checkOperationIDs},
		{"security-explicit", "every operation says which security it needs, in our own specs by itself", true, checkSecurity},
		{"error-response", "operations describe a failure, in our own specs with an example", true, checkErrorResponses},
		{"unused-component", "components are used", true, checkUnusedComponents},
		{"go-name", "names stay different when they become Go names", true, checkGoNames},
		{"operation-text", "operations have tags, a one-line summary and a description", false, checkOperationTexts},
		{"schema-name", "schemas have UpperCamel names, whole bodies are named ...Request and ...Answer", false, checkSchemaNames},
		{"inline-object", "objects in requests and answers are components", false, checkInlineObjects},
		{"tolerant-answer", "answers have no pattern and no closed objects", false, checkTolerance},
		{"success-example", "operations have a 2xx answer, with a named example if it has a body", false, checkSuccessExamples},
		{"failure-path", "x-failure fits the schemas and examples of the answers that it judges", false, checkFailurePaths},
		{"secret-marked", "passwords, tokens, keys, session ids and second-factor codes have format: password", false, checkSecrets},
		{"unit", "descriptions of durations and sizes name the unit", false, checkUnits},
		{"certainty", "x-certainty is legal, known for everything, and inferred facts have an x-reason", false, checkCertainty},
		{"source", "operations and component schemas name their sources in x-source", false, checkSources},
		{"extension-form", "extensions are known ones and have their documented form", false, checkExtensions},
		{"real-looking", "examples hold no real-looking secret, host, e-mail address or phone number", false, checkRealLooking},
		{"layout", "lines have at most 140 characters, LF line ends and no trailing blanks", false, checkLayout},
		{ruleAllow, "x-allow names a rule and a reason, and is needed", true, nil},
	}
}

// A check is one run of rules over one spec.
type check struct {
	*spec
	house    bool // the stricter forms of rules that have two
	rule     string
	findings []finding
	allowed  map[*element][]*allowance
	answers  map[*element]bool       // see [check.inAnswers]
	byBase   map[*element][]*element // see [check.heirs]
}

// checkSpec applies rules, chosen as for [chooseRules], and returns what they
// find.
func checkSpec(ctx context.Context, s *spec, rules string) []finding {
	chosen, err := chooseRules(rules)
	if err != nil {
		return []finding{newFinding(s.path, 0, 0, ruleLoad, "%v", err)}
	}
	c := &check{spec: s, house: strict(rules)}
	c.collectAllowances()
	for _, r := range allRules() {
		if ctx.Err() != nil {
			return append(c.findings, newFinding(s.path, 0, 0, ruleLoad, "%v", ctx.Err()))
		}
		if c.rule = r.id; chosen[r.id] && r.run != nil {
			r.run(c)
		}
	}
	if chosen[ruleAllow] {
		c.checkAllowances(chosen)
	}
	return tidyFindings(c.findings)
}

// strict reports whether a choice of rules wants the forms for our own specs of
// rules that have two: unless it asks for the set openapi and not for house.
func strict(rules string) bool {
	names := strings.Split(strings.ReplaceAll(rules, " ", ""), ",")
	return slices.Contains(names, "house") || !slices.Contains(names, "openapi")
}

// report notes a finding at a node, unless an x-allow of the element or of one
// around it switches the rule off.
func (c *check) report(e *element, at *yaml.Node, format string, args ...any) {
	for owner := e; owner != nil; owner = owner.parent {
		for _, a := range c.allowed[owner] {
			if a.rule == c.rule {
				a.used = true
				return
			}
		}
	}
	c.findings = append(c.findings, newFinding(c.path, at.Line, at.Column, c.rule, format, args...))
}

// An allowance is one entry of an x-allow.
type allowance struct {
	key    *yaml.Node
	rule   string
	reason string
	used   bool
}

const fieldAllow = "x-allow"

// collectAllowances reads every x-allow of the document.
func (c *check) collectAllowances() {
	c.allowed = map[*element][]*allowance{}
	for _, e := range c.tree.all {
		for key, value := range nodePairs(e.field(fieldAllow)) {
			c.allowed[e] = append(c.allowed[e], &allowance{key: key, rule: key.Value, reason: strings.TrimSpace(nodeText(value))})
		}
	}
}

// checkAllowances reports every x-allow without effect: of another form, of an
// unknown rule, without a reason, or of a rule that ran and found nothing.
func (c *check) checkAllowances(ran map[string]bool) {
	c.rule = ruleAllow
	known := map[string]bool{}
	for _, r := range allRules() {
		known[r.id] = r.run != nil
	}
	for _, e := range c.tree.all {
		if key, value := nodeFieldPair(e.node, fieldAllow); key != nil && value.Kind != yaml.MappingNode {
			c.report(e, key, "x-allow must map rules to reasons, not be %s", nodeWord(value))
		}
		for _, a := range c.allowed[e] {
			switch {
			case !known[a.rule]:
				c.report(e, a.key, "there is no rule %q that could be switched off", a.rule)
			case a.reason == "":
				c.report(e, a.key, "x-allow of %s gives no reason", a.rule)
			case ran[a.rule] && !a.used:
				c.report(e, a.key, "x-allow of %s is not needed: the rule finds nothing here", a.rule)
			}
		}
	}
}
