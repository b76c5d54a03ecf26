package rest

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Failure tells how a vendor reports in the body of an answer that a call
// failed, whatever the HTTP status says. The generator writes it from
// x-failure in the description. A Failure is not changed after it was made.
type Failure struct {
	// Value is the path of the member that decides. If it is empty, nothing in
	// the body decides.
	Value []string
	// Success holds the texts of Value that mean success. If it is not empty,
	// any other value is a failure, and so is absence.
	Success []string
	// From makes numbers from this one up failures. It counts if Success is
	// empty; absence is no failure then.
	From int64
	// Code and Message are the paths of the vendor's code and explanation.
	Code, Message []string
}

// Check reports whether body says that the call failed. A body that is not
// JSON says nothing: then it has not failed. The beginning of a body is enough
// if the deciding member is in it.
func (f *Failure) Check(body string) bool {
	if f == nil || len(f.Value) == 0 {
		return false
	}
	value, ok := lookup(body, f.Value)
	if len(f.Success) > 0 {
		if !ok && !wire.Valid(body) {
			return false
		}
		return !ok || !slices.Contains(f.Success, value)
	}
	code, err := strconv.ParseFloat(value, 64)
	return ok && err == nil && code >= float64(f.From)
}

// Describe returns the vendor's code and explanation from body; they are empty
// where the body has none.
func (f *Failure) Describe(body string) (code, message string) {
	if f == nil {
		return "", ""
	}
	code, _ = lookup(body, f.Code)
	message, _ = lookup(body, f.Message)
	return keep(code), keep(message)
}

// keep returns the beginning of a text without the body that it is a part of.
func keep(text string) string {
	return strings.ToValidUTF8(strings.Clone(text[:min(len(text), maxErrorBody)]), "")
}

// lookup returns the text of the string, number or boolean at path.
func lookup(body string, path []string) (text string, ok bool) {
	if len(path) == 0 {
		return "", false
	}
	raw, kind, ok := wire.Find(body, path...)
	if ok && (kind == wire.String || kind == wire.Number || kind == wire.Bool) {
		return unquote(raw), true
	}
	return "", false
}

// unquote returns the text that raw, a JSON value, stands for if it is a
// string, else raw.
func unquote(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 && utf8.ValidString(raw) { // nothing to unescape or repair
		return strings.Trim(raw, `"`)
	}
	var d wire.Decoder
	d.Reset(raw)
	if d.Kind() == wire.String {
		return d.String()
	}
	return raw
}
