package main

import (
	"maps"
	"strings"
)

// refDefects returns what is wrong with the references of the document: refs
// that leave it, lead nowhere, to another kind of object, or in a loop.
func (t *tree) refDefects() []defect {
	sound := len(t.defects)
	looping := map[*element]bool{}
	for _, e := range t.all {
		if e.ref != "" {
			t.checkRef(e, looping)
		}
	}
	if len(t.defects) == sound {
		t.checkSchemaLoops()
	}
	return t.defects[sound:]
}

// checkRef checks one reference. The refs of a loop are noted in looping, so that
// a loop is reported once.
func (t *tree) checkRef(e *element, looping map[*element]bool) {
	at := e.field("$ref")
	ptr, local := refPointer(e.ref)
	if !local {
		what := "to another file"
		if strings.Contains(e.ref, "//") {
			what = "to a remote document"
		}
		t.defect(at, "$ref %q %s is refused; nothing was read from there", e.ref, what)
		return
	}
	target := t.lookup(ptr, 0)
	section := t.grammar.refs[e.kind]
	switch {
	case target == nil:
		t.defect(at, "$ref %q leads to no %s of this document", e.ref, e.kind)
	case target.kind != e.kind:
		t.defect(at, "$ref %q leads to a %s, where a %s is wanted (#/components/%s/...)", e.ref, target.kind, e.kind, section)
	case t.resolve(e) == nil && !t.noteLoop(e, looping):
		t.defect(at, "$ref loop: %q leads back to itself", e.ref)
	}
}

// noteLoop notes the refs of the loop that a ref leads into. It reports whether
// there is nothing new: the loop is known, or the ref leads nowhere after all,
// which another ref is reported for.
func (t *tree) noteLoop(e *element, looping map[*element]bool) (known bool) {
	way := map[*element]bool{}
	for ; e != nil && e.ref != "" && !way[e]; e = t.next(e) {
		if looping[e] {
			return true
		}
		way[e] = true
	}
	maps.Copy(looping, way)
	return e == nil || e.ref == ""
}

// next returns the element that a ref leads to, nil if there is none.
func (t *tree) next(e *element) *element {
	ptr, ok := refPointer(e.ref)
	if !ok {
		return nil
	}
	return t.lookup(ptr, 0)
}

// checkSchemaLoops refuses schemas that contain themselves through allOf,
// anyOf, oneOf or not: no value ends such a loop.
func (t *tree) checkSchemaLoops() {
	state := map[*element]int{} // 1 while it is open, 2 when it is done
	for _, e := range t.all {
		if e.kind == kindSchema && e.ref == "" {
			t.visitLoop(e, state)
		}
	}
}

func (t *tree) visitLoop(e *element, state map[*element]int) {
	if state[e] != 0 {
		return
	}
	state[e] = 1
	for _, part := range e.parts {
		if !composes(part.step) {
			continue
		}
		target := t.resolve(part)
		if target == nil {
			continue
		}
		if state[target] == 1 {
			t.defect(part.at(), "$ref loop: the schema at #%s contains itself through %s", target.ptr, part.step)
			continue
		}
		t.visitLoop(target, state)
	}
	state[e] = 2
}

// composes reports whether a field of a schema holds schemas for the same value.
func composes(step string) bool {
	return step == "allOf" || step == "anyOf" || step == "oneOf" || step == "not"
}
