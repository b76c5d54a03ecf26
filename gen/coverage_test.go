package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/coverage/certainty.golden and the table of README.md from the specs")

// ownCoverage returns the coverage of our own specs.
func ownCoverage(t *testing.T) []vendorCoverage {
	t.Helper()
	vendors, err := loadCoverage(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return vendors
}

// certaintyGolden returns what the committed record of certainties holds: the
// counts per vendor and kind, then one line per fact.
func certaintyGolden(vendors []vendorCoverage) string {
	var b strings.Builder
	b.WriteString("# Certainty of every fact in specs/, so that a promotion shows up in review.\n")
	b.WriteString("# Counts: vendor, kind, documented, observed, inferred.\n")
	for _, v := range vendors {
		for _, c := range v.Certainty {
			fmt.Fprintf(&b, "%s %s %d %d %d\n", v.Vendor, c.Kind, c.Documented, c.Observed, c.Inferred)
		}
	}
	b.WriteString("# Facts: vendor, kind, name, certainty.\n")
	for _, v := range vendors {
		for _, f := range v.Facts {
			fmt.Fprintf(&b, "%s %s %s %s\n", v.Vendor, f.Kind, f.Name, cmp.Or(f.Certainty, "unknown"))
		}
	}
	return b.String()
}

// A fact that becomes more, or less, certain shows up in the committed record.
func TestCertaintyIsOnRecord(t *testing.T) {
	golden := filepath.Join("testdata", "coverage", "certainty.golden")
	got := certaintyGolden(ownCoverage(t))
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for _, line := range gotLines {
		if !slices.Contains(wantLines, line) {
			t.Errorf("not on record: %s", line)
		}
	}
	for _, line := range wantLines {
		if !slices.Contains(gotLines, line) {
			t.Errorf("only on record: %s", line)
		}
	}
	if !t.Failed() && got != string(want) {
		t.Error("the record has the same lines in another order or number")
	}
	if t.Failed() {
		t.Log("after review: go test ./gen -run TestCertaintyIsOnRecord -update")
	}
}

// Every operation that our documents name is in the specs or left out with a
// reason, and the numbers add up.
func TestOwnCoverageIsComplete(t *testing.T) {
	vendors := ownCoverage(t)
	if len(vendors) != 4 {
		t.Errorf("%d vendors, want 4", len(vendors))
	}
	for _, v := range append(vendors, sumCoverage(vendors)) {
		if !v.complete() {
			t.Errorf("%s: missing %q, in conflict %q, unnamed %v", v.Vendor, v.Missing, v.Conflicts, v.Unnamed)
		}
		if v.Named != v.Covered+len(v.Omitted)+len(v.Missing) {
			t.Errorf("%s: %d named, %d covered, %d omitted, %d missing", v.Vendor, v.Named, v.Covered, len(v.Omitted), len(v.Missing))
		}
		if d := v.Detail; d.Full+d.Partial+d.Path+d.Unstated != v.Operations || d.Unstated != 0 {
			t.Errorf("%s: %d operations, detail %+v", v.Vendor, v.Operations, d)
		}
		sum := certaintyCount{Kind: kindSum}
		for _, c := range v.Certainty[:len(v.Certainty)-1] {
			sum.Documented += c.Documented
			sum.Observed += c.Observed
			sum.Inferred += c.Inferred
			sum.Unknown += c.Unknown
		}
		if last := v.Certainty[len(v.Certainty)-1]; last != sum || sum.Unknown != 0 || v.Certainty[0].all() != v.Operations {
			t.Errorf("%s: counts %+v", v.Vendor, v.Certainty)
		}
	}
}

const coverageSpec = head + `x-certainty: documented
x-sources:
  - {id: one, operations: [GET /a, "GET /a/{id}", POST Log in, GET /gone, GET /left]}
  - {id: two, operations: [GET /a, "ANY /b/{name}", "DELETE /both/{x}"]}
x-omitted:
  - {operation: GET /left, reason: Not needed.}
  - {operation: "DELETE /both/{x}", reason: It is there all the same.}
paths:
  /a:
    get: {operationId: listA, x-detail: full, responses: {"200": {description: Done.}}}
    put: {operationId: putA, x-certainty: observed, x-detail: path, responses: {"200": {description: Done.}}}
    patch: {operationId: patchA, responses: {"200": {description: Done.}}}
  /a/{key}:
    parameters:
      - {name: key, in: path, required: true, schema: {type: string}}
    get:
      operationId: getA
      x-detail: partial
      x-certainty: inferred
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: r, in: query, x-certainty: observed, schema: {type: string}}
        - {$ref: "#/components/parameters/S"}
      responses: {"200": {description: Done.}}
  /login:
    post: {operationId: login, x-names: [POST Log in], responses: {"200": {description: Done.}}}
  /b/{id}:
    get: {operationId: getB, responses: {"200": {description: Done.}}}
    delete: {operationId: deleteB, responses: {"200": {description: Done.}}}
  /both/{id}:
    delete: {operationId: both, responses: {"200": {description: Done.}}}
components:
  parameters:
    S: {name: s, in: query, x-certainty: wrong, schema: {type: string}}
  schemas:
    A:
      type: object
      x-certainty: observed
      properties:
        a: {type: string}
        b: {$ref: "#/components/schemas/B"}
        c:
          type: object
          x-certainty: inferred
          properties:
            d: {type: string}
        e: {type: array, items: {type: object, properties: {f: {type: string, x-certainty: documented}}}}
    B: {type: string}
`

// The comparison goes both ways, by method and path whatever the parameters are
// called, by ANY and path, and by title.
func TestCoverageComparesBothWays(t *testing.T) {
	s, err := loadSpec("dir/vendor.yaml", []byte(coverageSpec))
	if err != nil {
		t.Fatal(err)
	}
	vendors, err := readCoverage([]*spec{s})
	if err != nil {
		t.Fatal(err)
	}
	v := vendors[0]
	if v.Vendor != "vendor" || v.Named != 7 || v.Covered != 5 || v.Operations != 8 || v.complete() {
		t.Errorf("vendor %s, %d named, %d covered, %d operations, complete %t", v.Vendor, v.Named, v.Covered, v.Operations, v.complete())
	}
	if want := []string{"GET /gone"}; !slices.Equal(v.Missing, want) {
		t.Errorf("missing %q, want %q", v.Missing, want)
	}
	if want := []string{"DELETE /both/{x}"}; !slices.Equal(v.Conflicts, want) {
		t.Errorf("conflicts %q, want %q", v.Conflicts, want)
	}
	if want := []omittedOperation{{"GET /left", "Not needed."}}; !slices.Equal(v.Omitted, want) {
		t.Errorf("omitted %q, want %q", v.Omitted, want)
	}
	if want := []unnamedOperation{{"PUT /a", "observed"}, {"PATCH /a", "documented"}}; !slices.Equal(v.Unnamed, want) {
		t.Errorf("unnamed %v, want %v", v.Unnamed, want)
	}
	if want := (detailCount{Full: 1, Partial: 1, Path: 1, Unstated: 5}); v.Detail != want {
		t.Errorf("detail %+v, want %+v", v.Detail, want)
	}
}

// Certainty is inherited: by a property from its schema, by a parameter from its
// operation, by both from the file.
func TestCertaintyIsInherited(t *testing.T) {
	s, err := loadSpec("vendor.yaml", []byte(coverageSpec))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range s.facts() {
		if f.Kind != "operation" {
			got = append(got, strings.Join([]string{f.Kind, f.Name, f.Certainty}, " "))
		}
	}
	want := []string{
		"parameter /a/{key}.path.key documented", "parameter components.S.query.s wrong", "parameter getA.query.q inferred",
		"parameter getA.query.r observed",
		"schema A observed", "schema B documented",
		"property A.a observed", "property A.b observed", "property A.c inferred", "property A.c.d inferred", "property A.e observed",
		"property A.e[].f documented",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	counts := countFacts(s.facts())
	if want := (certaintyCount{"property", 1, 3, 2, 0}); counts[3] != want {
		t.Errorf("counts of properties %+v, want %+v", counts[3], want)
	}
	if want := (certaintyCount{"all", 9, 6, 4, 1}); counts[4] != want {
		t.Errorf("counts of all %+v, want %+v", counts[4], want)
	}
}

func TestCoverageExitCodes(t *testing.T) {
	incomplete := writeFile(t, "vendor.yaml", coverageSpec)
	onlyObserved := writeFile(t, "vendor.yaml", head+`x-sources: [{id: one, operations: []}]
x-certainty: observed
paths: {/a: {get: {operationId: getA, responses: {"200": {description: Done.}}}}}
`)
	tests := []struct {
		name   string
		args   []string
		code   int
		out    string
		errors string
	}{
		{"our own", nil, 0, "total", ""},
		{"incomplete", []string{incomplete}, 1, "  vendor: GET /gone\n", ""},
		{"documented, but unnamed", []string{incomplete}, 1, "  vendor: PATCH /a (documented: not allowed)\n", ""},
		{"observed and unnamed", []string{onlyObserved}, 0, "  vendor: GET /a (observed)\n", ""},
		{"no sources", []string{filepath.Join("testdata", "validate", "enum-type", "bad.yaml")}, 2, "", "has no x-sources"},
		{"missing file", []string{"none.yaml"}, 2, "", "coverage: none.yaml: there is no such file\n"},
		{"unknown format", []string{"-format", "xml"}, 2, "", `unknown format "xml"`},
		{"help", []string{"-h"}, 0, "", "Certainty is effective"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := runCoverage(t.Context(), tt.args, &out, &errs)
			if code != tt.code || !strings.Contains(out.String(), tt.out) || !strings.Contains(errs.String(), tt.errors) {
				t.Errorf("exit %d, want %d\noutput %s\nerrors %s", code, tt.code, out.String(), errs.String())
			}
		})
	}
}

func TestCoverageJSON(t *testing.T) {
	var out, errs bytes.Buffer
	if code := runCoverage(t.Context(), []string{"-format", "json", writeFile(t, "vendor.yaml", coverageSpec)}, &out, &errs); code != 1 {
		t.Errorf("exit %d, errors %s", code, errs.String())
	}
	var got struct {
		Vendors []vendorCoverage
		Total   vendorCoverage
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Vendors) != 1 || got.Vendors[0].Named != 7 || got.Total.Named != 7 || got.Total.Missing[0] != "vendor: GET /gone" {
		t.Errorf("got %+v", got)
	}
}
