package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestIncompatibleChangesNeedANote(t *testing.T) {
	changes := []string{"./wrappers/rest.Error.Code: changed from string to int", "./generated/babelapi.User: removed"}
	changelog := "# Changes\n\n## Unreleased\n\n- `rest.Error.Code` is a number.\n\n## v0.1.0\n\n- `babelapi.User` is new.\n"
	want := []string{"./generated/babelapi.User: removed"}
	if got := withoutNote(changes, changelog); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := withoutNote(changes, ""); len(got) != 2 {
		t.Errorf("without a changelog: %q", got)
	}
}

// TestTheAPIIsComparedWithARevision makes a small module with a change that
// breaks programs.
func TestTheAPIIsComparedWithARevision(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		all := append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)
		if _, err := command(t.Context(), dir, "git", all...); err != nil {
			t.Fatal(err)
		}
	}
	writeIn(t, dir, "go.mod", "module example.org/m\n\ngo 1.25.0\n")
	writeIn(t, dir, "wrappers/p/p.go", "package p\n\nfunc F() {}\n\nfunc G() {}\n")
	writeIn(t, dir, "other/o.go", "package other\n\nfunc O() {}\n")
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "one")
	git("tag", "v0.1.0")
	writeIn(t, dir, "wrappers/p/p.go", "package p\n\nfunc F(int) {}\n\nfunc G() {}\n\nfunc H() {}\n")
	writeIn(t, dir, "other/o.go", "package other\n")
	t.Chdir(dir)

	var stdout, stderr bytes.Buffer
	code := runAPI(t.Context(), nil, &stdout, &stderr)
	skipWithout(t, "apidiff", stderr.String())
	if code != 1 || !strings.Contains(stderr.String(), "./wrappers/p.F: changed") || strings.Contains(stderr.String(), "other") {
		t.Fatalf("exit %d\n%s%s", code, &stdout, &stderr)
	}
	writeIn(t, dir, "CHANGELOG.md", "## Unreleased\n\n- `p.F` takes a number.\n")
	if code := runAPI(t.Context(), nil, &stdout, &stderr); code != 0 {
		t.Errorf("with a note: exit %d\n%s%s", code, &stdout, &stderr)
	}
}
