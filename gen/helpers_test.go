package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeIn writes a file below dir, with the directories that it needs, and
// returns its path.
func writeIn(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeFile writes a file in a directory of its own, and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	return writeIn(t, t.TempDir(), name, text)
}

// skipWithout skips the test if stderr says that a tool cannot be fetched, or
// that this version of Go is too old for it.
func skipWithout(t *testing.T, tool, stderr string) {
	t.Helper()
	for _, text := range []string{"dial tcp", "GOPROXY=off", "requires go >="} {
		if strings.Contains(stderr, text) {
			t.Skipf("skipped: there is no %s: %s", tool, strings.Join(strings.Fields(stderr), " "))
		}
	}
}
