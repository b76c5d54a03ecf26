package contract

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// A Patch changes a description so that it says what was seen.
//
// It adds members, statuses, media types and null, takes back what was said to
// be required, and corrects types that were never seen as described (in examples,
// too), with certainty observed and the source of [WithSource]; where a shared answer of free form was found
// to have members, the operation gets an answer of its own. Properties that were
// inferred and seen as described become observed. Operations, parameters and
// requests keep their certainty, because answers say nothing of them.
type Patch struct {
	Diff  string   // unified, for git apply or patch -p1; "" if there is nothing to change
	Spec  []byte   // the description with the changes
	Notes []string // what is left to decide, one line each
}

// String returns the notes as lines of comment, and the diff. Programs that
// apply diffs skip the comment.
func (p Patch) String() string {
	var b strings.Builder
	for _, note := range p.Notes {
		b.WriteString("# " + note + "\n")
	}
	return b.String() + p.Diff
}

// Patch returns what is to be changed in the description after the report.
// A Report that did not come from a [Checker] has an empty one.
func (r *Report) Patch() Patch {
	if r.checker == nil {
		return Patch{}
	}
	w, err := newPatcher(r)
	if err != nil {
		return Patch{Notes: []string{"the description cannot be changed: " + err.Error()}}
	}
	w.patchTypes()
	w.patchMissing()
	w.patchUnknown()
	w.patchStatuses()
	w.patchContentTypes()
	w.noteRest()
	w.promote()
	w.writeFacets()
	w.recastExamples()
	w.writeComponents()
	w.writeSource()
	result, diff := w.doc.apply(r.checker.settings.file)
	slices.Sort(w.notes)
	return Patch{Diff: diff, Spec: result, Notes: slices.Compact(w.notes)}
}

// A patcher turns a report into a patch.
type patcher struct {
	*Report
	doc        *document
	source     string
	named      bool // a change names the source
	notes      []string
	names      map[string]bool    // of component schemas
	components []*yaml.Node       // new ones, name and schema in turn
	facets     map[string]*facets // by pointer of a schema
	seen       map[string]types   // types seen as described, by pointer
}

func newPatcher(r *Report) (*patcher, error) {
	doc, err := newDocument(r.checker.description.text)
	if err != nil {
		return nil, err
	}
	w := &patcher{
		Report: r, doc: doc, source: r.checker.settings.source, names: make(map[string]bool),
		facets: make(map[string]*facets), seen: make(map[string]types),
	}
	if schemas := doc.at("/components/schemas"); schemas != nil && schemas.Kind == yaml.MappingNode {
		for i := 0; i < len(schemas.Content); i += 2 {
			w.names[schemas.Content[i].Value] = true
		}
	}
	for _, c := range r.Confirmed {
		w.seen[c.Pointer] |= c.types
	}
	return w, nil
}

func (w *patcher) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// of returns the findings of a kind.
func (r *Report) of(kind Kind) []Finding {
	var list []Finding
	for _, f := range r.Findings {
		if f.Kind == kind {
			list = append(list, f)
		}
	}
	return list
}

// name returns a name for a new component schema, which no other has.
func (w *patcher) name(parts ...string) string {
	base := upperCamel(strings.Join(parts, " "))
	name := base
	for n := 2; w.names[name] || name == ""; n++ {
		name = fmt.Sprintf("%s%d", base, n)
	}
	w.names[name] = true
	return name
}

// upperCamel turns a name such as user_id into UserId.
func upperCamel(name string) string {
	var b strings.Builder
	upper := true
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// patchMissing takes members that were absent out of required.
func (w *patcher) patchMissing() {
	byList := map[string][]string{}
	for _, f := range w.of(MissingMember) {
		name := f.steps[len(f.steps)-1]
		if !slices.Contains(byList[f.Pointer], name) {
			byList[f.Pointer] = append(byList[f.Pointer], name)
		}
	}
	for _, pointer := range sortedKeys(byList) {
		schema := w.doc.at(pointer)
		key, list := field(schema, "required")
		if !editable(schema) || list == nil {
			w.note("%s: required names %s, which was absent", pointer, strings.Join(byList[pointer], ", "))
			continue
		}
		indent := strings.Repeat(" ", indentOf(schema))
		var lines []string
		for _, item := range list.Content {
			if !slices.Contains(byList[pointer], item.Value) {
				lines = append(lines, indent+"  - "+yamlText(item.Value))
			}
		}
		if len(lines) > 0 {
			lines = append([]string{indent + "required:"}, lines...)
		}
		w.doc.change(key, list, lines...)
	}
}

// patchStatuses adds the statuses that are not described.
func (w *patcher) patchStatuses() {
	for _, f := range w.of(UnknownStatus) {
		responses := w.doc.at(f.Pointer)
		switch {
		case f.Decision != "":
			w.note("%s: status %d %s", f.Pointer, f.Status, f.Decision)
			continue
		case !editable(responses):
			w.note("%s: status %d is not described", f.Pointer, f.Status)
			continue
		}
		response := mapping("description", "Seen in traffic, not documented.")
		if content := w.content(&f); len(content.Content) > 0 {
			set(response, "content", content)
		}
		w.observed(response)
		style := responses.Content[0].Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle)
		status := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: fmt.Sprint(f.Status), Style: style}
		lines := encode(pairs(status, response), indentOf(responses))
		if fallback, _ := field(responses, "default"); fallback != nil {
			w.doc.addBefore(fallback, lines...)
		} else {
			w.doc.addLast(responses, lines...)
		}
	}
}

// content returns what was seen of the body of an answer whose status is not
// described.
func (w *patcher) content(f *Finding) *yaml.Node {
	content := pairs()
	if f.types != 0 {
		tree := w.tree(f)
		value := sample(tree)
		w.checker.description.byKey[f.Method+" "+f.Path].failure.mark(value, tree)
		set(content, "application/json", pairs("schema", w.body(f, tree), "examples", examples(value)))
	}
	switch {
	case f.media == "" || f.media == "application/json":
	case f.types != 0:
		set(content, f.media, sameJSON(content))
	default:
		set(content, f.media, opaque(f.media))
	}
	return content
}

// tree returns what was seen in a body of which nothing is described.
func (r *Report) tree(f *Finding) *seen {
	tree := &seen{types: f.types}
	for _, member := range r.of(UnknownProperty) {
		if member.Pointer == f.Pointer && member.Status == f.Status && member.Operation == f.Operation {
			tree.insert(member.steps, member.types)
		}
	}
	return tree
}

// body returns the schema of such a body.
func (w *patcher) body(f *Finding, tree *seen) *yaml.Node {
	if tree.types&^null != object {
		return w.schema(tree, fmt.Sprintf("%s%dAnswer", f.Operation, f.Status))
	}
	return w.component(tree, w.name(f.Operation, fmt.Sprint(f.Status), "Answer"))
}

// noteRest notes what needs a decision.
func (w *patcher) noteRest() {
	for _, f := range w.of(UnknownEnum) {
		w.note("%s: enum lacks a value that was seen (it is not kept)", f.Pointer)
	}
	if w.Dropped > 0 {
		w.note("%s had more differences than are kept", answers(w.Dropped))
	}
}
