package sandbox_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// unremembered are the embedded descriptions under another type, so that they are
// read anew by each server.
type unremembered struct{ fs.FS }

// BenchmarkFirstRequest measures what the first request to a vendor in a program
// waits for: reading the description.
func BenchmarkFirstRequest(b *testing.B) {
	for _, v := range sandbox.Vendors() {
		b.Run(string(v), func(b *testing.B) {
			for b.Loop() {
				s := sandbox.NewUnstarted(sandbox.WithSpecs(unremembered{specs.FS}))
				serve(s, http.MethodGet, "/"+string(v)+probe(v), "")
				s.Close()
			}
		})
	}
}

// BenchmarkStart measures a server from start to end, with one request.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s := sandbox.New()
		serve(s, http.MethodGet, "/anomify/ping", "")
		s.Close()
	}
}

// BenchmarkLogin measures a login without network.
func BenchmarkLogin(b *testing.B) {
	s := sandbox.NewUnstarted()
	for b.Loop() {
		serve(s, http.MethodPost, "/alertsite/login", `{"login": "demo@example.com", "password": "sandbox-password-1"}`)
	}
}

// BenchmarkCall measures calls that answer with their example, without network.
func BenchmarkCall(b *testing.B) {
	s := sandbox.NewUnstarted()
	for _, path := range []string{"/anomify/ping", "/misaka/v3/devices"} {
		b.Run(path[1:], func(b *testing.B) {
			for b.Loop() {
				serve(s, http.MethodGet, path, "")
			}
		})
	}
}

func serve(s *sandbox.Server, method, path, body string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", asJSON)
	s.ServeHTTP(httptest.NewRecorder(), r)
}
