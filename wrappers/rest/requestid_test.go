package rest_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestRequestIDOfTheVendor(t *testing.T) {
	long := strings.Repeat("x", 129)
	tests := []struct{ header, want string }{
		{"X-Request-ID: r-42", "r-42"},
		{"x-request-id:  r-42 ", "r-42"},
		{"Request-Id: r-42", "r-42"},
		{"X-Correlation-ID: 6f9a/7+b=", "6f9a/7+b="},
		{"x-amzn-RequestId: r-42", "r-42"},
		{"x-amz-request-id: r-42", "r-42"},
		{"X-Trace-ID: r-42", "r-42"},
		{"X-Correlation-ID: second\r\nX-Request-ID: first", "first"},
		{"X-Request-ID: " + long[1:], long[1:]},
		{"X-Request-ID: " + long, ""},
		{"X-Request-ID: " + long + "\r\nX-Correlation-ID: second", "second"},
		{"X-Request-ID: two words", ""},
		{"X-Request-ID: caf\xe9", ""},
		{"X-Request-ID:", ""},
		{"Server: acme", ""},
	}
	for _, tt := range tests {
		for _, answer := range []string{"HTTP/1.1 500 Down", "HTTP/1.1 200 OK"} {
			_, err := getThing(t, answerRaw(t, answer+"\r\n"+tt.header+"\r\nContent-Length: 0\r\n\r\n"))
			status := http.StatusOK
			if strings.Contains(answer, "500") {
				status = http.StatusInternalServerError
			}
			if apiErr := wantError(t, err, status); apiErr.RequestID != tt.want {
				t.Errorf("%.60q: got %q, want %q", tt.header, apiErr.RequestID, tt.want)
			}
			if shown := strings.HasSuffix(err.Error(), " (request "+tt.want+")"); shown != (tt.want != "") {
				t.Errorf("%.60q: %v", tt.header, err)
			}
		}
	}
}
