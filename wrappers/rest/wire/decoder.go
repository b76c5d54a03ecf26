// Package wire reads and writes JSON for generated code, without reflection.
//
// The grammar is that of RFC 8259 and nothing else, except that a byte order
// mark may come first. Broken UTF-8 and surrogates without a partner become
// U+FFFD, as in encoding/json.
package wire

import (
	"strconv"
	"strings"
)

// MaxDepth is how many objects and arrays may be open at the same time. A
// document nested deeper is refused.
const MaxDepth = 512

// A Decoder reads a JSON document from front to back, as its caller directs.
// "The value" in the description of a method is the next one: at first the
// document, then what [Decoder.Next] or [Decoder.More] came to. Each value has
// to be consumed by one call before the next Next or More.
//
// After the first error every method returns a zero value and consumes
// nothing, so that callers look at [Decoder.Err] once, at the end.
//
// The zero Decoder holds an empty document. A Decoder is not safe for
// concurrent use.
type Decoder struct {
	data        string // empty after an error, which ends all fast paths
	pos         int    // in data; of the first byte of the value when one is due
	opened      int    // right behind the last bracket, until its first entry
	depth       int
	key, keyEnd int  // where the name is in data; offsets need no write barriers
	escaped     bool // the name may stand for something else
	failed      bool
	doc         string // what data was before the error
	fault       Error  // without Path
}

// NewDecoder returns a Decoder for the document data.
func NewDecoder(data string) *Decoder {
	d := newDecoder(data)
	return &d
}

// newDecoder is for callers that keep their Decoder.
func newDecoder(data string) Decoder {
	return Decoder{data: data, pos: skipSpace(data, len(data)-len(strings.TrimPrefix(data, "\ufeff"))), opened: -1}
}

// Reset makes d read the document data from its start and forget any error.
func (d *Decoder) Reset(data string) { *d = newDecoder(data) }

// Object begins an object; call [Decoder.Next] until it returns false. Object
// returns false for null, which it consumes, and fails on anything else.
func (d *Decoder) Object() bool { return d.open('{', "object") }

// Array begins an array; call [Decoder.More] until it returns false. Array
// returns false for null, which it consumes, and fails on anything else.
func (d *Decoder) Array() bool { return d.open('[', "array") }

func (d *Decoder) open(bracket byte, want string) bool {
	if d.pos >= len(d.data) || d.data[d.pos] != bracket {
		return !d.Null() && d.mismatch(want)
	}
	if d.depth == MaxDepth {
		return d.fail(d.pos, "nested too deeply")
	}
	d.depth, d.pos, d.opened = d.depth+1, d.pos+1, d.pos+1
	return true
}

// Next goes to the value of the next member of the innermost object, whose
// name is [Decoder.Key]. It returns false after the last one or an error.
func (d *Decoder) Next() bool {
	s, i := d.data, d.pos
	if i != d.opened && i+1 < len(s) && s[i] == ',' && s[i+1] == '"' { // as most documents have it
		i++
		d.pos = i
	} else {
		if !d.entry('}') {
			return false
		}
		if i = d.pos; i >= len(s) || s[i] != '"' {
			return d.fail(i, "want the name of a member")
		}
	}
	end := plainEnd(s, i+1)
	if d.escaped = end >= len(s) || s[end] != '"'; d.escaped {
		if d.quoted(); d.failed {
			return false
		}
		end = d.pos - 1
	}
	d.key, d.keyEnd = i+1, end
	i = end + 1
	if i+1 < len(s) && s[i] == ':' && s[i+1] > ' ' {
		d.pos = i + 1
		return true
	}
	if i = skipSpace(s, i); i >= len(s) || s[i] != ':' {
		return d.fail(i, "want a colon")
	}
	d.pos = skipSpace(s, i+1)
	return true
}

// Key returns the name of the member that Next came to. A name that an object
// has twice is returned twice.
func (d *Decoder) Key() string {
	if d.escaped {
		return unquote(d.data[d.key:d.keyEnd])
	}
	return d.data[d.key:d.keyEnd]
}

// More goes to the next element of the innermost array. It returns false after
// the last one or an error.
func (d *Decoder) More() bool { return d.entry(']') }

// entry goes behind the comma that is due, or behind the closing bracket.
func (d *Decoder) entry(closing byte) bool {
	s, i, first := d.data, d.pos, d.pos == d.opened
	if i = skipSpace(s, i); i >= len(s) {
		return d.fail(i, "")
	}
	switch c := s[i]; {
	case c == closing:
		d.pos, d.depth = i+1, d.depth-1
		return false
	case first:
		d.pos, d.opened = i, -1
	case c == ',':
		d.pos = skipSpace(s, i+1)
	default:
		return d.fail(i, "want a comma or the end")
	}
	return true
}

// Null consumes the value and returns true if it is null.
func (d *Decoder) Null() bool {
	return d.pos < len(d.data) && d.data[d.pos] == 'n' && d.literal("null")
}

// Bool consumes true or false.
func (d *Decoder) Bool() bool {
	if d.Kind() != Bool {
		return d.mismatch("bool")
	}
	yes := d.data[d.pos] == 't'
	return d.literal(strconv.FormatBool(yes)) && yes
}

func (d *Decoder) literal(want string) bool {
	for i := range len(want) {
		if at := d.pos + i; at >= len(d.data) || d.data[at] != want[i] {
			return d.fail(at, "invalid literal")
		}
	}
	d.pos += len(want)
	return true
}

// String consumes a string. What it returns is a part of the document, and
// keeps all of it in memory, unless there is something to unescape or repair.
// It is not for package fmt, which would consume a string to print a Decoder.
func (d *Decoder) String() string {
	s, i := d.data, d.pos
	if i >= len(s) || s[i] != '"' {
		d.mismatch("string")
		return ""
	}
	if end := plainEnd(s, i+1); end < len(s) && s[end] == '"' {
		d.pos = end + 1
		return s[i+1 : end]
	}
	return unquote(d.quoted())
}

// Raw consumes any value and returns its text, which is checked to be JSON.
func (d *Decoder) Raw() string {
	s, i := d.data, d.pos
	if i < len(s) && s[i] == '"' {
		if end := plainEnd(s, i+1); end < len(s) && s[end] == '"' {
			d.pos = end + 1
			return s[i:d.pos]
		}
	}
	if d.Skip(); d.failed {
		return ""
	}
	return s[i:d.pos]
}

// Skip consumes any value, and checks that it is JSON.
func (d *Decoder) Skip() {
	switch d.Kind() {
	case Object:
		for d.Object(); d.Next(); {
			d.Skip()
		}
	case Array:
		for d.Array(); d.More(); {
			d.Skip()
		}
	case String:
		d.quoted()
	case Number:
		d.number("")
	case Bool:
		d.Bool()
	case Null:
		d.Null()
	default:
		d.mismatch("a value")
	}
}

// End fails if anything but white space follows the document.
func (d *Decoder) End() {
	if d.pos = skipSpace(d.data, d.pos); d.pos < len(d.data) {
		d.fail(d.pos, "want the end of the document")
	}
}

// Remaining returns how many bytes of the document are not read yet. The size
// of the first element of an array tells with it how many may follow.
func (d *Decoder) Remaining() int { return len(d.data) - d.pos }

// Valid reports whether data is a JSON document, no deeper than [MaxDepth].
func Valid(data string) bool {
	d := newDecoder(data)
	d.Skip()
	d.End()
	return !d.failed
}

// Find returns the text and the kind of the value that is reached from the
// document data by entering, for each name in path, the first member of that
// name. It reads no further than that value: what follows may be cut off or
// broken. ok is false if there is no such value or data is not JSON before it.
func Find(data string, path ...string) (raw string, kind Kind, ok bool) {
	d := newDecoder(data)
	for _, name := range path {
		more := d.Kind() == Object && d.Object() && d.Next()
		for ; more && d.Key() != name; more = d.Next() {
			d.Skip()
		}
		if !more {
			return "", Invalid, false
		}
	}
	kind, raw = d.Kind(), d.Raw()
	if d.failed || len(path) > 0 && d.pos == len(data) { // a number may be cut
		return "", Invalid, false
	}
	return raw, kind, true
}

// Came notes in word how the value came and reports whether there is one to
// read: it sets bit, or the next lower one if the value is null, which it
// consumes.
func (d *Decoder) Came(word *uint64, bit uint64) bool {
	*word = *word&^(bit>>1) | bit
	return d.pos >= len(d.data) || d.data[d.pos] != 'n' || d.cameNull(word, bit)
}

func (d *Decoder) cameNull(word *uint64, bit uint64) bool {
	*word ^= bit | bit>>1
	d.literal("null")
	return false
}
