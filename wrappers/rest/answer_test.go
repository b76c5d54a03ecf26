package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestJSONIsReadWhateverTheContentType(t *testing.T) {
	const body = `{"id": 7, "name": "démo"}`
	for _, contentType := range []string{
		"application/json", "application/json; charset=utf-8", "application/json;charset=ISO-8859-1", "text/html",
		"text/html; charset=UTF-8", "text/plain", "application/octet-stream", "application/problem+json", "image/png",
		"", ";;;", "application/json; charset", "garbage", strings.Repeat("x", 5000),
	} {
		for _, mark := range []string{"", "\ufeff", "\r\n\t "} {
			thing, err := getThing(t, answer(t, http.StatusOK, contentType, mark+body+"\r\n"))
			if err != nil {
				t.Errorf("Content-Type %.40q, body begins with %q: %v", contentType, mark, err)
				continue
			}
			if thing.ID != 7 || thing.Name != "démo" {
				t.Errorf("Content-Type %.40q, body begins with %q: got %+v", contentType, mark, thing)
			}
		}
	}
}

func TestEverySuccessStatusIsASuccess(t *testing.T) {
	for _, status := range []int{200, 201, 202, 203, 206, 226, 299} {
		if thing, err := getThing(t, answer(t, status, "application/json", `{"id":7}`)); err != nil || thing.ID != 7 {
			t.Errorf("status %d: %+v, %v", status, thing, err)
		}
		if err := ping(t, answer(t, status, "application/json", `{"id":7}`)); err != nil {
			t.Errorf("status %d without a described body: %v", status, err)
		}
	}
}

func TestSuccessWithSomethingElse(t *testing.T) {
	const page = "<!DOCTYPE html>\n<html><title>Please sign in to Hotel Wifi</title></html>"
	tests := []struct {
		name, contentType, body, want string
	}{
		{"page", "text/html; charset=utf-8", page, "is the base URL right"},
		{"page called JSON", "application/json", page, "is the base URL right"},
		{"page after white space and a mark", "", "\ufeff\r\n  " + page, "is the base URL right"},
		{"XML", "application/xml", `<?xml version="1.0"?><ok/>`, "is the base URL right"},
		{"text", "text/plain", "upstream connect error", "does not fit the description"},
		{"binary", "application/json", "\x00\x01\x02\xff", "does not fit the description"},
		{"array for an object", "application/json", `[{"id":7}]`, "want object, have array"},
		{"text for a number", "application/json", `{"id":"seven"}`, "id (offset 6)"},
		{"number for a text", "application/json", `{"name":7}`, "name (offset 8)"},
		{"broken in a part not described", "application/json", `{"id":7,"x":{"y":tru}}`, "x.y"},
		{"more behind the value", "application/json", `{"id":7}{"id":8}`, "want the end"},
		{"nested without end", "application/json", strings.Repeat(`{"items":[`, 10_000), "nested too deeply"},
		{"warning before the value", "text/html", "<br />\n<b>Warning</b>: x{\"id\":7}", "is the base URL right"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			thing, err := getThing(t, answer(t, http.StatusOK, tt.contentType, tt.body))
			apiErr := wantError(t, err, http.StatusOK)
			if thing != nil || apiErr.Value != nil {
				t.Errorf("a value came with the error: %+v, %+v", thing, apiErr.Value)
			}
			if want := tt.body[:min(len(tt.body), 64<<10)]; string(apiErr.Body) != want {
				t.Errorf("Body is %.200q, want %.200q", apiErr.Body, want)
			}
			wantText(t, err, []string{"acme: getThing: GET /v1/things/7: 200 OK: ", tt.want})
		})
	}
}

func TestPageWhereNoBodyIsDescribed(t *testing.T) {
	err := ping(t, answer(t, http.StatusOK, "text/html", "<html>Please sign in</html>"))
	wantError(t, err, http.StatusOK)
	wantText(t, err, []string{"acme: ping: GET /v1/ping: 200 OK: ", "is the base URL right"})
	for _, body := range []string{"pong", "OK\n", `"ok"`, "[]", "null", ""} {
		if err := ping(t, answer(t, http.StatusOK, "text/plain", body)); err != nil {
			t.Errorf("body %q: %v", body, err)
		}
	}
}

func TestSuccessWithoutBody(t *testing.T) {
	for _, status := range []int{200, 201, 202} {
		for _, body := range []string{"", " \r\n", "\ufeff", "null", " null\n"} {
			thing, err := getThing(t, answer(t, status, "application/json", body))
			wantError(t, err, status)
			wantText(t, err, []string{"the answer has no body"})
			if thing != nil {
				t.Errorf("status %d, body %q: a value came with the error", status, body)
			}
			if err := ping(t, answer(t, status, "application/json", body)); err != nil {
				t.Errorf("status %d, body %q, none described: %v", status, body, err)
			}
		}
	}
	for _, status := range []int{http.StatusNoContent, http.StatusResetContent} {
		if thing, err := getThing(t, answer(t, status, "", "")); err != nil || thing == nil {
			t.Errorf("status %d: %v, %v", status, thing, err)
		}
		if err := ping(t, answer(t, status, "", "")); err != nil {
			t.Errorf("status %d, none described: %v", status, err)
		}
	}
}

func TestNullIsABodyWhereAnythingGoes(t *testing.T) {
	r := answer(t, http.StatusOK, "application/json", "null").NewRequest(&opGet, nil)
	if raw, err := rest.Do[rest.Raw](t.Context(), r); err != nil || string(*raw) != "null" {
		t.Errorf("got %v, %v", raw, err)
	}
}

func TestErrorStatus(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   string // of the typed value; "-" for none
		text   string
	}{
		{"described", 404, `{"reason":"no such thing"}`, "no such thing", "404 Not Found"},
		{"other JSON", 422, `{"detail":["x"]}`, "", "422 Unprocessable Entity"},
		{"JSON that does not fit", 400, `{"reason":{"x":1}}`, "-", "400 Bad Request"},
		{"list", 400, `["x"]`, "-", "400 Bad Request"},
		{"null", 500, `null`, "-", "500 Internal Server Error"},
		{"broken JSON", 500, `{"reason":"no`, "-", "500 Internal Server Error"},
		{"page", 502, "<html>Bad Gateway</html>", "-", "502 Bad Gateway"},
		{"text", 503, "try later", "-", "503 Service Unavailable"},
		{"empty", 401, "", "-", "401 Unauthorized"},
		{"no known status", 599, "", "-", "599"},
		{"beyond the classes", 999, "{}", "", "999"},
		{"not modified", 304, "", "-", "304 Not Modified"},
		{"multiple choices", 300, "{}", "", "300 Multiple Choices"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := answer(t, tt.status, "application/json", tt.body)
			thing, err := getThing(t, client)
			if thing != nil {
				t.Error("a value came with the error")
			}
			apiErr := wantError(t, err, tt.status)
			wantText(t, err, []string{"acme: getThing: GET /v1/things/7: " + tt.text})
			if string(apiErr.Body) != tt.body {
				t.Errorf("Body is %q, want %q", apiErr.Body, tt.body)
			}
			fault, ok := apiErr.Value.(*Fault)
			if ok != (tt.want != "-") || ok && fault.Reason != tt.want {
				t.Errorf("Value is %+v", apiErr.Value)
			}
			wantError(t, ping(t, client), tt.status)
		})
	}
}

func TestErrorHasTheAnswerInIt(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "r-42")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := getThing(t, client)
	apiErr := wantError(t, err, http.StatusTooManyRequests)
	if apiErr.Vendor != "acme" || apiErr.Operation != "getThing" || apiErr.Method != http.MethodGet || apiErr.Path != "/v1/things/7" {
		t.Errorf("got %#v", apiErr)
	}
	if id := apiErr.Header.Get("X-Request-Id"); id != "r-42" || apiErr.RequestID != id {
		t.Errorf("request id is %q and %q", id, apiErr.RequestID)
	}
	wantText(t, err, []string{"429 Too Many Requests (request r-42)"})
	if apiErr.Err != nil || apiErr.Unwrap() != nil {
		t.Errorf("Err is %v", apiErr.Err)
	}
}

func TestOddHeadersDoNotFailACall(t *testing.T) {
	for _, header := range []string{
		"Retry-After: 120", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", "Retry-After: soon", "Retry-After: -1",
		"Retry-After: 99999999999999999999", "Retry-After:", "Date: yesterday", "Expires: 0", "Last-Modified: \x80\xff",
		"Content-Type: ;", "Content-Type: text/html; charset=\"", "Set-Cookie: ;;;=", "Set-Cookie: a=b; Max-Age=x; Expires=y",
		"Location: http://elsewhere.invalid/", "Location: ::", "Link: <>; rel", "WWW-Authenticate: ,,", "ETag: \"",
		"Content-Language: \xe9", "Content-Range: bytes x/y", "X-Long: " + strings.Repeat("x", 100_000), "Age: old",
		"Content-Encoding: identity", "Content-Disposition: ;", "Alt-Svc: h3=", "Strict-Transport-Security: x", "Allow: 7",
	} {
		reply := "HTTP/1.1 200 OK\r\n" + header + "\r\n" + header + "\r\nContent-Length: 8\r\n\r\n" + `{"id":7}`
		if thing, err := getThing(t, answerRaw(t, reply)); err != nil || thing.ID != 7 {
			t.Errorf("%.60q: %v", header, err)
		}
		_, err := getThing(t, answerRaw(t, strings.Replace(reply, "200 OK", "503 Down", 1)))
		wantError(t, err, http.StatusServiceUnavailable)
	}
}

func TestRedirectToNowhereKeepsQuiet(t *testing.T) {
	client := answerRaw(t, "HTTP/1.1 302 Found\r\nLocation: http://[token=hunter2\r\nContent-Length: 0\r\n\r\n")
	_, err := getThing(t, client)
	wantText(t, err, []string{"acme: getThing: GET /things/7: 302 Found: ", "no URL"}, "hunter2")
	wantError(t, err, http.StatusFound)
}

func TestAnswerWithoutRequestOrHeader(t *testing.T) {
	for _, status := range []int{200, 500} {
		client := newClientVia(t, "https://api.example.com", &http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: http.NoBody}, nil
			}),
		})
		_, err := getThing(t, client)
		if apiErr := wantError(t, err, status); apiErr.Path != "/things/7" {
			t.Errorf("path is %q", apiErr.Path)
		}
	}
}

func TestSensitiveErrorsKeepNoBody(t *testing.T) {
	op := opGet
	op.Sensitive = true
	for _, client := range []*rest.Client{
		answer(t, 200, "text/html", "<html>hunter2</html>"),
		answer(t, 200, "application/json", `{"id":"hunter2"}`),
		answer(t, 400, "application/json", `{"reason":1,"password":"hunter2"}`),
		answer(t, 500, "text/plain", "hunter2"),
	} {
		_, err := rest.Do[Thing](t.Context(), client.NewRequest(&op, nil))
		var apiErr *rest.Error
		if !errors.As(err, &apiErr) || apiErr.Body != nil {
			t.Errorf("Body is %q", apiErr.Body)
		}
		wantText(t, err, nil, "hunter2")
	}
}

func TestErrorKeepsTheStartOfALargeBody(t *testing.T) {
	body := strings.Repeat("0123456789abcdef", 10_000)
	_, err := getThing(t, answer(t, 500, "text/plain", body))
	if apiErr := wantError(t, err, 500); string(apiErr.Body) != body[:64<<10] {
		t.Errorf("Body has %d bytes, want 64 KiB", len(apiErr.Body))
	}
}
