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

// An exchange is a request of the tests with its answer.
type exchange struct {
	path  string
	reply reply
}

func play(t testing.TB, spec []byte, exchanges []exchange) *contract.Report {
	t.Helper()
	checker := newChecker(t, spec, contract.WithFile("specs/acme.yaml"), contract.WithSource("traffic"))
	for _, e := range exchanges {
		get(t, checker, e.path, e.reply)
	}
	return checker.Report()
}

func TestPatches(t *testing.T) {
	const fine = `{"id": 1, "name": "n"`
	tests := []struct {
		name string
		sent []exchange
		want []string // lines that begin with + or -, in order
		note string   // part of a note
		left int      // findings that the changed description still has
	}{
		{name: "nothing to change", sent: []exchange{{"/users/7", ok(fine + `}`)}}},
		{
			name: "unknown property", sent: []exchange{{"/users/7", ok(fine + `, "nick": null}`)}}, want: []string{
				"+        nick:", "+          nullable: true", "+          description: Seen in traffic, not documented.", "+          x-certainty: observed",
				"+          x-source: [traffic]",
			},
		},
		{
			name: "unknown property beside a value", sent: []exchange{{"/users/7", ok(fine + `, "nick": "x", "b@example.com": 1}`)}}, want: []string{
				"+        nick:", "+          type: string", "+          description: Seen in traffic, not documented.", "+          x-certainty: observed",
				"+          x-source: [traffic]",
			},
			note: "/components/schemas/UserAnswer: has members whose names look like values", left: 1,
		},
		{
			name: "secret", sent: []exchange{{"/users/7", ok(fine + `, "api_token": "x"}`)}}, want: []string{
				"+        api_token:", "+          type: string", "+          format: password", "+          description: Seen in traffic, not documented.",
				"+          x-certainty: observed", "+          x-source: [traffic]",
			},
		},
		{
			name: "unknown object", sent: []exchange{{"/users/7", ok(fine + `, "boss": {"on": 1.5}}`)}}, want: []string{
				"+        boss:", "+          allOf:", `+            - $ref: '#/components/schemas/UserAnswerBoss'`,
				"+          description: Seen in traffic, not documented.", "+          x-certainty: observed", "+          x-source: [traffic]",
				"+    UserAnswerBoss:", "+      type: object", "+      description: Seen in traffic, not documented.", "+      properties:",
				`+        "on":`, "+          type: number", "+          description: Seen in traffic, not documented.", "+      x-certainty: observed",
				"+      x-source: [traffic]",
			},
		},
		{
			name: "null", sent: []exchange{{"/users/7", ok(`{"id": null, "name": "n", "team": null}`)}},
			want: []string{
				"+          nullable: true", `-          $ref: "#/components/schemas/Team"`, "+          allOf:",
				`+            - $ref: '#/components/schemas/Team'`, "+          nullable: true",
			},
		},
		{
			name: "item that is null", sent: []exchange{{"/users/7", ok(fine + `, "former": [null]}`)}},
			want: []string{
				`-            $ref: "#/components/schemas/Team"`, "+            allOf:",
				`+              - $ref: '#/components/schemas/Team'`, "+            nullable: true",
			},
		},
		{
			name: "missing members", sent: []exchange{{"/users/7", ok(`{"id": 1, "team": {}}`)}},
			want: []string{
				"-      required: [id, name]", "+      required:", "+        - id",
				// the property is one of an inferred schema, and was seen
				`-          $ref: "#/components/schemas/Team"`, "+          allOf:", `+            - $ref: '#/components/schemas/Team'`,
				"+          x-certainty: observed", "+          x-source: [traffic]",
				"-      required:", "-        - slug", "-        - label",
			},
		},
		{
			name: "other type", sent: []exchange{{"/users/7", ok(`{"id": "x", "name": "n"}`)}},
			want: []string{"-          type: integer", "+          type: string", "-          format: int64", "+          x-certainty: observed", "+          x-source: [traffic]"},
		},
		{
			name: "inferred and seen", sent: []exchange{{"/users/7", ok(fine + `, "age": 1}`)}}, want: []string{
				"-          x-certainty: inferred", "+          x-certainty: observed", "-          x-reason: read off", "-            an example", "+          x-source: [traffic]",
			},
		},
		{
			name: "two types", sent: []exchange{{"/users/7", ok(fine + `}`)}, {"/users/7", ok(`{"id": "x", "name": "n"}`)}},
			note: "/components/schemas/UserAnswer/properties/id: described as integer, seen as string or integer", left: 1,
		},
		{
			name: "status", sent: []exchange{{"/users/7", reply{202, "application/json", `{"job": 1}`}}}, want: []string{
				`+        "202":`, "+          description: Seen in traffic, not documented.", "+          content:", "+            application/json:",
				"+              schema:", `+                $ref: '#/components/schemas/GetUser202Answer'`, "+              examples:", "+                seen:",
				"+                  summary: Its shape was seen, the values are made up.", "+                  value:", "+                    job: 1",
				"+          x-certainty: observed", "+          x-source: [traffic]", "+    GetUser202Answer:", "+      type: object",
				"+      description: Seen in traffic, not documented.", "+      properties:", "+        job:", "+          type: integer",
				"+          description: Seen in traffic, not documented.", "+      x-certainty: observed", "+      x-source: [traffic]",
			},
		},
		{
			name: "enumeration", sent: []exchange{{"/users/7", ok(fine + `, "state": "x"}`)}},
			note: "/components/schemas/UserAnswer/properties/state: enum lacks a value", left: 1,
		},
		{
			name: "media type with JSON", sent: []exchange{{"/users/7", reply{200, "text/plain", fine + `}`}}},
			want: []string{
				"+            text/plain:", "+              schema:", `+                $ref: "#/components/schemas/UserAnswer"`, "+              x-certainty: observed",
			},
		},
		{
			name: "media types of one response of many", sent: []exchange{
				{"/users/me", reply{200, "text/csv", `a,b`}}, {"/teams", reply{200, "text/csv", `a,b`}}, {"/teams", reply{200, "image/png", `x`}},
			},
			want: []string{
				"+        image/png:", "+          schema:", "+            type: string", "+            format: binary", "+          examples:", "+            seen:",
				"+              summary: The media type was seen; the body is not kept.", "+              value: text", "+          x-certainty: observed",
				"+        text/csv:", "+          schema:", "+            type: string", "+          examples:", "+            seen:",
				"+              summary: The media type was seen; the body is not kept.", "+              value: text", "+          x-certainty: observed",
			},
		},
		{
			name: "status with a page", sent: []exchange{{"/users/7", reply{302, "text/html", `<a>`}}}, want: []string{
				`+        "302":`, "+          description: Seen in traffic, not documented.", "+          content:", "+            text/html:", "+              schema:",
				"+                type: string", "+              examples:", "+                seen:",
				"+                  summary: The media type was seen; the body is not kept.", "+                  value: text",
				"+          x-certainty: observed", "+          x-source: [traffic]",
			},
		},
		{
			name: "unknown status with an object or a list", sent: []exchange{
				{"/users/7", reply{http.StatusAccepted, "application/json", `[]`}}, {"/users/7", reply{http.StatusAccepted, "application/json", `{}`}},
			},
			want: []string{
				`+        "202":`, "+          description: Seen in traffic, not documented.", "+          content:", "+            application/json:",
				"+              schema:", "+                $ref: '#/components/schemas/GetUser202Answer'", "+              examples:", "+                seen:",
				"+                  summary: Its shape was seen, the values are made up.", "+                  value: {}",
				"+          x-certainty: observed", "+          x-source: [traffic]",
				"+    GetUser202Answer:", "+      oneOf:", "+        - type: object", "+        - type: array", "+          items: {}",
				"+      description: Seen in traffic, not documented.", "+      x-certainty: observed", "+      x-source: [traffic]",
			},
		},
		{
			name: "flow style", sent: []exchange{{"/users/7", ok(fine + `, "team": {"slug": "s", "label": 1}}`)}},
			note: "/components/schemas/Team/properties/label: the type is integer", left: 1, want: []string{
				`-          $ref: "#/components/schemas/Team"`, "+          allOf:", `+            - $ref: '#/components/schemas/Team'`,
				"+          x-certainty: observed", "+          x-source: [traffic]",
				"+          x-certainty: observed", "+          x-source: [traffic]",
			},
		},
		{
			name: "free form of its own", sent: []exchange{{"/note", ok(`{"text": "x"}`)}}, want: []string{
				"+      properties:", "+        text:", "+          type: string", "+          description: Seen in traffic, not documented.",
				"+          x-certainty: observed", "+          x-source: [traffic]",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := acme(t)
			patch := play(t, spec, tt.sent).Patch()
			var got []string
			for line := range strings.SplitSeq(patch.Diff, "\n") {
				if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
					got = append(got, line)
				}
			}
			want := tt.want
			if len(want) > 0 {
				want = append([]string{"--- a/specs/acme.yaml", "+++ b/specs/acme.yaml"}, want...)
			}
			sameLines(t, got, want)
			if notes := strings.Join(patch.Notes, "\n"); tt.note == "" && notes != "" || !strings.Contains(notes, tt.note) {
				t.Errorf("got notes %q, want %q", notes, tt.note)
			}
			applied(t, spec, patch)
			if after := play(t, patch.Spec, tt.sent); len(after.Findings) != tt.left {
				t.Errorf("the changed description leaves\n%s\n%s", after, patch.Spec)
			}
		})
	}
}

// applied checks that git makes the same of the diff.
func applied(t *testing.T, spec []byte, patch contract.Patch) {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil || patch.Diff == "" {
		return
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "specs", "acme.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, spec, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), git, "apply", "-")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(patch.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(patch.Spec) {
		t.Errorf("git makes another description of the diff:\n%s", patch.Diff)
	}
}

func TestAPatchOfASharedFreeFormIsForTheOperation(t *testing.T) {
	sent := []exchange{
		{"/users/me", ok(`{"ok": true, "data": {"login": "x", "seats": [{"no": 1}], "visits": {"2026-01-01": 3}}}`)},
		{"/teams", ok(`{"ok": true, "data": {"teams": []}}`)},
	}
	spec := acme(t)
	patch := play(t, spec, sent).Patch()
	applied(t, spec, patch)
	after := play(t, patch.Spec, append(sent, exchange{"/teams", ok(`{"ok": true, "data": {"login": "x"}}`)}))
	sameLines(t, lines(after), []string{"unknown property data.login: string"})
	for _, want := range []string{
		`$ref: "#/components/schemas/GetMeAnswer"`, "    GetMeData:\n", "    GetMeDataSeatsItem:\n", "    ListTeamsData:\n",
		"        visits:\n          type: object\n          additionalProperties:\n            type: integer\n",
		"\n    FreeData:\n      type: object\n      x-certainty: inferred\n",
	} {
		if !strings.Contains(string(patch.Spec), want) {
			t.Errorf("the changed description lacks %q:\n%s", want, patch.Spec)
		}
	}
	for line := range strings.SplitSeq(patch.Diff, "\n") {
		if len(line) > 140 && strings.HasPrefix(line, "+") {
			t.Errorf("a line is too long: %s", line)
		}
	}
}

func TestAPatchSettlesForTheWiderType(t *testing.T) {
	spec := acme(t)
	sent := []exchange{{"/users/7", ok(`{"id": 1, "name": "n"}`)}, {"/users/7", ok(`{"id": 1.5, "name": "n"}`)}}
	patch := play(t, spec, sent).Patch()
	if after := play(t, patch.Spec, sent); len(after.Findings) != 0 || len(patch.Notes) != 0 {
		t.Errorf("got %s\n%s", after, patch)
	}
}

// TestPatchesOfTheVendors changes each description where it is of free form.
func TestPatchesOfTheVendors(t *testing.T) {
	tests := []struct{ vendor, url string }{
		{"anomify", "https://api.anomify.ai/user/info"},
		{"misaka", "https://api.misaka.io/v3/devices"},
		{"alertsite", "https://www.alertsite.com/alertsite-restapi/locations"},
		{"babel", "https://localhost:5455/v1/auth/user"},
	}
	for _, tt := range tests {
		spec, err := specs.FS.ReadFile(tt.vendor + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		body := ok(`{"status": {"code": 200, "took": 3}, "data": {"a": [{"b": "c"}]}, "results": [{"serial": "x"}], "more": {"x": null}}`)
		run := func(spec []byte) *contract.Report {
			checker := newChecker(t, spec)
			send(t, checker, http.MethodGet, tt.url, body)
			return checker.Report()
		}
		before := run(spec)
		if before.Compared != 1 || len(before.Findings) == 0 {
			t.Errorf("%s: nothing was found: %s", tt.vendor, before)
			continue
		}
		patch := before.Patch()
		for _, f := range run(patch.Spec).Findings {
			if f.Kind == contract.UnknownProperty {
				t.Errorf("%s: still %s %s at %s", tt.vendor, f.Kind, f.Where, f.Pointer)
			}
		}
	}
}

// FuzzPatch looks for bodies after which the changed description cannot be
// read.
func FuzzPatch(f *testing.F) {
	for _, body := range []string{
		`{"id": null, "name": {"a": [1, "x", {"b": {}}]}, "null": 1, "yes": true, "~": {"/": 0}}`,
		`{"data": {"y": {"n": []}}, "ok": null}`, `[[[]]]`, `null`, `{"required": {"properties": {"type": "x"}}, "team": {"slug": [], "label": null}}`,
	} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, known bool) {
		status := 200
		if !known {
			status = 218
		}
		var sent []exchange
		for _, path := range []string{"/users/7", "/users/me", "/note"} {
			sent = append(sent, exchange{path, reply{status, "application/json", body}})
		}
		patch := play(t, acme(t), sent).Patch()
		play(t, patch.Spec, sent)
	})
}

// The last property of a schema changes, and the schema gets another one behind
// it.
func TestAPatchChangesAPropertyAndAddsOneBehindIt(t *testing.T) {
	const before = `openapi: 3.0.3
info: {title: Acme, version: "1"}
servers: [{url: https://api.acme.example/v1}]
x-sources:
  - id: traffic
paths:
  /user:
    get:
      operationId: getUser
      responses:
        "200":
          description: The user.
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/User"
components:
  schemas:
    User:
      type: object
      properties:
        age:
          type: integer
          x-certainty: inferred
          x-reason: a guess
        name:
          type: integer
`
	sent := []exchange{{"/user", ok(`{"age": 1, "name": "n", "nick": "x"}`)}}
	patch := play(t, []byte(before), sent).Patch()
	applied(t, []byte(before), patch)
	const want = `        name:
          type: string
          x-certainty: observed
          x-source: [traffic]
        nick:
          type: string
          description: Seen in traffic, not documented.
          x-certainty: observed
          x-source: [traffic]
`
	if !strings.HasSuffix(string(patch.Spec), want) {
		t.Errorf("got\n%s\nwant at its end\n%s", patch.Spec, want)
	}
}
