package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// apidiff is run at this version by the go command, so that it is no
// requirement of this module.
const apidiff = "golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e"

// runAPI compares the exported API of the packages that programs import with
// that of the last tag. It returns 1 if something changed that breaks programs
// and CHANGELOG.md does not say so.
func runAPI(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("api", flag.ContinueOnError)
	flags.SetOutput(stderr)
	since := flags.String("since", "", "the revision to compare with; the last tag if empty")
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: go run ./gen api [-since REVISION]\n\nNames the changes of the exported API of generated/ and wrappers/ that break programs. Each needs a note in\n"+
			"CHANGELOG.md, in the section Unreleased, that has its name in backquotes.\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	root, err := moduleRoot(".")
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return 2
	}
	if *since == "" {
		tag, err := command(ctx, root, "git", "describe", "--tags", "--abbrev=0")
		if err != nil {
			fmt.Fprintln(stdout, "api: no tag yet, nothing to compare with")
			return 0
		}
		*since = strings.TrimSpace(tag)
	}
	changes, err := incompatible(ctx, root, *since)
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return 2
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md")) //nolint:gosec // a file of the module
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(stderr, "gen:", err)
		return 2
	}
	missing := withoutNote(changes, string(changelog))
	for _, change := range missing {
		fmt.Fprintf(stderr, "api: %s: not in the section Unreleased of CHANGELOG.md\n", change)
	}
	fmt.Fprintf(stdout, "api: %d incompatible changes since %s, %d without a note\n", len(changes), *since, len(missing))
	if len(missing) > 0 {
		return 1
	}
	return 0
}

// incompatible returns one line per change since a revision that breaks
// programs, such as "./wrappers/rest.Error.Code: changed from string to int".
func incompatible(ctx context.Context, root, since string) ([]string, error) {
	dir, err := os.MkdirTemp("", "latchkey-api-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	before := filepath.Join(dir, "before")
	if _, err := command(ctx, root, "git", "worktree", "add", "--detach", before, since); err != nil {
		return nil, err
	}
	defer command(context.WithoutCancel(ctx), root, "git", "worktree", "remove", "--force", before) //nolint:errcheck // it is in a temporary directory
	module, err := command(ctx, root, "go", "list", "-m")
	if err != nil {
		return nil, err
	}
	files := [2]string{filepath.Join(dir, "old.api"), filepath.Join(dir, "new.api")}
	for i, tree := range []string{before, root} {
		if _, err := command(ctx, tree, "go", "run", apidiff, "-m", "-w", files[i], strings.TrimSpace(module)); err != nil {
			return nil, err
		}
	}
	text, err := command(ctx, dir, "go", "run", apidiff, "-m", "-incompatible", files[0], files[1])
	if err != nil {
		return nil, err
	}
	var changes []string
	for line := range strings.Lines(text) {
		change := strings.TrimPrefix(strings.TrimSpace(line), "- ")
		if strings.HasPrefix(change, "./generated") || strings.HasPrefix(change, "./wrappers") {
			changes = append(changes, change)
		}
	}
	return changes, nil
}

// command runs a command in dir and returns what it printed. Its error has
// what the command printed to standard error.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // git and go, with arguments of this program
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// withoutNote returns the changes whose name does not stand in backquotes in
// the section Unreleased of a changelog.
func withoutNote(changes []string, changelog string) []string {
	_, unreleased, _ := strings.Cut(changelog, "## Unreleased")
	unreleased, _, _ = strings.Cut(unreleased, "\n## ")
	var missing []string
	for _, change := range changes {
		name, _, _ := strings.Cut(change, ": ")
		short := name[strings.LastIndex(name, "/")+1:]
		if !strings.Contains(unreleased, "`"+short+"`") {
			missing = append(missing, change)
		}
	}
	return missing
}
