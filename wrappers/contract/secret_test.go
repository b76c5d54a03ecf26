package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestValuesAreNotKept looks for values in everything that a report gives out.
func TestValuesAreNotKept(t *testing.T) {
	const sentinel = "SENTINEL"
	values := []string{
		`{"id": 1, "name": "SENTINEL", "state": "SENTINEL", "nick": "SENTINEL", "labels": {"SENTINEL.org": 1}}`,
		`{"id": "SENTINEL", "name": "n", "extra": {"SENTINEL@example.com": {"token": "SENTINEL"}, "list": ["SENTINEL"]}}`,
		`{"id": 1, "name": "n", "x": {"0123456789abcdefSENTINEL": "SENTINEL"}}`,
		`"SENTINEL"`,
		`{SENTINEL`,
		`SENTINEL`,
	}
	for _, contentType := range []string{"application/json", "text/plain", "application/json; charset=SENTINEL", `text/x; name="SENTINEL"`} {
		for _, status := range []int{200, 201, 400} {
			checker := newChecker(t, acme(t))
			sent := values
			if status == 200 { // keys of a described map are values
				sent = append(slices.Clip(values), `{"id": 1, "name": "n", "labels": {"SENTINEL": 1}}`)
			}
			for _, body := range sent {
				send(t, checker, http.MethodGet, "https://api.acme.example/v1/users/SENTINEL?key=SENTINEL", reply{status, contentType, body})
				send(t, checker, http.MethodGet, "https://api.acme.example/SENTINEL", reply{status, contentType, body})
			}
			r := checker.Report()
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			patch := r.Patch()
			all := fmt.Sprintf("%s %s %+v %#v %s %s", data, r, *r, r.Findings, patch, patch.Spec)
			if strings.Contains(all, sentinel) {
				t.Errorf("%s, status %d: a value is kept in\n%s\n%s", contentType, status, data, patch)
			}
			if len(r.Findings) == 0 && contentType == "application/json" {
				t.Error("nothing was found, so the test says nothing")
			}
		}
	}
}
