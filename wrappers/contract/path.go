package contract

import (
	"slices"
	"strings"
)

// Steps of a path that are no name of a member. No name is kept that could be
// taken for one.
const (
	stepItem = "[]" // to the items of an array
	stepAny  = "*"  // to the members of an object, where names are folded
)

// A path leads from the root of a body to a value. It is not changed.
type path []string

// step returns the path to a member or to the items.
func (p path) step(name string) path { return append(slices.Clip(p), name) }

// String returns the path in the form data.users[].name.
func (p path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch {
		case step == stepItem:
		case step != stepAny && !plain(step):
			b.WriteString(`["` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(step) + `"]`)
			continue
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return b.String()
}

// plain tells whether a name can stand in a path as it is.
func plain(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '$' {
			return false
		}
	}
	return name != ""
}

// Bounds on what passes for the name of a member.
const (
	maxName    = 40
	maxDigits  = 4
	maxMembers = 48
)

// folder returns a function that replaces names of an object that are more
// likely values: all if there are very many, else those that look like it.
func folder(members map[string]any) func(string) string {
	if len(members) > maxMembers {
		return func(string) string { return stepAny }
	}
	return func(name string) string {
		if !namelike(name) {
			return stepAny
		}
		return name
	}
}

// namelike tells whether a text looks like the name of a member rather than an
// id, a key or an address: letters, a few digits, - and _.
func namelike(name string) bool {
	digits := 0
	for i, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
		case r == '-' || r == '$':
		case r >= '0' && r <= '9' && i > 0:
			digits++
		default:
			return false
		}
	}
	return name != "" && len(name) <= maxName && digits <= maxDigits
}
