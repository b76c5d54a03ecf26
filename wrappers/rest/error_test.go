package rest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestErrorText(t *testing.T) {
	tests := []struct {
		err  rest.Error
		want string
	}{
		{rest.Error{StatusCode: 404}, "acme: getThing: GET /v1/things/7: 404 Not Found"},
		{rest.Error{StatusCode: 599}, "acme: getThing: GET /v1/things/7: 599"},
		{rest.Error{StatusCode: 404, Code: "gone", Message: "no such thing"}, "acme: getThing: GET /v1/things/7: 404 Not Found: gone: no such thing"},
		{rest.Error{StatusCode: 200, Message: "two\r\n  lines\t\x00\x1b[1m\u2028and\u202e more\u0085"}, "acme: getThing: GET /v1/things/7: 200 OK: two lines [1m and more"},
		{rest.Error{StatusCode: 200, Err: io.ErrUnexpectedEOF}, "acme: getThing: GET /v1/things/7: 200 OK: unexpected EOF"},
		{rest.Error{StatusCode: 200, Err: errors.New("a\nb")}, "acme: getThing: GET /v1/things/7: 200 OK: a b"},
		{rest.Error{StatusCode: 404, Header: http.Header{"Set-Cookie": {"hunter2"}}, Body: []byte("hunter2"), Value: "hunter2"}, "acme: getThing: GET /v1/things/7: 404 Not Found"},
		{rest.Error{StatusCode: 500, RequestID: "r-42"}, "acme: getThing: GET /v1/things/7: 500 Internal Server Error (request r-42)"},
		{rest.Error{StatusCode: 500, Message: "no", Err: io.ErrUnexpectedEOF, RequestID: "r\n42"}, "acme: getThing: GET /v1/things/7: 500 Internal Server Error: no: unexpected EOF (request r 42)"},
	}
	for _, tt := range tests {
		e := tt.err
		e.Vendor, e.Operation, e.Method, e.Path = "acme", "getThing", http.MethodGet, "/v1/things/7"
		if got := e.Error(); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

func TestErrorTextIsShort(t *testing.T) {
	long := strings.Repeat("é\n", 100_000)
	e := rest.Error{
		Vendor: "acme", Operation: "getThing", Method: http.MethodGet, Path: "/" + strings.Repeat("x", 100_000),
		StatusCode: 400, Code: long, Message: "x" + long, Err: errors.New(long),
	}
	text := e.Error()
	if len(text) > 2000 || !utf8.ValidString(text) || strings.Count(text, "…") != 4 {
		t.Errorf("%d bytes: %q", len(text), text)
	}
	if i := strings.IndexFunc(text, unicode.IsControl); i >= 0 {
		t.Errorf("control character at %d", i)
	}
	if e.Message != "x"+long {
		t.Error("the message itself is cut")
	}
}

func TestErrorUnwraps(t *testing.T) {
	var err error = &rest.Error{Err: rest.ErrTooLarge}
	if !errors.Is(err, rest.ErrTooLarge) || errors.Is(&rest.Error{}, rest.ErrTooLarge) {
		t.Error("the cause is not in the chain")
	}
}
