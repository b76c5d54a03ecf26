package session

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
)

var (
	errNoRewind = errors.New("the body cannot be read again")
	errReplaced = errors.New("the body was replaced after the request was made")
)

// rewound returns the body of req from its beginning; nil if it has none.
func rewound(req *http.Request) (io.ReadCloser, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req.Body, nil
	}
	if req.GetBody == nil {
		return nil, errNoRewind
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, errors.Join(errNoRewind, err)
	}
	if !sameBody(req, body) {
		closeReader(body)
		return nil, errReplaced
	}
	return body, nil
}

// sameBody reports whether body, which GetBody returned, is as long as the
// request says, and of a kind with the body that was sent: whoever replaces the
// body of a request easily forgets GetBody.
func sameBody(req *http.Request, body io.ReadCloser) bool {
	again, sent := unwrap(body), unwrap(req.Body)
	if n, ok := size(again); ok && n != req.ContentLength {
		return false
	}
	if _, ok := sent.(*bytes.Buffer); ok { // NewRequest makes a bytes.Reader of it
		_, ok = again.(*bytes.Reader)
		return ok
	}
	if n, ok := size(sent); ok && n != req.ContentLength {
		return false
	}
	return reflect.TypeOf(again) == reflect.TypeOf(sent)
}

// size returns how long a reader is, whatever has been read of it.
func size(r io.Reader) (int64, bool) {
	switch r := r.(type) {
	case *bytes.Reader:
		return r.Size(), true
	case *strings.Reader:
		return r.Size(), true
	default:
		return 0, false
	}
}

// unwrap returns the reader inside io.NopCloser.
func unwrap(body io.ReadCloser) io.Reader {
	v := reflect.ValueOf(body)
	if v.Kind() == reflect.Struct && v.NumField() == 1 && v.Type().Field(0).Name == "Reader" {
		if r, ok := reflect.TypeAssert[io.Reader](v.Field(0)); ok {
			return r
		}
	}
	return body
}
