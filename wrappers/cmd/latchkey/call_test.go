package main_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestCall(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Vendors()...)
	tests := []struct {
		name  string
		input string
		args  []string
		code  int
		want  []string // in either output
		not   string   // not in standard output
	}{
		{name: "JSON", args: []string{"babel", "getLoggedInUser"}, want: []string{`"userName": "demo"`}},
		{name: "secrets are left out", args: []string{"babel", "getApiKeys"}, want: []string{`"key": "[redacted]"`}, not: "api_000000000000000000000000"},
		{name: "secrets are shown", args: []string{"babel", "getApiKeys", "--show-secrets"}, want: []string{"api_000000000000000000000000"}},
		{name: "YAML", args: []string{"babel", "getApiKeys", "-o", "yaml"}, want: []string{"apiKeys:\n  - ", "    name: Nightly export\n"}},
		{name: "table", args: []string{"alertsite", "getMonitors", "-o", "table"}, want: []string{"SITE_TYPE", "Shop front"}},
		{name: "query", args: []string{"babel", "getApiKeys", "--query", ".apiKeys[].name"}, want: []string{"\"Nightly export\"\n"}},
		{name: "query, raw", args: []string{"babel", "getApiKeys", "--query", ".apiKeys[].name", "-o", "raw"}, want: []string{"Nightly export\n"}, not: `"`},
		{name: "query, table", args: []string{"alertsite", "getMonitors", "--query", ".results[] | {id, name}", "-o", "table"}, want: []string{"  ID  NAME\n1234  Shop front\n5678  "}},
		{name: "query that fails", args: []string{"babel", "getApiKeys", "--query", ".code.x"}, code: 1, want: []string{"--query"}},
		{name: "query that is none", args: []string{"babel", "getApiKeys", "--query", ".apiKeys["}, code: 2, want: []string{"--query"}},
		{name: "pages by address", args: []string{"misaka", "listRecordSets", "zone=example.com", "--all", "--query", "type"}, want: []string{`"array"`}},
		{name: "pages by number", args: []string{"babel", "getApiKeys", "--all", "take=1", "--query", "length"}, want: []string{"1\n"}},
		{name: "no pages", args: []string{"babel", "getLoggedInUser", "--all"}, code: 2, want: []string{"tells of no pages"}},
		{name: "list in the query", args: []string{"alertsite", "getMonitors", "id=1234,5678"}, want: []string{"Shop front"}},
		{name: "list twice", args: []string{"alertsite", "getMonitors", "id=1234", "id=5678"}, want: []string{"Shop front"}},
		{name: "members of the body", args: []string{"alertsite", "editMonitor", "id=1234", "name=Shop front", "interval=5"}, want: []string{`"metadata"`}},
		{name: "body from standard input", input: `{"apiKey":{"name":"CI"}}`, args: []string{"babel", "insertApiKey", "--body", "-"}, want: []string{`"success"`}},
		{name: "nested members", args: []string{"babel", "insertApiKey", "apiKey.name=CI", "apiKey.permissions=1"}, want: []string{`"success"`}},
		{name: "body and members", input: `{"apiKey":{"name":"CI"}}`, args: []string{"babel", "insertApiKey", "--body", "-", "apiKey.permissions=1"}, want: []string{`"success"`}},
		{name: "body that is no JSON", input: `{`, args: []string{"babel", "insertApiKey", "--body", "-"}, code: 2, want: []string{"standard input is no JSON"}},
		{name: "member that is not described", input: `{"apiKey":{"nane":"CI"}}`, args: []string{"babel", "insertApiKey", "--body", "-"}, code: 2, want: []string{`"apiKey.nane"`, "did you mean name"}},
		{name: "form", input: sandbox.DemoPassword, args: []string{"anomify", "login", "email=" + sandbox.DemoLogin, "password=@-"}, want: []string{`"[redacted]"`}},
		{name: "secret in an argument", args: []string{"babel", "login", "username=demo", "password=hunter2"}, code: 2, want: []string{"must not stand in an argument"}},
		{name: "bytes", args: []string{"anomify", "getMetricGraph", "metric_name=cpu"}},
		{name: "bytes as a table", args: []string{"anomify", "getMetricGraph", "metric_name=cpu", "-o", "table"}, code: 2},
		{name: "unknown vendor", args: []string{"bable", "login"}, code: 2, want: []string{"did you mean babel?"}},
		{name: "unknown operation", args: []string{"babel", "getLicences"}, code: 2, want: []string{"did you mean getLicenses?"}},
		{name: "unknown parameter", args: []string{"babel", "getLicenses", "tke=1"}, code: 2, want: []string{"did you mean take?"}},
		{name: "no value", args: []string{"babel", "getLicenses", "take"}, code: 2, want: []string{"is not NAME=VALUE"}, not: "take"},
		{name: "no integer", args: []string{"babel", "getLicenses", "take=many"}, code: 2, want: []string{"take: must be an integer"}},
		{name: "missing parameter", args: []string{"babel", "updateLicense"}, code: 2, want: []string{"licenseId (path) is required"}},
		{name: "empty part of the path", args: []string{"babel", "updateLicense", "licenseId="}, code: 2, want: []string{"licenseId"}},
		{name: "unknown form of output", args: []string{"babel", "getLicenses", "-o", "xml"}, code: 2},
		{name: "body where there is none", args: []string{"babel", "getLicenses", "--body", "-"}, code: 2, want: []string{"has no body"}},
		{name: "file that does not exist", args: []string{"babel", "insertApiKey", "--body", "nothing"}, code: 2},
		{name: "standard input for two things", args: []string{"babel", "login", "username=@-", "password=@-"}, code: 2, want: []string{"for one thing only"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := s.pipe(tt.input, append([]string{"call"}, tt.args...)...).want(t, tt.code, tt.want...)
			if tt.not != "" && strings.Contains(got.out, tt.not) {
				t.Errorf("it printed %q:\n%s", tt.not, got.out)
			}
			if (got.code != 0) != (got.out == "") {
				t.Errorf("exit code %d, standard output %q", got.code, got.out)
			}
			if tt.code == 0 && got.err != "" {
				t.Errorf("standard error: %s", got.err)
			}
		})
	}
}

func TestCallUnchecked(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	s.run("call", "babel", "insertApiKey", "apiKey.nane=x").want(t, 2)
	if n := s.Vendor(sandbox.Babel).Requests(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	s.run("call", "babel", "getLicenses", "page=2", "--unchecked").want(t, 1, "599", `parameter "page" in query: not in the description`)
	s.run("call", "babel", "getLicenses", "take=many", "--unchecked").want(t, 1, "599")
	if got := s.Vendor(sandbox.Babel).Mistakes(); len(got) != 2 || !strings.Contains(got[0], `"page"`) || !strings.Contains(got[1], `"take"`) {
		t.Errorf("the sandbox found %v", got)
	}
	s.Vendor(sandbox.Babel).ResetCounts()
}

// TestCallWithoutSession: what needs no session is called without signing in.
func TestCallWithoutSession(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pipe(sandbox.DemoPassword+"\n", "call", "babel", "login", "username="+sandbox.DemoLogin, "password=@-").want(t, 0, `"token": "[redacted]"`)
	s.run("call", "babel", "getLicenses").want(t, 3, "not signed in", "latchkey login babel", "BABEL_API_KEY")
	if n := s.Vendor(sandbox.Babel).Requests(); n != 1 {
		t.Errorf("%d requests were sent, want 1", n)
	}
}

func TestCallWithKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	key := s.Vendor(sandbox.Babel).Account().APIKey
	s.env = append(s.env, "BABEL_API_KEY="+key)
	s.run("call", "babel", "getLicenses").want(t, 0, `"success": true`)
	s.run("status", "babel").want(t, 0, "key")
	s.run("login", "babel").want(t, 0, "nothing to sign in")
	if got := s.run("header", "babel").want(t, 0); got.out != "X-Api-Key: "+key+"\n" {
		t.Errorf("header: %q", got.out)
	}
	s.signsIn(sandbox.Babel).run("call", "babel", "getLicenses").want(t, 2, "not both")
	s.env = append(s.env, "BABEL_USERNAME=", "BABEL_PASSWORD=", "BABEL_API_KEY=wrong")
	s.run("call", "babel", "getLicenses").want(t, 3, "401")
	if n := s.Vendor(sandbox.Babel).Logins(); n != 0 || len(s.files()) != 0 {
		t.Errorf("%d logins, files %v", n, s.files())
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel, sandbox.Misaka)
	vendor := s.Vendor(sandbox.Babel)
	vendor.Fault(sandbox.Fault{Operation: "getLicenses", Times: 1, Status: 404})
	s.run("call", "babel", "getLicenses").want(t, 1, "babel: getLicenses: GET ", "404 Not Found")
	vendor.Fault(sandbox.Fault{Operation: "getLicenses", Times: 1, Body: `{"success":false,"code":7,"message":"no such thing"}`})
	s.run("call", "babel", "getLicenses").want(t, 1, "7: no such thing")
	vendor.Fault(sandbox.Fault{Operation: "getLicenses", Times: 1, HTML: true})
	s.run("call", "babel", "getLicenses").want(t, 1, "it is a page")
	vendor.Fault(sandbox.Fault{Operation: "getLicenses", Times: 1, CutAfter: 5})
	s.run("call", "babel", "getLicenses").want(t, 4)
	vendor.Fault(sandbox.Fault{Operation: "insertLicense", Times: 1, Drop: true})
	s.run("call", "babel", "insertLicense", "--body", s.file("body", `{"license":{}}`)).want(t, 4)
	s.run("call", "babel", "getLicenses", "--base-url", "http://vendor.example").want(t, 2, "plain http")
	s.run("call", "babel", "getLicenses", "--base-url", "nonsense").want(t, 2)
	s.run("call", "babel", "getLicenses", "--store", "cloud").want(t, 2, "--store")
	s.run("cal").want(t, 2, "call")
	s.run("call").want(t, 2, "NAME=VALUE")
	s.run("call", "babel", "getLicenses", "--nothing").want(t, 2)

	s.Vendor(sandbox.Misaka).Fault(sandbox.Fault{Operation: "listDevices", Times: 1, Delay: 20 * time.Second})
	s.run("call", "misaka", "listDevices", "--timeout", "200ms").want(t, 4)
}

func TestOffline(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	s.run("call", "babel", "getLicenses", "--base-url", nobody).want(t, 4, "connection refused")
	s.run("login", "babel", "--base-url", nobody).want(t, 4, "connection refused")
	s.env = append(s.env, "BABEL_API_KEY=k", "BABEL_USERNAME=", "BABEL_PASSWORD=")
	s.run("call", "babel", "getLicenses", "--base-url", nobody).want(t, 4, "connection refused")
	if files := s.files(); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

// TestVerbose: it tells what becomes of the session, and no secret.
func TestVerbose(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Misaka)
	got := s.run("call", "misaka", "listDevices", "--verbose").want(t, 0, "session.login")
	header := strings.TrimSpace(s.run("header", "misaka").want(t, 0).out)
	token := strings.TrimPrefix(header, "Authorization: Bearer ")
	if token == header || strings.Contains(got.err, token) {
		t.Errorf("the token %q is in %s", token, got.err)
	}
	s.Vendor(sandbox.Misaka).Fault(sandbox.Fault{Operation: "listDevices", Times: 1, Status: 404, Body: `{"detail":"gone","more":"x"}`})
	s.run("call", "misaka", "listDevices", "-v").want(t, 1, "404 Not Found: gone", `"more":"x"`)
}

// TestCheck: answers are compared with the description, as text, data and patch.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	vendor := s.Vendor(sandbox.Babel)
	surprise := sandbox.Fault{Operation: "getApiKeys", Times: 3, Body: `{"success":true,"surprise":1,"apiKeys":[]}`}
	vendor.Fault(surprise)
	got := s.run("call", "babel", "getApiKeys", "--check").want(t, 0)
	if !strings.Contains(got.err, "surprise") || !json.Valid([]byte(got.out)) {
		t.Errorf("standard error %q, standard output %q", got.err, got.out)
	}
	data, patch := filepath.Join(s.dir, "r.json"), filepath.Join(s.dir, "r.patch")
	s.run("call", "babel", "getApiKeys", "--check-file", data).want(t, 0)
	s.run("call", "babel", "getApiKeys", "--check-file", patch).want(t, 0)
	text, err := os.ReadFile(data)
	var found struct{ Findings []struct{ Where string } }
	if err != nil || json.Unmarshal(text, &found) != nil || len(found.Findings) != 1 || found.Findings[0].Where != "surprise" {
		t.Errorf("data: %s, %v", text, err)
	}
	text, err = os.ReadFile(patch)
	if err != nil || !strings.Contains(string(text), "+++ b/specs/babel.yaml") || !strings.Contains(string(text), "surprise") {
		t.Errorf("patch: %s, %v", text, err)
	}
	spec, err := specs.FS.ReadFile("babel.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "specs"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := s.file(filepath.Join("specs", "babel.yaml"), string(spec))
	cmd := exec.CommandContext(t.Context(), "git", "apply", patch)
	cmd.Dir, cmd.Env = s.dir, s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("git apply: %v: %s", err, out)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "        surprise:\n          type: integer\n") {
		t.Errorf("the patch did not change the description: %v", err)
	}
}
