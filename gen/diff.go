package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// oasdiff is run at this version by the go command, so that it is no
// requirement of this module.
const oasdiff = "github.com/oasdiff/oasdiff@v1.33.0"

// A specChange is a difference between two versions of a description.
type specChange struct {
	ID        string       `json:"id"`
	Text      string       `json:"text"`
	Level     int          `json:"level"`
	Operation string       `json:"operation"` // the method
	Path      string       `json:"path"`
	Base      *changePlace `json:"baseSource,omitempty"`     // in the old file
	Revision  *changePlace `json:"revisionSource,omitempty"` // in the new file
}

type changePlace struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// breaking is the level of a change that a client can notice.
const breaking = 3

// runDiff says what changed between two versions of a description. It returns
// 1 if a change breaks clients.
func runDiff(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("diff", flag.ContinueOnError)
	flags.SetOutput(stderr)
	format := flags.String("format", "text", "text, or json for one array of changes")
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: go run ./gen diff [-format text|json] OLD NEW\n\nSays what changed from the file OLD to the file NEW, and exits with 1 if a change breaks clients.\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() != 2 || *format != "text" && *format != "json" {
		flags.Usage()
		return 2
	}
	changes, err := diff(ctx, flags.Arg(0), flags.Arg(1))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if *format == "json" {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(changes); err != nil {
			fmt.Fprintln(stderr, "gen:", err)
			return 2
		}
	} else {
		printChanges(stdout, changes)
	}
	for _, c := range changes {
		if c.Level >= breaking {
			return 1
		}
	}
	return 0
}

// diff returns the changes from one file to another. Both must load. Each is
// read once, since it may be a pipe: oasdiff gets copies.
func diff(ctx context.Context, before, after string) ([]specChange, error) {
	dir, err := os.MkdirTemp("", "latchkey-diff-")
	if err != nil {
		return nil, fmt.Errorf("gen: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	copies := [2]string{filepath.Join(dir, "old.yaml"), filepath.Join(dir, "new.yaml")}
	for i, path := range []string{before, after} {
		loaded, err := loadFile(path)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(copies[i], loaded.data, 0o600); err != nil {
			return nil, fmt.Errorf("gen: %w", err)
		}
	}
	cmd := exec.CommandContext(ctx, "go", "run", oasdiff, "changelog", "--format", "json", copies[0], copies[1]) //nolint:gosec // a fixed tool, and files of our own
	cmd.Dir = os.TempDir()                                                                                       // outside of any module
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("gen: go run %s: %w\n%s", oasdiff, err, strings.TrimSpace(stderr.String()))
	}
	var changes []specChange
	if text := bytes.TrimSpace(stdout.Bytes()); len(text) > 0 {
		if err := json.Unmarshal(text, &changes); err != nil {
			return nil, fmt.Errorf("gen: %s printed something else than a list of changes: %w", oasdiff, err)
		}
	}
	for i := range changes {
		changes[i].Base.restore(copies[0], before)
		changes[i].Revision.restore(copies[1], after)
	}
	return changes, nil
}

// restore names the file as the caller did.
func (p *changePlace) restore(copied, given string) {
	if p != nil && p.File == copied {
		p.File = given
	}
}

func printChanges(w io.Writer, changes []specChange) {
	levels := map[int]string{1: "note", 2: "warning", breaking: "breaking"}
	broken := 0
	for _, c := range changes {
		if c.Level >= breaking {
			broken++
		}
		at := ""
		if p := cmp.Or(c.Revision, c.Base); p != nil {
			at = fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
		}
		fmt.Fprintf(w, "%s%s: %s %s: %s [%s]\n", at, levels[min(c.Level, breaking)], c.Operation, c.Path, c.Text, c.ID)
	}
	fmt.Fprintf(w, "diff: %d changes, %d of them breaking\n", len(changes), broken)
}
