package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
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

// TestDiffReadsAPipe: a shell gives a pipe for <(git show HEAD:specs/acme.yaml).
func TestDiffReadsAPipe(t *testing.T) {
	before, after := diffFiles(t, "nothing at all", "")
	data, err := os.ReadFile(before)
	if err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if out, err := exec.CommandContext(t.Context(), "mkfifo", pipe).CombinedOutput(); err != nil {
		t.Skipf("skipped: no named pipes here: %v %s", err, out)
	}
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(pipe, data, 0o600) }()
	var stdout, stderr bytes.Buffer
	code := runDiff(t.Context(), []string{pipe, after}, &stdout, &stderr)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if code == 2 {
		skipWithout(t, "oasdiff", stderr.String())
	}
	if code != 0 || stdout.String() != "diff: 0 changes, 0 of them breaking\n" {
		t.Errorf("exit %d\n%s%s", code, &stdout, &stderr)
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
