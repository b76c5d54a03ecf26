package wire

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An Error says where a document is not JSON or not what the caller wants, or
// what an Encoder cannot express. Its text has no value of the document in it,
// unless a caller of [Decoder.Fail] puts one there. If the document ends too
// early, the Error wraps [io.ErrUnexpectedEOF].
type Error struct {
	Offset int64  // in bytes from the start of the document
	Path   string // such as data.users[3].id; shortened if very long
	Msg    string // such as "want integer, have string"

	cause error
}

// Error returns, for example,
// "json: data.users[3].id (offset 120): want integer, have string".
func (e *Error) Error() string {
	return fmt.Sprintf("json: %s (offset %d): %s", cmp.Or(e.Path, "top level"), e.Offset, e.Msg)
}

// Unwrap returns what [Decoder.Fail] was given, or [io.ErrUnexpectedEOF].
func (e *Error) Unwrap() error { return e.cause }

// Err returns nil or the first error, an [*Error].
func (d *Decoder) Err() error {
	if !d.failed {
		return nil
	}
	e := d.fault
	e.Path, _ = locate(d.doc[:e.Offset])
	return &e
}

// Fail records err, unless it is nil or d has failed before. Err then returns
// an [*Error] that has the text of err and wraps it, and the place of the value
// consumed last or, if there is one, of the value that is due.
func (d *Decoder) Fail(err error) {
	if err != nil && !d.failed {
		_, start := locate(d.data[:d.pos])
		d.stop(Error{Offset: int64(start), Msg: err.Error(), cause: err})
	}
}

// fail records that the document is wrong at the offset at. It returns false.
//
//go:noinline
func (d *Decoder) fail(at int, msg string) bool {
	switch {
	case d.failed:
	case at >= len(d.data):
		d.stop(Error{Offset: int64(len(d.data)), Msg: "unexpected end", cause: io.ErrUnexpectedEOF})
	default:
		d.stop(Error{Offset: int64(at), Msg: msg})
	}
	return false
}

// mismatch records that the value is not what the caller wants.
func (d *Decoder) mismatch(want string) bool {
	return d.fail(d.pos, "want "+want+", have "+d.Kind().String())
}

func (d *Decoder) stop(e Error) { *d = Decoder{failed: true, doc: d.data, fault: e, opened: -1} }

// locate returns the path and the offset of the value that ends, or is due or
// unfinished, where s ends. s is a document cut off there.
func locate(s string) (path string, start int) {
	path, start = NewDecoder(s).walk()
	return cut(strings.TrimPrefix(path, "."), 512), start
}

func (d *Decoder) walk() (path string, start int) {
	start = d.pos
	switch d.Kind() {
	case Object:
		for d.Object(); d.Next(); {
			key := d.Key()
			if path, at := d.walk(); d.pos == len(d.data) { // or failed
				return member(key) + path, at
			}
		}
	case Array:
		n := 0
		for d.Array(); d.More(); n++ {
			if path, at := d.walk(); d.pos == len(d.data) {
				return "[" + strconv.Itoa(n) + "]" + path, at
			}
		}
		if d.failed && n == 0 {
			return "[0]", len(d.doc)
		}
	default:
		d.Skip()
	}
	return "", start
}

// member returns the part of a path for the member name.
func member(name string) string {
	name = cut(name, 64)
	quoted := strconv.Quote(name)
	if name == "" || strings.ContainsAny(quoted[1:len(quoted)-1], `."\[] `) {
		return "[" + quoted + "]"
	}
	return "." + name
}

// cut shortens s to n bytes, and makes it UTF-8.
func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "") }
