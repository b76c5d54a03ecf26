package contract_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/contract"
)

// TestPatchesAreReady: each kind of difference, of each vendor, becomes a patch
// that leaves a description in which the checker finds nothing any more, nor
// does the validator by the rules for our own descriptions.
func TestPatchesAreReady(t *testing.T) {
	tests := []struct {
		vendor, url string
		replies     []reply
	}{
		{"babel", "https://localhost:5455/v1/auth/user", []reply{
			ok(`{"success": true, "code": 0, "message": "m", "user": {"badge": {"no": 1}}, "by": {"SENTINEL@example.com": 1}}`),
			ok(`{"success": true, "code": "SENTINEL"}`),
			{202, "application/json", `{"success": true, "job": "SENTINEL"}`},
			ok(`{"success": null, "code": null, "user": null}`),
			{200, "text/plain", `{"success": true}`}, {200, "application/vnd.acme+json", `{"success": true}`}, {200, "image/png", `SENTINEL`},
		}},
		{"alertsite", "https://www.alertsite.com/alertsite-restapi/locations", []reply{
			ok(`{"metadata": {"status": "0", "trace": 7}, "results": [{"seen": {"123e4567-e89b-12d3-a456-426614174000": "SENTINEL"}}]}`),
			ok(`{"metadata": {"status": 0, "message": "m", "login": "SENTINEL", "session": "SENTINEL"}}`),
			{302, "text/html", `<a href="SENTINEL">`}, {404, "application/json", `{"error": {"SENTINEL@example.org": "SENTINEL"}}`},
			ok(`{}`), {200, "text/xml", `<SENTINEL/>`},
		}},
		{"anomify", "https://api.anomify.ai/user/info", []reply{
			ok(`{"status": {"code": 200, "took": 3}, "data": {"a": [{"b": "SENTINEL"}]}}`), ok(`{"status": {"code": "200"}}`),
			{202, "application/json", `{"status": {"code": 200}, "job": "SENTINEL"}`}, {200, "text/html", `{"status": {"code": 200}}`},
		}},
		{"misaka", "https://api.misaka.io/v3/devices", []reply{
			ok(`{"results": [{"a": 1}], "x": {"y": null}}`), {418, "text/plain", `SENTINEL`}, {200, "text/csv", `SENTINEL`},
		}},
	}
	args := []string{"run", "../../gen", "validate", "-rules", "house"}
	for _, tt := range tests {
		spec, err := specs.FS.ReadFile(tt.vendor + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range tt.replies {
			play := func(spec []byte) *contract.Report {
				checker := newChecker(t, spec)
				send(t, checker, http.MethodGet, tt.url, r)
				return checker.Report()
			}
			before := play(spec)
			patch := before.Patch()
			if strings.Contains(before.String()+patch.String(), "SENTINEL") {
				t.Errorf("%s %d: a value is kept:\n%s\n%s", tt.vendor, i, before, patch)
			}
			if after := play(patch.Spec); len(before.Findings) == 0 || len(after.Findings) > 0 || len(patch.Notes) > 0 {
				t.Errorf("%s %d: %d findings, and after the patch\n%s\n%s", tt.vendor, i, len(before.Findings), after, patch)
			}
			file := filepath.Join(t.TempDir(), tt.vendor+".yaml")
			if err := os.WriteFile(file, patch.Spec, 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, file)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("the validator: %v\n%s", err, out)
	}
}

// TestAStatusThatMayBeAFailureNeedsADecision: a body that x-failure would take
// for a failure is not described before somebody has said what it is.
func TestAStatusThatMayBeAFailureNeedsADecision(t *testing.T) {
	const (
		babel     = "https://localhost:5455/v1/auth/user"
		alertsite = "https://www.alertsite.com/alertsite-restapi/locations"
	)
	tests := []struct {
		vendor, url, body string
		member            string // that is to be decided on; "" if nothing is
	}{
		{"babel", babel, `{"job": 1}`, "success"},
		{"babel", babel, `[{"success": true}]`, "success"},
		{"babel", babel, `{"success": null}`, "success"},
		{"babel", babel, `{"success": {"true": true}}`, "success"},
		{"babel", babel, `{"success": true}`, ""},
		{"alertsite", alertsite, `{"metadata": {"message": "m"}}`, "metadata.status"},
		{"alertsite", alertsite, `{"metadata": {"status": "0"}}`, ""},
		{"alertsite", alertsite, `{"metadata": {"status": 0}}`, ""},
		{"anomify", "https://api.anomify.ai/user/info", `{"job": 1}`, ""}, // whose failures are numbers
	}
	args := []string{"run", "../../gen", "validate", "-rules", "house"}
	for _, tt := range tests {
		spec, err := specs.FS.ReadFile(tt.vendor + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		checker := newChecker(t, spec)
		send(t, checker, http.MethodGet, tt.url, reply{http.StatusAccepted, "application/json", tt.body})
		report := checker.Report()
		patch := report.Patch()
		notes := strings.Join(patch.Notes, "\n")
		decision := "has no " + tt.member + " that x-failure takes for success: decide whether it is a failure"
		if tt.member == "" {
			if notes != "" || patch.Diff == "" || strings.Contains(report.String(), "decide") {
				t.Errorf("%s %s: got\n%s\n%s", tt.vendor, tt.body, report, patch)
			}
		} else if patch.Diff != "" || !strings.HasSuffix(notes, "/responses: status 202 "+decision) || !strings.Contains(report.String(), "; "+decision) {
			t.Errorf("%s %s: got\n%s\n%s", tt.vendor, tt.body, report, patch)
		}
		file := filepath.Join(t.TempDir(), tt.vendor+".yaml")
		if err := os.WriteFile(file, patch.Spec, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("the validator: %v\n%s", err, out)
	}
}

// TestTheSourceIsAdded: what a patch names as its source can be looked up.
func TestTheSourceIsAdded(t *testing.T) {
	spec, err := specs.FS.ReadFile("misaka.yaml")
	if err != nil {
		t.Fatal(err)
	}
	checker := newChecker(t, spec)
	send(t, checker, http.MethodGet, "https://api.misaka.io/v3/devices", ok(`{"results": [{"a": 1}]}`))
	patch := checker.Report().Patch()
	for _, want := range []string{
		"+  - id: traffic\n+    title: Traffic compared with this description\n+    address: https://api.misaka.io\n+    edition: \"20", "x-source: [traffic]",
	} {
		if !strings.Contains(patch.Diff, want) {
			t.Errorf("the patch lacks %q:\n%s", want, patch)
		}
	}
}
