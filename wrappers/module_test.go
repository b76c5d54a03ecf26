package wrappers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// run runs the go command in dir and returns what it printed.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// TestAnotherModuleCanUseAWrapper builds and runs the example of the README
// outside this module, with a replace as the README tells.
func TestAnotherModuleCanUseAWrapper(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{
		"go.mod": "module example.org/app\n\ngo 1.25.0\n\nrequire github.com/latchkey-go/latchkey v0.0.0\n\n" +
			"replace github.com/latchkey-go/latchkey => " + strconv.Quote(root) + "\n", // the path may have a space
		"go.sum":  string(sums),
		"main.go": readmeExample(t, root),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out := run(t, dir, "run", "-mod=mod", "."); !strings.Contains(out, "signed in") {
		t.Errorf("the example of the README printed %q", out)
	}
}

// readmeExample returns the first Go program in the README.
func readmeExample(t *testing.T, root string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```go\npackage main\n")
	program, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("README.md has no Go program")
	}
	return "package main\n" + program
}

// TestProgramsLinkNothingTheyDoNotNeed lists what a program gets that imports a
// wrapper: the standard library, the runtime of the generator, the library that
// repeats calls, and this module without its tools.
func TestProgramsLinkNothingTheyDoNotNeed(t *testing.T) {
	const own = "github.com/latchkey-go/latchkey/"
	allowed := []string{
		own + "generated/", own + "wrappers/rest", own + "wrappers/session", own + "wrappers/alertsite", own + "wrappers/anomify",
		own + "wrappers/babel", own + "wrappers/misaka", "github.com/oapi-codegen/runtime", "github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid",
		// What repeats calls; wrappers/rest and wrappers/session do without it.
		"github.com/failsafe-go/failsafe-go", "github.com/bits-and-blooms/bitset",
	}
	deps := run(t, ".", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./alertsite", "./anomify", "./babel", "./misaka")
	for path := range strings.FieldsSeq(deps) {
		if !slices.ContainsFunc(allowed, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
			t.Errorf("programs that import a wrapper link %s", path)
		}
	}
	for path := range strings.FieldsSeq(run(t, ".", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./session")) {
		if path != own+"wrappers/rest" && path != own+"wrappers/rest/wire" && path != own+"wrappers/session" {
			t.Errorf("the session engine imports %s", path)
		}
	}
}
