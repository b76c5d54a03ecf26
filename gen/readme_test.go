package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTheCoverageTableOfTheREADMEIsTrue compares the table with the
// descriptions; -update writes it.
func TestTheCoverageTableOfTheREADMEIsTrue(t *testing.T) {
	const path, begin, end = "../README.md", "<!-- coverage -->\n", "<!-- end of coverage -->"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(readme), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("README.md lacks %q and %q", begin, end)
	}
	want := coverageMarkdown(ownCoverage(t))
	if table == want {
		return
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the table of README.md is not that of the descriptions; go test ./gen -run README -update writes it\n got\n%s\nwant\n%s", table, want)
}

// coverageMarkdown returns the table of the README: per vendor and in sum the
// operations by what became of them and by detail, and the facts by certainty.
func coverageMarkdown(vendors []vendorCoverage) string {
	var b strings.Builder
	b.WriteString("| Vendor | Operations named by documents | In the spec | Omitted with reason | Missing |" +
		" Full / partial / path only | Facts documented | Observed | Inferred |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, v := range append(slices.Clip(vendors), sumCoverage(vendors)) {
		all := v.Certainty[len(v.Certainty)-1]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d / %d / %d | %d | %d | %d |\n", v.Vendor, v.Named, v.Operations, len(v.Omitted), len(v.Missing),
			v.Detail.Full, v.Detail.Partial, v.Detail.Path, all.Documented, all.Observed, all.Inferred)
	}
	return b.String()
}

// The table has a row per vendor and one for the sum, all of the same width.
func TestTheCoverageTableHasARowPerVendorAndOneForTheSum(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(coverageMarkdown(ownCoverage(t)), "\n"), "\n")
	if len(lines) != 7 || !strings.HasPrefix(lines[6], "| total | ") {
		t.Errorf("got %q", lines)
	}
	for _, line := range lines {
		if strings.Count(line, "|") != strings.Count(lines[0], "|") {
			t.Errorf("row %s", line)
		}
	}
}
