package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// TestEveryExample: the example that describe gives for an operation is a call
// that the sandbox finds nothing wrong with, of every operation of every vendor.
func TestEveryExample(t *testing.T) {
	server := sandbox.New()
	defer server.Close()
	dir := t.TempDir()
	secret := filepath.Join(dir, "FILE")
	if err := os.WriteFile(secret, []byte(sandbox.DemoPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, v := range vendors {
		standin := server.Vendor(sandbox.Vendor(v.name))
		t.Setenv(v.env("BASE_URL"), standin.URL())
		t.Setenv(v.env(v.login), sandbox.DemoLogin)
		t.Setenv(v.env("PASSWORD"), sandbox.DemoPassword)
		spec, err := catalog.Open(v.name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range spec.Entries {
			op, err := spec.Operation(e.ID)
			if err != nil {
				t.Fatal(err)
			}
			runExample(t, op, secret, filepath.Join(dir, v.name))
		}
		for _, bug := range standin.Mistakes() {
			t.Errorf("%s: %s", v.name, bug)
		}
		if n := standin.Requests(); n < len(spec.Entries) {
			t.Errorf("%s: %d requests for %d operations", v.name, n, len(spec.Entries))
		}
	}
}

func runExample(t *testing.T, op *catalog.Operation, secret, store string) {
	t.Helper()
	example := exampleCall(op)
	args := slices.Clone(example.args)
	for i, arg := range args {
		if name, ok := strings.CutSuffix(arg, "=@FILE"); ok {
			args[i] = name + "=@" + secret
		}
	}
	stdin, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	if _, err := stdin.WriteString(example.body); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	var out, diagnostics bytes.Buffer
	a := newApp(stdin, &out, &diagnostics)
	root := a.rootCommand()
	root.SetArgs(append(args, "--store", "file", "--store-dir", store))
	err = root.ExecuteContext(t.Context())
	// Where an operation needs what the sandbox does not have, such as a login
	// that waits for a code, it refuses.
	if code := exitCode(t.Context(), err); code != exitSuccess && code != exitRefused && code != exitSession {
		t.Errorf("%s: %v\n%s", example.text(), err, diagnostics.String())
	}
	if strings.Contains(out.String()+diagnostics.String(), sandbox.DemoPassword) {
		t.Errorf("%s printed the password", example.text())
	}
}

func TestSuggestion(t *testing.T) {
	names := []string{"getLicenses", "getLog", "getLoggedInUser", "insertLicense"}
	tests := []struct{ name, want string }{
		{"getLicences", "; did you mean getLicenses?"},
		{"GETLOG", "; did you mean getLog?"},
		{"getLgo", "; did you mean getLog?"},
		{"loggedin", "; did you mean getLoggedInUser?"},
		{"nothing at all", "; there are getLicenses, getLog, getLoggedInUser, insertLicense"},
	}
	for _, tt := range tests {
		if got := suggestion(tt.name, names); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := suggestion("x", nil); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestRedact(t *testing.T) {
	password := openapi3.NewStringSchema().WithFormat("password")
	inner := openapi3.NewObjectSchema().WithProperty("token", password).WithProperty("id", openapi3.NewStringSchema())
	schema := openapi3.NewObjectSchema().
		WithProperty("token", password).
		WithProperty("list", openapi3.NewArraySchema().WithItems(inner)).
		WithProperty("either", openapi3.NewOneOfSchema(openapi3.NewIntegerSchema(), inner)).
		WithProperty("map", openapi3.NewObjectSchema().WithAdditionalProperties(password))
	tests := []struct{ name, in, want string }{
		{"none", `{"id": 1,  "x":[1.50, "a\u0041"]}`, `{"id": 1,  "x":[1.50, "a\u0041"]}`},
		{"text", `{ "token" : "a\"b" , "z":1}`, `{ "token" : "[redacted]" , "z":1}`},
		{"empty and null", `{"token":"","list":[{"token":null}]}`, `{"token":"","list":[{"token":null}]}`},
		{"number", `{"token":12.0}`, `{"token":"[redacted]"}`},
		{"object", `{"token":{"a":[1,{"b":2}]},"z":true}`, `{"token":"[redacted]","z":true}`},
		{"in a list", `{"list":[{"id":"1","token":"x"},{"token":"y"}]}`, `{"list":[{"id":"1","token":"[redacted]"},{"token":"[redacted]"}]}`},
		{"in an alternative", `{"either":{"token":"x"}}`, `{"either":{"token":"[redacted]"}}`},
		{"in a map", `{"map":{"a":"x","b":"y"}}`, `{"map":{"a":"[redacted]","b":"[redacted]"}}`},
		{"another shape than is described", `{"list":{"token":"x"},"map":["x"]}`, `{"list":{"token":"x"},"map":["x"]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, hidden := redact([]byte(tt.in), schema.NewRef())
			if string(got) != tt.want || hidden != (tt.in != tt.want) {
				t.Errorf("got  %s, %v\nwant %s", got, hidden, tt.want)
			}
		})
	}
}

func TestParseValue(t *testing.T) {
	integer, text := openapi3.NewIntegerSchema(), openapi3.NewStringSchema()
	tests := []struct {
		schema *openapi3.Schema
		text   string
		want   string // as JSON; "" for an error
	}{
		{text, "12", `"12"`},
		{integer, "12", `12`},
		{integer, "12.5", ``},
		{integer, "", ``},
		{integer, "9007199254740993", `9007199254740993`},
		{openapi3.NewFloat64Schema(), "12.50", `12.50`},
		{openapi3.NewFloat64Schema(), "NaN", ``},
		{openapi3.NewBoolSchema(), "true", `true`},
		{openapi3.NewBoolSchema(), "yes", ``},
		{openapi3.NewIntegerSchema().WithNullable(), "null", `null`},
		{openapi3.NewArraySchema().WithItems(integer), "1,2", `[1,2]`},
		{openapi3.NewArraySchema().WithItems(integer), "[1,2]", `[1,2]`},
		{openapi3.NewArraySchema().WithItems(integer), "", `[]`},
		{openapi3.NewArraySchema().WithItems(integer), "1,x", ``},
		{openapi3.NewObjectSchema(), `{"a":1}`, `{"a":1}`},
		{openapi3.NewObjectSchema(), `1`, ``},
		{openapi3.NewOneOfSchema(integer, text), "5", `5`},
		{openapi3.NewOneOfSchema(integer, text), "five", `"five"`},
		{openapi3.NewSchema(), "5", `5`},
		{openapi3.NewSchema(), "five", `"five"`},
	}
	for _, tt := range tests {
		value, err := parseValue(tt.schema.NewRef(), tt.text)
		got := ""
		if err == nil {
			data, _ := json.Marshal(value)
			got = string(data)
		}
		if got != tt.want {
			t.Errorf("%q: got %s, %v, want %s", tt.text, got, err, tt.want)
		}
	}
}

func TestStanding(t *testing.T) {
	now := time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	token := rest.NewSecret("t")
	tests := []struct {
		name   string
		record *session.Record
		state  string
		until  time.Time
	}{
		{"nothing", nil, stateNone, time.Time{}},
		{"refused", &session.Record{Rejected: ago(time.Minute)}, stateRefused, time.Time{}},
		{"no known end", &session.Record{Token: token, Obtained: ago(time.Hour)}, stateSignedIn, time.Time{}},
		{"lifetime", &session.Record{Token: token, Obtained: ago(time.Minute), Lifetime: time.Hour}, stateSignedIn, now.Add(59 * time.Minute)},
		{"expired", &session.Record{Token: token, Obtained: ago(time.Hour), Lifetime: time.Hour}, stateExpired, now},
		{"idle", &session.Record{Token: token, Obtained: ago(time.Hour), LastUse: ago(5 * time.Minute), Idle: 15 * time.Minute}, stateSignedIn, now.Add(10 * time.Minute)},
		{"too long idle", &session.Record{Token: token, Obtained: ago(time.Hour), LastUse: ago(20 * time.Minute), Idle: 15 * time.Minute}, stateExpired, now.Add(-5 * time.Minute)},
		{
			"refresh token", &session.Record{Token: token, Refresh: token, Obtained: ago(time.Hour), Lifetime: time.Minute, RefreshLifetime: 2 * time.Hour},
			stateSignedIn, now.Add(time.Hour),
		},
		{
			"expired refresh token", &session.Record{Token: token, Refresh: token, Obtained: ago(3 * time.Hour), Lifetime: time.Minute, RefreshLifetime: 2 * time.Hour},
			stateExpired, ago(3*time.Hour - time.Minute),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := standing(tt.record, now); got.State != tt.state || !got.Until.Equal(tt.until) {
				t.Errorf("got %+v, want %s until %v", got, tt.state, tt.until)
			}
		})
	}
}

func TestOutputs(t *testing.T) {
	tests := []struct{ form, in, want string }{
		{"json", `{"b":1,"a":[]}`, "{\n  \"b\": 1,\n  \"a\": []\n}\n"},
		{"raw", `{"b":1.50}`, `{"b":1.50}`},
		{"yaml", `{"b":"1","a":[1.50,null,true,"\ud83d\ude00","x: y"],"c":{},"d":123456789012345678901234567890}`, "b: \"1\"\na:\n  - 1.50\n  - null\n  - true\n  - \"\\U0001F600\"\n  - 'x: y'\nc: {}\nd: 123456789012345678901234567890\n"},
		{"table", `{"status":{"code":200},"data":{"users":[{"id":1,"name":"a\nb"},{"name":"c","id":22,"roles":["x"]}]}}`, "ID  NAME\n 1  a b\n22  c\n"},
		{"table", `{"a":{"b":1},"c":["x","y"],"d":[]}`, "a.b  1\nc    x,y\nd\n"},
		{"table", `["x","y"]`, "x\ny\n"},
		{"table", `5`, "5\n"},
		{"table", `[]`, ""},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		if err := newScreen(&b).value([]byte(tt.in), tt.form); err != nil || b.String() != tt.want {
			t.Errorf("%s of %s: got %q, %v, want %q", tt.form, tt.in, b.String(), err, tt.want)
		}
	}
}

// TestTerminalCannotBeCommanded: an answer has no influence on the terminal.
func TestTerminalCannotBeCommanded(t *testing.T) {
	var b bytes.Buffer
	s := newScreen(&b)
	s.terminal, s.colour = true, true
	const in = `{"a":"\u001b[31m` + "\u009b31m\u202e" + `","b":-1.5e3,"c":null}`
	if err := s.value([]byte(in), "json"); err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("\x1b[34m", "", "\x1b[32m", "", "\x1b[36m", "", "\x1b[0m", "").Replace(b.String())
	if want := "{\n  \"a\": \"\\u001b[31m\\u009b31m\\u202e\",\n  \"b\": -1.5e3,\n  \"c\": null\n}\n"; plain != want {
		t.Errorf("got %q, want %q", plain, want)
	}
	if got := oneLine("a\x1b[2Jb\u009bc"); strings.ContainsAny(got, "\x1b\u009b") {
		t.Errorf("a cell of a table is %q", got)
	}
}
