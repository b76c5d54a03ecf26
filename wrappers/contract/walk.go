package contract

import (
	"encoding/json"
	"slices"
	"strconv"
)

// maxDepth is how deep a body is compared.
const maxDepth = 48

// compare compares a value with a schema and notes in f what differs.
func (d *description) compare(f *facts, value any, p place, at path) {
	if len(at) > maxDepth {
		return
	}
	sh := d.shape(p)
	t := typeOf(value)
	found := entry{pointer: sh.site, level: sh.level, types: t, at: at, open: sh.open && len(sh.props) == 0}
	switch {
	case d.accepts(sh, t, 0):
	case t == null:
		found.described = d.described(sh, 0).String()
		f.find(Null, found)
		return
	default:
		found.described = d.described(sh, 0).String()
		f.find(OtherType, found)
		return
	}
	f.confirm(found)
	if t != null && sh.enum != nil && !inEnum(sh.enum, value) {
		f.find(UnknownEnum, found)
	}
	if len(sh.branches) > 0 {
		d.compareBranches(f, value, sh, at)
	}
	switch v := value.(type) {
	case map[string]any:
		d.compareObject(f, v, sh, at)
	case []any:
		if sh.items != nil {
			for _, item := range v {
				d.compare(f, item, *sh.items, at.step(stepItem))
			}
		}
	}
}

// compareBranches compares a value with those schemas of a oneOf or anyOf that
// have its type, and keeps what the best of them finds.
func (d *description) compareBranches(f *facts, value any, sh *shape, at path) {
	var best *facts
	for _, p := range sh.branches {
		branch := d.shape(p)
		if !d.accepts(branch, typeOf(value), 0) {
			continue
		}
		tried := newFacts()
		d.compare(tried, value, p, at)
		if best == nil || tried.weight() < best.weight() {
			best = tried
		}
	}
	if best != nil {
		f.take(best)
	}
}

// compareObject compares the members of an object.
func (d *description) compareObject(f *facts, members map[string]any, sh *shape, at path) {
	for _, r := range sh.required {
		if _, ok := members[r.name]; !ok {
			f.find(MissingMember, entry{pointer: r.pointer, level: sh.level, at: at.step(r.name)})
		}
	}
	if sh.anything() && len(sh.props) == 0 && sh.extra == nil && !sh.open {
		return
	}
	fold := folder(members)
	for name, value := range members {
		p, listed := sh.props[name]
		switch {
		case listed:
			d.compare(f, value, p, at.step(name))
		case sh.extra != nil:
			d.compare(f, value, *sh.extra, at.step(stepAny))
		case len(sh.branches) > 0: // may be described by one of them
		default:
			found := entry{pointer: sh.home, level: sh.level, open: sh.open, base: len(at)}
			noteUnknown(f, value, at.step(fold(name)), found)
		}
	}
}

// noteUnknown notes a value that the description does not mention, with all
// that is in it.
func noteUnknown(f *facts, value any, at path, found entry) {
	if len(at) > maxDepth {
		return
	}
	found.at, found.types = at, typeOf(value)
	f.find(UnknownProperty, found)
	noteInside(f, value, at, found)
}

// noteInside notes the members or items of a value that the description does
// not mention.
func noteInside(f *facts, value any, at path, found entry) {
	switch v := value.(type) {
	case map[string]any:
		fold := folder(v)
		for name, inner := range v {
			noteUnknown(f, inner, at.step(fold(name)), found)
		}
	case []any:
		for _, item := range v {
			noteUnknown(f, item, at.step(stepItem), found)
		}
	}
}

// inEnum tells whether a value is one of those listed.
func inEnum(enum []any, value any) bool {
	return slices.ContainsFunc(enum, func(listed any) bool {
		n, isNumber := value.(json.Number)
		f, listsNumber := listed.(float64)
		if isNumber && listsNumber {
			v, err := n.Float64()
			return err == nil && v == f
		}
		if s, ok := value.(string); ok {
			return listed == s
		}
		b, ok := value.(bool)
		return !ok || listed == b || listed == strconv.FormatBool(b)
	})
}
