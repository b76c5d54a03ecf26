package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every rule has a directory of the same name in testdata/validate. Files that
// start with bad mark the line of every finding by a comment, "# want: rule";
// nothing may be found in files that start with good. The rule runs alone,
// unless the first line says "# rules: " and what else to run.
func TestRules(t *testing.T) {
	for _, r := range allRules() {
		if r.id == ruleLoad {
			continue // see TestLoadErrors
		}
		t.Run(r.id, func(t *testing.T) {
			for _, kind := range []string{"bad", "good"} {
				files, err := filepath.Glob(filepath.Join("testdata", "validate", r.id, kind+"*.yaml"))
				if err != nil || len(files) == 0 {
					t.Errorf("no %s*.yaml for the rule (%v)", kind, err)
				}
				for _, file := range files {
					compareFindings(t, file, r.id, kind == "bad")
				}
			}
		})
	}
}

// compareFindings compares what is found in a file with its comments.
func compareFindings(t *testing.T, file, id string, bad bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rules := id
	if line, _, _ := strings.Cut(string(data), "\n"); strings.HasPrefix(line, "# rules: ") {
		rules = strings.TrimPrefix(line, "# rules: ")
	}
	want := wanted(string(data))
	if bad != (len(want) > 0) {
		t.Errorf("%s: has %d comments that want a finding", file, len(want))
	}
	var got []string
	for _, f := range validateFile(t.Context(), file, rules) {
		line := fmt.Sprintf("%d %s", f.Line, f.Rule)
		if !slices.Contains(want, line) {
			t.Errorf("unwanted: %s: %s [%s]", f.place(), f.Message, f.Rule)
		}
		if f.Column < 1 {
			t.Errorf("without column: %s: %s", f.place(), f.Message)
		}
		got = append(got, line)
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s: not found: line %s", file, line)
		}
	}
}

var wantComment = regexp.MustCompile(`# want: ([a-z, -]+?)\s*$`)

// wanted returns the findings that the comments of a file ask for, as line and
// rule.
func wanted(data string) []string {
	var all []string
	for i, line := range strings.Split(data, "\n") {
		if m := wantComment.FindStringSubmatch(line); m != nil {
			for rule := range strings.SplitSeq(m[1], ", ") {
				all = append(all, fmt.Sprintf("%d %s", i+1, rule))
			}
		}
	}
	return all
}

// Whether origins are read makes no difference but for the places of what
// kin-openapi finds.
func TestOriginsMakeNoDifference(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "validate", "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range append(files, filepath.Join("testdata", "validate", "clean.yaml")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var findings [2][]finding
		for i, origins := range []bool{false, true} {
			s, err := loadDocument(file, data, origins)
			if err != nil {
				t.Fatal(err)
			}
			findings[i] = slices.DeleteFunc(checkSpec(t.Context(), s, "house"), func(f finding) bool { return f.Rule == ruleOpenAPI })
		}
		if !slices.Equal(findings[0], findings[1]) {
			t.Errorf("%s: without %v\nwith %v", file, findings[0], findings[1])
		}
	}
}

// Each rule that can be switched off is, by an x-allow at the top of its bad
// file, and that x-allow is then needed.
func TestAllowSilencesEveryRule(t *testing.T) {
	for _, r := range allRules() {
		if r.run == nil {
			continue
		}
		file := filepath.Join("testdata", "validate", r.id, "bad.yaml")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data) + "\n"
		if strings.HasPrefix(text, "x-allow") || strings.Contains(text, "\nx-allow") {
			t.Fatalf("%s has an x-allow of its own", file)
		}
		s, err := loadSpec(file, []byte(text+"x-allow: {"+r.id+": Only to show that it can be.}\n"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range checkSpec(t.Context(), s, r.id+",allow") {
			t.Errorf("%s: %s [%s]", f.place(), f.Message, f.Rule)
		}
	}
}

func TestRuleTable(t *testing.T) {
	kebabID := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, r := range allRules() {
		if !kebabID.MatchString(r.id) || seen[r.id] {
			t.Errorf("id %q is not kebab-case, or used twice", r.id)
		}
		if seen[r.id] = true; r.help == "" || strings.Contains(r.help, "\n") {
			t.Errorf("rule %s has no explanation of one line", r.id)
		}
	}
	dirs, err := os.ReadDir(filepath.Join("testdata", "validate"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.IsDir() && !seen[d.Name()] {
			t.Errorf("testdata/validate/%s is of no rule", d.Name())
		}
	}
}

// The file that shows everything done right is clean under all rules.
func TestCleanFile(t *testing.T) {
	for _, f := range validateFile(t.Context(), filepath.Join("testdata", "validate", "clean.yaml"), "house") {
		t.Errorf("%s: %s [%s]", f.place(), f.Message, f.Rule)
	}
}

// An x-allow holds for its object and all in it, and for nothing else.
func TestAllowReach(t *testing.T) {
	const file = `openapi: 3.0.3
info: {title: Test, version: "1"}
paths:
  /a:
    x-allow: {operation-id: Names come later.}
    get: {responses: {"200": {description: Done.}}}
  /b:
    get: {responses: {"200": {description: Done.}}}
`
	s, err := loadSpec("a.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	findings := checkSpec(t.Context(), s, "operation-id,allow")
	if len(findings) != 1 || findings[0].place() != "a.yaml:8:5" {
		t.Errorf("got %v, want one finding at a.yaml:8:5", findings)
	}
}

func TestChooseRules(t *testing.T) {
	if chosen, err := chooseRules("openapi, unit"); err != nil || !chosen["unit"] || !chosen["enum-type"] || chosen["source"] {
		t.Errorf("openapi, unit: %v, %v", chosen, err)
	}
	if chosen, err := chooseRules("house"); err != nil || len(chosen) != len(allRules()) {
		t.Errorf("house: %d rules of %d, %v", len(chosen), len(allRules()), err)
	}
	if _, err := chooseRules("hose"); err == nil {
		t.Error("hose: no error")
	}
}

func TestWords(t *testing.T) {
	tests := map[string]string{
		"sessionID": "session id", "session_id": "session id", "userIDs": "user ids", "X-Api-Key": "x api key", "HTTPServer": "http server",
		"url": "url", "oldURLs2": "old urls2", "***": "",
	}
	for name, want := range tests {
		if got := strings.Join(words(name), " "); got != want {
			t.Errorf("words(%q) = %q, want %q", name, got, want)
		}
	}
}
