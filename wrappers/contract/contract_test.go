package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/contract"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestFindings(t *testing.T) {
	tests := []struct {
		name  string
		path  string
		reply reply
		want  []string
	}{
		{name: "as described", path: "/users/7", reply: ok(`{"id": 1, "name": "n", "state": "active", "size": "9", "labels": {"a": "b"}, "owner": null}`)},
		{
			name: "unknown properties", path: "/users/7",
			reply: ok(`{"id": 1, "name": "n", "nick": "x", "team": {"slug": "s", "label": "l", "lead": {"since": 1.5, "tags": ["a", null]}}}`),
			want: []string{
				"unknown property nick: string", "unknown property team.lead: object", "unknown property team.lead.since: number",
				"unknown property team.lead.tags: array", "unknown property team.lead.tags[]: string,null",
			},
		},
		{
			name: "indices are folded", path: "/users/7", reply: ok(`{"id": 1, "name": "n", "former": [{"slug": "a", "label": "l", "x": 1}, {"slug": 2, "label": "l", "x": "y"}]}`),
			want: []string{"other type former[].slug: integer", "unknown property former[].x: string,integer"},
		},
		{name: "other type", path: "/users/7", reply: ok(`{"id": "1", "name": ["n"]}`), want: []string{"other type id: string", "other type name: array"}},
		{name: "a fraction is no integer", path: "/users/7", reply: ok(`{"id": 1.5, "name": "n"}`), want: []string{"other type id: number"}},
		{name: "no branch fits", path: "/users/7", reply: ok(`{"id": 1, "name": "n", "size": true}`), want: []string{"other type size: boolean"}},
		{name: "a map", path: "/users/7", reply: ok(`{"id": 1, "name": "n", "labels": {"a": 1, "b": "x"}}`), want: []string{"other type labels.*: integer"}},
		{name: "null", path: "/users/7", reply: ok(`{"id": null, "name": "n", "team": null, "owner": null}`), want: []string{"null id: null", "null team: null"}},
		{name: "missing members", path: "/users/7", reply: ok(`{"id": 1, "team": {}}`), want: []string{
			"missing member name:", "missing member team.label:", "missing member team.slug:",
		}},
		{name: "value outside an enumeration", path: "/users/7", reply: ok(`{"id": 1, "name": "n", "state": "asleep"}`), want: []string{"unknown enum value state: string"}},
		{name: "status that only failures share", path: "/users/7", reply: reply{201, "application/json", `{"a": {"b": null}}`}, want: []string{
			"unknown status : object", "unknown property a: object", "unknown property a.b: null",
		}},
		{name: "failure", path: "/users/7", reply: reply{404, "application/json", `{"error": "x"}`}},
		{name: "failure of another shape", path: "/users/7", reply: reply{404, "application/json", `{"detail": "x"}`}, want: []string{
			"unknown property detail: string", "missing member error:",
		}},
		{name: "status that nothing describes", path: "/note", reply: reply{503, "text/html", "<html>"}, want: []string{"unknown status :"}},
		{name: "media type", path: "/users/7", reply: reply{200, "text/plain", `{"id": 1, "name": "n", "x": 1}`}, want: []string{
			"unknown content type : text/plain", "unknown property x: integer",
		}},
		{name: "HTML", path: "/users/7", reply: reply{200, "text/html", "<html>"}, want: []string{"unknown content type : text/html"}},
		{name: "free form", path: "/users/me", reply: ok(`{"ok": true, "data": {"a": {"b": 1}}}`), want: []string{
			"unknown property data.a: object", "unknown property data.a.b: integer",
		}},
		{name: "names that are values", path: "/note", reply: ok(`{"demo@example.com": 1, "0123456789": 2, "a1b2c3d4e5f60718": 3}`), want: []string{"unknown property *: integer"}},
		{name: "root of another type", path: "/users/7", reply: ok(`[]`), want: []string{"other type : array"}},
		{name: "byte order mark", path: "/users/7", reply: ok("\xef\xbb\xbf" + `{"id": 1, "name": "n", "x": 1}`), want: []string{"unknown property x: integer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checker := newChecker(t, acme(t))
			if got := get(t, checker, tt.path, tt.reply); got != tt.reply.body {
				t.Errorf("the program got %q, the server sent %q", got, tt.reply.body)
			}
			sameLines(t, lines(checker.Report()), tt.want)
		})
	}
}

func TestAFindingTellsWhere(t *testing.T) {
	checker := newChecker(t, acme(t))
	for range 3 {
		get(t, checker, "/users/7", ok(`{"id": 1, "name": "n", "team": {"slug": "s", "label": "l", "lead": 1}}`))
	}
	get(t, checker, "/users/8", ok(`{"id": 1, "name": "n", "team": {"slug": "s", "label": "l", "lead": null}}`))
	r := checker.Report()
	if len(r.Findings) != 1 {
		t.Fatalf("got %d findings, want 1", len(r.Findings))
	}
	got, err := json.Marshal(r.Findings[0])
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"kind":"unknown property","operation":"getUser","method":"GET","path":"/users/{id}","status":200,` +
		`"where":"team.lead","pointer":"/components/schemas/Team","observed":["integer"],"nullable":true,"count":4}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConfirmed(t *testing.T) {
	checker := newChecker(t, acme(t))
	get(t, checker, "/users/7", ok(`{"id": 1, "name": "n", "age": 3, "team": {"slug": "s", "label": null}}`))
	got := map[string]string{}
	for _, c := range checker.Report().Confirmed {
		got[c.Where] = c.Certainty
	}
	want := map[string]string{"": "documented", "id": "documented", "name": "documented", "age": "inferred", "team": "inferred", "team.slug": "inferred"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if text := checker.Report().String(); !strings.Contains(text, "2 documented, 0 observed and 3 inferred properties were seen") {
		t.Errorf("the text does not count them:\n%s", text)
	}
}

func TestReportAsText(t *testing.T) {
	checker := newChecker(t, acme(t))
	get(t, checker, "/users/7", ok(`{"id": "1", "name": "n", "nick": null, "state": "x"}`))
	get(t, checker, "/users/7", reply{302, "text/html", "moved"})
	get(t, checker, "/nothing", ok(`{}`))
	const want = `2 answers, 1 compared with the description (1 not JSON).
1 answer to requests that no described operation fits.

GET /users/{id} (getUser), status 200
  other type            id: string, described is integer, in 1 answer
  unknown property      nick: null, in 1 answer
  unknown enum value    state has a value that is not listed, in 1 answer

GET /users/{id} (getUser), status 302
  unknown status        described are 200, default, in 1 answer

Confirmed: 2 documented, 0 observed and 0 inferred properties were seen as described.
`
	if got := checker.Report().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestExamplesAgreeWithTheirDescriptions sends every example of every vendor
// through a checker.
func TestExamplesAgreeWithTheirDescriptions(t *testing.T) {
	for _, vendor := range []string{"anomify", "alertsite", "misaka", "babel"} {
		spec, err := specs.FS.ReadFile(vendor + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(spec)
		if err != nil {
			t.Fatal(err)
		}
		checker := newChecker(t, spec)
		sent := 0
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				sent += sendExamples(t, checker, &rest.Operation{Vendor: vendor, ID: op.OperationID, Method: method, Path: path}, op)
			}
		}
		r := checker.Report()
		if r.Answers != sent || r.Compared == 0 || r.Unmatched != 0 {
			t.Errorf("%s: %d answers of %d were looked at, %d compared", vendor, r.Answers, sent, r.Compared)
		}
		for _, f := range r.Findings {
			if !f.Open { // free form has what it likes
				t.Errorf("%s: %+v", vendor, f)
			}
		}
	}
}

func sendExamples(t *testing.T, checker *contract.Checker, called *rest.Operation, op *openapi3.Operation) (sent int) {
	t.Helper()
	for code, response := range op.Responses.Map() {
		status := http.StatusInternalServerError
		_, _ = fmt.Sscan(code, &status)
		for mediaType, media := range response.Value.Content {
			for _, example := range media.Examples {
				body, err := json.Marshal(example.Value.Value)
				if err != nil {
					t.Fatal(err)
				}
				req, err := http.NewRequestWithContext(rest.NewContext(t.Context(), called), called.Method, "http://localhost/", nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := checker.Transport(answering(reply{status, mediaType, string(body)})).RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				readAll(t, resp.Body)
				_ = resp.Body.Close()
				sent++
			}
		}
	}
	return sent
}

func TestOnlyItsOwnOperations(t *testing.T) {
	const body = `{"id": 1, "name": "n", "x": 1}`
	tests := []struct {
		name   string
		opts   []contract.Option
		called *rest.Operation
		method string
		url    string
		want   string // operation, "" for none
	}{
		{name: "by path", url: "https://api.acme.example/v1/users/7", want: "getUser"},
		{name: "a fixed segment goes before a parameter", url: "https://api.acme.example/v1/users/me", want: "getMe"},
		{name: "at another base", opts: []contract.Option{contract.WithBaseURL("http://127.0.0.1:1/acme/")}, url: "http://127.0.0.1:1/acme/users/7", want: "getUser"},
		{name: "at the root", url: "http://127.0.0.1:1/users/7", want: "getUser"},
		{name: "escaped", url: "https://api.acme.example/v1/users/a%2Fb", want: "getUser"},
		{name: "another method", method: http.MethodPut, url: "https://api.acme.example/v1/users/7"},
		{name: "another path", url: "https://api.acme.example/v1/users/7/x"},
		{name: "an empty parameter", url: "https://api.acme.example/v1/users/"},
		{name: "by what is called", called: &rest.Operation{ID: "getUser", Method: "GET", Path: "/users/{id}"}, url: "http://localhost/elsewhere", want: "getUser"},
		{name: "an operation of the same path but another name", called: &rest.Operation{ID: "other", Method: "GET", Path: "/users/{id}"}, url: "https://api.acme.example/v1/users/7"},
		{
			name: "another vendor", opts: []contract.Option{contract.WithVendor("acme")}, url: "http://localhost/",
			called: &rest.Operation{Vendor: "other", ID: "getUser", Method: "GET", Path: "/users/{id}"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checker := newChecker(t, acme(t), tt.opts...)
			ctx := t.Context()
			if tt.called != nil {
				ctx = rest.NewContext(ctx, tt.called)
			}
			req, err := http.NewRequestWithContext(ctx, tt.method, tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := checker.Transport(answering(ok(body))).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			readAll(t, resp.Body)
			_ = resp.Body.Close()
			r := checker.Report()
			got := ""
			if len(r.Findings) > 0 {
				got = r.Findings[0].Operation
			}
			if got != tt.want || (r.Unmatched == 1) != (tt.want == "") {
				t.Errorf("got operation %q, %d unmatched, want %q", got, r.Unmatched, tt.want)
			}
		})
	}
}

func TestADescriptionThatCannotBeRead(t *testing.T) {
	if _, err := contract.New([]byte("openapi: [")); err == nil {
		t.Error("New took it")
	}
}
