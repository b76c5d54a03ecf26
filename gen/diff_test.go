package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// diffFiles writes two versions of a description that differ by a replacement.
func diffFiles(t *testing.T, old, with string) (before, after string) {
	t.Helper()
	data, err := os.ReadFile("../specs/alertsite.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return writeIn(t, dir, "old.yaml", string(data)), writeIn(t, dir, "new.yaml", strings.Replace(string(data), old, with, 1))
}

func TestDiffTellsBreakingChangesFromOthers(t *testing.T) {
	tests := []struct {
		name, old, with string
		code            int
		want            string
	}{
		{"nothing", "nothing at all", "", 0, "0 changes"},
		{"path renamed", "  /locations:", "  /places:", 1, "old.yaml:"},
		{"property added", "    NumericInput:", "    Another: {type: string}\n    NumericInput:", 0, "0 of them breaking"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, after := diffFiles(t, tt.old, tt.with)
			var stdout, stderr bytes.Buffer
			code := runDiff(t.Context(), []string{before, after}, &stdout, &stderr)
			if code == 2 {
				skipWithout(t, "oasdiff", stderr.String())
			}
			if code != tt.code || !strings.Contains(stdout.String(), tt.want) {
				t.Errorf("exit %d, want %d with %q\n%s%s", code, tt.code, tt.want, &stdout, &stderr)
			}
		})
	}
}

func TestDiffRefusesWhatItCannotRead(t *testing.T) {
	for _, args := range [][]string{{}, {"one.yaml"}, {"-format", "xml", "a", "b"}, {"missing.yaml", "../specs/babel.yaml"}} {
		var stdout, stderr bytes.Buffer
		if code := runDiff(t.Context(), args, &stdout, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%q: exit %d, stderr %q", args, code, &stderr)
		}
	}
}
