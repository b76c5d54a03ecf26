package wire

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Encoder appends a JSON document to a slice. It places the commas; its
// caller ends what it began, and gives each member of an object a key.
//
// The bytes are those of encoding/json without escaping for HTML. The zero
// Encoder appends to an empty slice. An Encoder is not safe for concurrent use.
type Encoder struct {
	// Redact asks methods that encode secrets to hide them. Those that show one
	// add it to Secrets. The Encoder itself only carries both.
	Redact  bool
	Secrets []string

	buf   []byte
	start int  // of the document
	comma bool // is due
	err   error
}

// NewEncoder returns an Encoder that appends to buf.
func NewEncoder(buf []byte) *Encoder { return &Encoder{buf: buf, start: len(buf)} }

// Bytes returns buf with the document, valid until something is appended.
func (e *Encoder) Bytes() []byte { return e.buf }

// Err returns nil or the first error, an [*Error], after which the document is
// of no use.
func (e *Encoder) Err() error { return e.err }

// Object begins an object.
func (e *Encoder) Object() { e.buf, e.comma = append(e.next(), '{'), false }

// End ends the innermost object.
func (e *Encoder) End() { e.buf, e.comma = append(e.buf, '}'), true }

// Array begins an array.
func (e *Encoder) Array() { e.buf, e.comma = append(e.next(), '['), false }

// EndArray ends the innermost array.
func (e *Encoder) EndArray() { e.buf, e.comma = append(e.buf, ']'), true }

// Key appends the name of a member.
func (e *Encoder) Key(name string) { e.buf, e.comma = append(appendString(e.next(), name), ':'), false }

// String appends a string. Broken UTF-8 becomes U+FFFD.
func (e *Encoder) String(s string) { e.buf = appendString(e.next(), s) }

// Int64 appends an integer.
func (e *Encoder) Int64(n int64) { e.buf = strconv.AppendInt(e.next(), n, 10) }

// Bool appends true or false.
func (e *Encoder) Bool(b bool) { e.buf = strconv.AppendBool(e.next(), b) }

// Null appends null.
func (e *Encoder) Null() { e.buf = append(e.next(), "null"...) }

// Raw appends a value that is JSON already. It fails if raw is not one value.
func (e *Encoder) Raw(raw string) {
	e.buf = e.next()
	if strings.HasPrefix(raw, "\ufeff") || !Valid(raw) {
		e.fail("want one JSON value")
	}
	e.buf = append(e.buf, raw...)
}

// Float64 appends the shortest number that reads back as f. It fails if f is
// infinite or not a number.
func (e *Encoder) Float64(f float64) {
	e.buf = e.next()
	switch abs := math.Abs(f); {
	case math.IsInf(f, 0) || math.IsNaN(f):
		e.fail("want a finite number")
	case abs == 0 || abs >= 1e-6 && abs < 1e21:
		e.buf = strconv.AppendFloat(e.buf, f, 'f', -1, 64)
	default:
		e.buf = strconv.AppendFloat(e.buf, f, 'e', -1, 64)
		if n := len(e.buf) - 2; string(e.buf[n-2:n+1]) == "e-0" {
			e.buf = append(e.buf[:n], e.buf[n+1])
		}
	}
}

// next returns the bytes so far with the comma that is due, and makes one due.
func (e *Encoder) next() []byte {
	if e.comma {
		return append(e.buf, ',')
	}
	e.comma = true
	return e.buf
}

func (e *Encoder) fail(msg string) {
	if e.err == nil {
		path, start := locate(string(e.buf[e.start:]))
		e.err = &Error{Offset: int64(start), Path: path, Msg: msg}
	}
}

func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for {
		n := plainEnd(s, 0)
		b = append(b, s[:n]...)
		if s = s[n:]; s == "" {
			return append(b, '"')
		}
		r, size := utf8.DecodeRuneInString(s)
		if i := strings.IndexByte("\"\\\b\f\n\r\t", s[0]); i >= 0 {
			b = append(b, '\\', `"\bfnrt`[i])
		} else if r < ' ' || r == '\u2028' || r == '\u2029' {
			b = append(b, '\\', 'u', hex[r>>12], hex[r>>8&0xf], hex[r>>4&0xf], hex[r&0xf])
		} else if r == utf8.RuneError && size == 1 {
			b = append(b, `\ufffd`...)
		} else {
			b = append(b, s[:size]...)
		}
		s = s[size:]
	}
}
