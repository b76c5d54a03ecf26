package main

import (
	"os"
	"strings"
	"testing"
)

// TestTheCoverageTableOfTheREADMEIsTrue compares the table with the
// descriptions; -update writes it.
func TestTheCoverageTableOfTheREADMEIsTrue(t *testing.T) {
	const path, begin, end = "../README.md", "<!-- coverage -->\n", "<!-- end of coverage -->"
	files, err := specFiles()
	if err != nil {
		t.Fatal(err)
	}
	vendors, err := loadCoverage(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(readme), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("README.md lacks %q and %q", begin, end)
	}
	want := coverageMarkdown(vendors)
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
