package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrTooLarge is in the chain of an error for an answer whose body, after
// decompression, is larger than the limit. See [WithBodyLimit].
var ErrTooLarge = errors.New("answer is larger than the limit")

// How much an error keeps or prints, in bytes.
const (
	maxErrorBody = 64 << 10 // of the answer, and of each text of the vendor
	maxErrorText = 1000     // of the text of a cause
	maxErrorPart = 200      // of the path, the code and the explanation
	maxRequestID = 128      // a longer one is none
)

// An Error is an answer that is not a success: a status other than 2xx, a
// body that reports a failure, or one that cannot be read. Failures to reach
// the vendor at all are no Errors; they come from package net/http with the
// vendor and the operation in front.
//
// The text of an Error is one line and has no header, query or body of the
// request in it. Where the vendor repeats a secret that the request was built
// with, or that a transport has added (see [Conceal]), the word [redacted]
// stands in the place of Code, Message or RequestID, and Value is nil.
type Error struct {
	Vendor     string      // such as "alertsite"
	Operation  string      // the operationId, such as "getMonitors"
	Method     string      // of the request
	Path       string      // of the request, without its query
	StatusCode int         // HTTP status, such as 404; always set
	Code       string      // the vendor's own code, such as "40"; may be empty
	Message    string      // the vendor's explanation; may be empty
	RequestID  string      // the vendor's name for this call, from the header of the answer; may be empty
	Header     http.Header // of the answer
	Body       []byte      // the answer, cut after 64 KiB; nil where it may hold a secret
	Value      any         // the answer in the type that describes it, or nil if it has none or does not fit
	Err        error       // why the answer could not be read, or why it was let pass (see [WithReason]), or nil
}

// Error returns one line, such as
//
//	acme: getMonitor: GET /v1/monitors/42: 404 Not Found: monitor_not_found: no such monitor
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Vendor + ": " + e.Operation + ": " + e.Method + " " + oneLine(e.Path, maxErrorPart) + ": " + strconv.Itoa(e.StatusCode))
	if text := http.StatusText(e.StatusCode); text != "" {
		b.WriteString(" " + text)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + oneLine(part, maxErrorPart))
		}
	}
	if e.Err != nil {
		b.WriteString(": " + oneLine(e.Err.Error(), maxErrorText))
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + oneLine(e.RequestID, maxRequestID) + ")")
	}
	return b.String()
}

// MarshalText implements [encoding.TextMarshaler]: whoever encodes an Error
// gets its text, not the header and the body of the answer.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// because adds a reason, unless it is nil.
func (e *Error) because(why error) {
	switch {
	case why == nil:
	case e.Err == nil:
		e.Err = why
	default:
		e.Err = fmt.Errorf("%w; %w", e.Err, why)
	}
}

// requestID returns the first header that looks like the name of a call:
// printable ASCII, and not much of it.
func requestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Amzn-Requestid", "X-Amz-Request-Id", "X-Trace-Id"} {
		id := header.Get(name)
		odd := strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= unicode.MaxASCII })
		if id != "" && len(id) <= maxRequestID && !odd {
			return id
		}
	}
	return ""
}

// oneLine returns text without control and formatting characters, cut after
// limit bytes.
func oneLine(text string, limit int) string {
	if len(text) > limit {
		cut := limit
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}
