package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validate runs the subcommand and returns exit code, output and errors.
func validate(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = runValidate(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// Our own specs are clean, from any directory of the module.
func TestOwnSpecsAreClean(t *testing.T) {
	for _, dir := range []string{".", "testdata"} {
		t.Run(dir, func(t *testing.T) {
			t.Chdir(dir)
			if code, out, errs := validate(t); code != 0 || out != "" {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
}

func TestValidateExitCodes(t *testing.T) {
	clean := filepath.Join("testdata", "validate", "clean.yaml")
	bad := filepath.Join("testdata", "validate", "enum-type", "bad.yaml")
	tests := []struct {
		name   string
		args   []string
		code   int
		out    string // part of the output
		errors string // part of the error stream
	}{
		{"clean", []string{clean}, 0, "", "validate: 1 file, 0 findings\n"},
		{"findings", []string{"-rules", "enum-type", bad}, 1, bad + ":10:11: a number in enum of a schema of type string [enum-type]\n", "5 findings"},
		{"missing file", []string{"none.yaml"}, 2, "", "none.yaml: there is no such file\n"},
		{"directory", []string{"testdata"}, 2, "", "testdata: is a directory, not a file\n"},
		{"one of two missing", []string{"-rules", "enum-type", "none.yaml", bad}, 2, "[enum-type]", "there is no such file"},
		{"unknown format", []string{"-format", "xml"}, 2, "", `unknown format "xml"`},
		{"unknown rule", []string{"-rules", "hose"}, 2, "", `no rule or set of rules "hose"`},
		{"unknown flag", []string{"-x"}, 2, "", "usage: go run ./gen validate"},
		{"help", []string{"-h"}, 0, "", "usage: go run ./gen validate"},
		{"list", []string{"-list"}, 0, "real-looking       house          examples hold no", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := validate(t, tt.args...)
			if code != tt.code || !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.errors) {
				t.Errorf("exit %d, want %d\noutput %s\nerrors %s", code, tt.code, out, errs)
			}
		})
	}
}

func TestValidateStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := runValidate(ctx, nil, &out, &errs); code != exitUnread || !strings.Contains(errs.String(), "canceled") {
		t.Errorf("exit %d, errors %s", code, errs.String())
	}
}

// A file elsewhere gets the rules for any file, our own specs all of them.
func TestRulesByFile(t *testing.T) {
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := validateConfig{files: []string{"a.yaml"}}
	for file, want := range map[string]string{
		"a.yaml":                "openapi",
		"../specs/babel.yaml":   "house",
		"../specs/x/babel.yaml": "openapi",
		filepath.Join(other, "specs", "any.yaml"): "openapi",
	} {
		if got := cfg.rulesFor(file); got != want {
			t.Errorf("%s: rules %s, want %s", file, got, want)
		}
	}
	if got := (validateConfig{}).rulesFor("../specs/babel.yaml"); got != "house" {
		t.Errorf("without files: rules %s, want house", got)
	}
}

func TestJSONFormat(t *testing.T) {
	if code, out, _ := validate(t, "-format", "json", filepath.Join("testdata", "validate", "clean.yaml")); code != 0 || out != "[]\n" {
		t.Errorf("clean: exit %d, output %s", code, out)
	}
	bad := filepath.Join("testdata", "validate", "enum-type", "bad.yaml")
	code, out, _ := validate(t, "-format", "json", "-rules", "enum-type,load", bad, bad, "none.yaml")
	var got []map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 2 || len(got) != 6 {
		t.Fatalf("exit %d, %v, output %s", code, err, out)
	}
	want := map[string]any{"file": bad, "line": 10., "column": 11., "rule": "enum-type", "severity": "error",
		"message": "a number in enum of a schema of type string"}
	for key, value := range want {
		if got[1][key] != value {
			t.Errorf("%s is %v, want %v", key, got[1][key], value)
		}
	}
	if got[0]["rule"] != "load" || len(got[1]) != len(want) {
		t.Errorf("output %s", out)
	}
}

func TestGitHubFormat(t *testing.T) {
	file := filepath.Join("testdata", "validate", "enum-type", "bad.yaml")
	findings := []finding{
		newFinding(file, 3, 4, "a:b,c", "100%% of it: a, b\nc"),
		newFinding("..", 0, 0, ruleLoad, "is a directory"),
	}
	var out bytes.Buffer
	if err := reportGitHub(&out, findings); err != nil {
		t.Fatal(err)
	}
	want := "::error file=gen/testdata/validate/enum-type/bad.yaml,line=3,col=4,title=a%3Ab%2Cc::100%25 of it: a, b c\n"
	if first, _, _ := strings.Cut(out.String(), "\n"); first+"\n" != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

// The SARIF output is valid against the schema of SARIF 2.1.0.
func TestSARIFFormat(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata", "validate", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join("testdata", "validate", "real-looking", "bad.yaml")
	for _, args := range [][]string{
		{"-rules", "house", bad, filepath.Join("testdata", "validate", "load error.yaml")},
		{filepath.Join("testdata", "validate", "clean.yaml")},
	} {
		_, out, _ := validate(t, append([]string{"-format", "sarif"}, args...)...)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
	}
}

// Every result of the SARIF output leads to its rule, its file and its line.
func TestSARIFContent(t *testing.T) {
	bad := filepath.Join("testdata", "validate", "enum-type", "bad.yaml")
	_, out, _ := validate(t, "-format", "sarif", "-rules", "enum-type", bad, "no such.yaml")
	var log sarifLog
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if run.Invocations[0].ExecutionSuccessful {
		t.Error("successful, though a file is missing")
	}
	places := map[string]int{}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule index %d is not %s", r.RuleIndex, r.RuleID)
		}
		at := r.Locations[0].Physical
		places[at.Artifact.URI]++
		if (at.Region == nil) != (r.RuleID == ruleLoad) {
			t.Errorf("region %v of %s", at.Region, r.RuleID)
		}
	}
	if places["gen/testdata/validate/enum-type/bad.yaml"] == 0 || places["gen/no%20such.yaml"] != 1 {
		t.Errorf("places %v", places)
	}
}

// What is said about an example never repeats it.
func TestFindingsDoNotRepeatValues(t *testing.T) {
	const secret = "hunter2-s3cr3t-9f3c1be07ad24856b1c0"
	const data = head + `paths:
  /a:
    get:
      parameters:
        - {name: a, in: query, schema: {type: integer}, example: ` + secret + `}
        - {name: b, in: query, schema: {type: string, enum: [x]}, example: ` + secret + `}
        - {name: c, in: query, schema: {type: string, format: date}, example: ` + secret + `}
        - {name: d, in: query, schema: {type: string, default: ` + secret + `, maxLength: 3}}
        - {name: e, in: query, schema: {oneOf: [{type: integer}, {type: boolean}]}, example: ` + secret + `}
        - {name: f, in: query, schema: {allOf: [{type: integer}]}, example: ` + secret + `}
        - {name: g, in: query, schema: {not: {type: string}}, example: ` + secret + `}
        - {name: h, in: query, schema: {type: object, properties: {a: {type: integer}}}, example: {a: ` + secret + `}}
      responses: {"200": {description: Done.}}
`
	for _, format := range []string{"text", "json", "github", "sarif"} {
		code, out, errs := validate(t, "-format", format, "-rules", "house", writeFile(t, "a.yaml", data))
		if code != exitFindings || strings.Count(out, "example-valid") < 8 {
			t.Errorf("%s: exit %d, output %s", format, code, out)
		}
		if strings.Contains(out+errs, "hunter2") {
			t.Errorf("%s: the value is repeated in %s", format, out)
		}
	}
}

// Findings stay on one line, whatever the names in the file.
func TestFindingsAreOneLine(t *testing.T) {
	file := writeFile(t, "a.yaml", head+"paths: {}\ncomponents:\n  schemas:\n    \"a\\nb\\e[31m\": {type: string}\n")
	_, out, _ := validate(t, "-rules", "unused-component", file)
	if strings.Count(out, "\n") != 1 || strings.Contains(out, "\x1b") {
		t.Errorf("output %q", out)
	}
}
