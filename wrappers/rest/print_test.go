package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func decoded[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestValuesPrintReadably(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		value any
		want  string
	}{
		{rest.Object{"b": json.RawMessage("[1, 2]"), "a": json.RawMessage(`"x"`)}, `{"a":"x","b":[1, 2]}`},
		{rest.Object(nil), "{}"},
		{rest.Object{"a": json.RawMessage("{")}, "{broken JSON}"},
		{rest.Raw(`{"a": 1}`), `{"a": 1}`},
		{rest.Raw(nil), ""},
		{struct{ More rest.Object }{rest.Object{"a": json.RawMessage("1")}}, `{{"a":1}}`},
		{rest.NewTime(at), "2026-01-02 03:04:05 +0000 UTC"},
		{rest.NewUnixTime(at), "2026-01-02 03:04:05 +0000 UTC"},
		{rest.NewProtoTime(at), "2026-01-02 03:04:05 +0000 UTC"},
		{rest.Time{}, "0001-01-01 00:00:00 +0000 UTC"},
		{decoded[rest.Time](t, `"2026-01-02T03:04:05Z"`), "2026-01-02 03:04:05 +0000 UTC"},
		{decoded[rest.Time](t, `"0000-00-00"`), "0000-00-00"},
		{decoded[rest.UnixTime](t, `"soon"`), "soon"},
		{decoded[rest.ProtoTime](t, `{"seconds":"soon"}`), `{"seconds":"soon"}`},
		{[]rest.Presence{rest.Absent, rest.Null, rest.Present}, "[absent null present]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(tt.value); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestAnEncodedErrorIsItsText(t *testing.T) {
	err := &rest.Error{
		Vendor: "acme", Operation: "getThing", Method: http.MethodGet, Path: "/things/7", StatusCode: 404,
		Header: http.Header{"Set-Cookie": {"hunter2"}}, Body: []byte("hunter2"), Value: "hunter2",
	}
	data, failed := json.Marshal(map[string]error{"error": err})
	if failed != nil || !strings.Contains(string(data), "404 Not Found") || strings.Contains(string(data), "hunter2") {
		t.Errorf("got %s, %v", data, failed)
	}
}
