package rest

import (
	"slices"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// DecodeMember reads a value that may have one of several shapes as one of
// them, and reports whether it has that shape.
func DecodeMember(raw Raw, read func(d *wire.Decoder)) bool {
	var d wire.Decoder
	d.Reset(string(raw))
	read(&d)
	d.End()
	return d.Err() == nil
}

// HasMembers reports whether an object has all the named members.
func HasMembers(raw Raw, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		_, _, ok := wire.Find(string(raw), name)
		return !ok
	})
}

// MemberIs reports whether a member of an object is one of the given texts.
func MemberIs(raw Raw, name string, values ...string) bool {
	text, ok := lookup(string(raw), []string{name})
	return ok && slices.Contains(values, text)
}
