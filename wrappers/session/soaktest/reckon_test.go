package soaktest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// ask sends the vendor a request around all engines.
func ask(v *vendor, path, token string, body any) reply {
	data, _ := json.Marshal(body)
	if text, ok := body.(string); ok {
		data = []byte(text)
	}
	return v.handle(request{origin: v.origin, method: http.MethodPost, path: path, session: token, body: data})
}

// TestTheSoakNotices does what no engine may do, and wants the report to say so.
func TestTheSoakNotices(t *testing.T) {
	tests := []struct {
		name string
		do   func(v *vendor, r *report)
		want string
	}{
		{"a call carried out twice", func(v *vendor, r *report) {
			v.effects["a"] = 2
			r.ordered("a", succeeded)
		}, "a was carried out 2 times"},
		{"a call that nobody knows to have been carried out twice", func(v *vendor, r *report) {
			v.effects["a"] = 2
			r.ordered("a", networkFailed)
		}, "a was carried out 2 times"},
		{"a lost call", func(_ *vendor, r *report) { r.ordered("a", succeeded) }, "a was carried out 0 times"},
		{"a refused call that was carried out", func(v *vendor, r *report) {
			v.effects["a"] = 1
			r.ordered("a", refused+"twice")
		}, "a was carried out 1 times"},
		{"a lock-out", func(v *vendor, _ *report) {
			for range lockAfter {
				ask(v, "/login", "", credentials{User: "rotating", Password: "guess"})
			}
		}, "rotating: locked 1 times"},
		{"a refresh token used again", func(v *vendor, _ *report) {
			answer := ask(v, "/login", "", credentials{User: "rotating", Password: v.accounts["rotating"].password})
			var told struct{ Refresh string }
			_ = json.Unmarshal([]byte(answer.body), &told)
			for range 2 {
				ask(v, "/refresh", "", credentials{User: "rotating", Refresh: told.Refresh})
			}
		}, "refresh tokens used again 1 times"},
		{"a session sent elsewhere", func(v *vendor, _ *report) {
			v.elsewhere(request{origin: "https://elsewhere.example", session: tokenMark})
		}, "1 requests to another origin"},
		{"a secret in an error", func(_ *vendor, r *report) {
			r.inspect(&session.Error{Vendor: "acme", Op: "call", Err: errors.New(passwordMark)})
		}, "a secret is in an error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, r := newVendor(accounts()...), newReport()
			if wrong := r.reckon(v); wrong != nil {
				t.Fatalf("before anything was done: %q", wrong)
			}
			tt.do(v, r)
			if got := fmt.Sprint(r.reckon(v)); !strings.Contains(got, tt.want) {
				t.Errorf("got %s, want %q", got, tt.want)
			}
		})
	}
}
