package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Exit codes of the subcommands.
const (
	exitClean    = 0
	exitFindings = 1
	exitUnread   = 2
)

const validateUsage = `usage: go run ./gen validate [flags] [file ...]

Validate checks OpenAPI 3.0 files and prints what is wrong with them, each
finding with file, line and column. Without files it checks specs/*.yaml of the
module, from any of its directories. It reads no other file and no network:
a $ref that leaves the file is refused.

A rule is switched off for an object and all in it, with a reason, by
"x-allow: {rule: why}" in the object.

Exit status: 0 nothing found, 1 findings, 2 a file cannot be read or loaded.
The reasons of status 2 stand on the error stream, and as findings of the rule
"load" in every format but text.

Flags:
`

// A validateConfig is what the flags of the check say.
type validateConfig struct {
	format string
	rules  string // as given; "" chooses by file
	list   bool
	files  []string
}

// runValidate is the subcommand validate. It returns the exit code.
func runValidate(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, code, done := parseValidate(args, stderr)
	if done {
		return code
	}
	if cfg.list {
		return listRules(stdout, stderr)
	}
	files, err := cfg.inputs()
	if err != nil {
		fmt.Fprintf(stderr, "validate: %v\n", err)
		return exitUnread
	}
	var findings []finding
	for _, file := range files {
		if ctx.Err() != nil {
			fmt.Fprintf(stderr, "validate: %v\n", ctx.Err())
			return exitUnread
		}
		findings = append(findings, validateFile(ctx, file, cfg.rulesFor(file))...)
	}
	return cfg.finish(tidyFindings(findings), len(files), stdout, stderr)
}

// parseValidate reads the flags. It is done, with an exit code, when there is
// nothing to check.
func parseValidate(args []string, stderr io.Writer) (cfg validateConfig, code int, done bool) {
	flags := flag.NewFlagSet("validate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, validateUsage)
		flags.PrintDefaults()
	}
	flags.StringVar(&cfg.format, "format", "text", "format of the findings: text, json, github (workflow commands) or sarif (2.1.0)")
	flags.StringVar(&cfg.rules, "rules", "",
		"rules to apply: house (all), openapi (those that make sense for any file), ids of rules, or several with commas;\n"+
			"the default is house for our own specs and openapi for other files")
	flags.BoolVar(&cfg.list, "list", false, "print the rules and stop")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return cfg, exitClean, true
	case err != nil:
		return cfg, exitUnread, true
	}
	cfg.files = flags.Args()
	if reporters()[cfg.format] == nil {
		fmt.Fprintf(stderr, "validate: unknown format %q; there are text, json, github and sarif\n", cfg.format)
		return cfg, exitUnread, true
	}
	if _, err := chooseRules(cfg.rules); err != nil {
		fmt.Fprintf(stderr, "validate: %v\n", err)
		return cfg, exitUnread, true
	}
	return cfg, 0, false
}

// inputs returns the files to check, each once.
func (cfg validateConfig) inputs() ([]string, error) {
	if len(cfg.files) == 0 {
		return specFiles()
	}
	var files []string
	for _, file := range cfg.files {
		if file = filepath.Clean(file); !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files, nil
}

// rulesFor returns the rules for one file: those that the flag names, else all
// for our own specs and those of the set openapi for others.
func (cfg validateConfig) rulesFor(file string) string {
	switch {
	case cfg.rules != "":
		return cfg.rules
	case len(cfg.files) == 0 || ownSpec(file):
		return "house"
	default:
		return "openapi"
	}
}

// ownSpec reports whether a file lies in the directory specs of this module, and
// not in one of that name in another module.
func ownSpec(file string) bool {
	root, err := moduleRoot(filepath.Dir(file))
	if err != nil {
		return false
	}
	abs, err := filepath.Abs(file)
	if err != nil || filepath.Dir(abs) != filepath.Join(root, "specs") {
		return false
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod")) //nolint:gosec // the path was found, not given
	return err == nil && bytes.Contains(mod, []byte("module github.com/latchkey-go/latchkey\n"))
}

// finish writes the findings and returns the exit code.
func (cfg validateConfig) finish(findings []finding, files int, stdout, stderr io.Writer) int {
	code := exitClean
	for _, f := range findings {
		if f.Rule == ruleLoad {
			fmt.Fprintf(stderr, "%s: %s\n", f.place(), f.Message)
			code = exitUnread
		} else {
			code = max(code, exitFindings)
		}
	}
	if err := reporters()[cfg.format](stdout, findings); err != nil {
		fmt.Fprintf(stderr, "validate: cannot write the findings: %v\n", err)
		return exitUnread
	}
	if cfg.format == "text" {
		fmt.Fprintf(stderr, "validate: %s, %s\n", count(files, "file"), count(len(findings), "finding"))
	}
	return code
}

// count returns a number with a noun, such as "1 file" or "2 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// validateFile loads one file and applies the chosen rules to it. Only what
// kin-openapi reports needs its origins, so they are read for that alone.
func validateFile(ctx context.Context, file, rules string) []finding {
	s, err := loadFile(file)
	if err != nil {
		return loadFindings(file, err)
	}
	findings := checkSpec(ctx, s, rules)
	if !slices.ContainsFunc(findings, func(f finding) bool { return f.Rule == ruleOpenAPI }) {
		return findings
	}
	if s, err = loadSpec(file, s.data); err != nil {
		return loadFindings(file, err)
	}
	return checkSpec(ctx, s, rules)
}

// loadFindings returns the findings of a file that cannot be loaded.
func loadFindings(file string, err error) []finding {
	if load := (*loadError)(nil); errors.As(err, &load) {
		return load.findings
	}
	return []finding{newFinding(file, 0, 0, ruleLoad, "%v", err)}
}

// listRules prints one line per rule: id, sets and explanation.
func listRules(stdout, stderr io.Writer) int {
	for _, r := range allRules() {
		sets := "house"
		if r.any {
			sets = "openapi house"
		}
		if _, err := fmt.Fprintf(stdout, "%-18s %-14s %s\n", r.id, sets, r.help); err != nil {
			fmt.Fprintf(stderr, "validate: %v\n", err)
			return exitUnread
		}
	}
	return exitClean
}

// chooseRules returns the ids that a value of the flag -rules selects: names of
// sets and ids with commas between them.
func chooseRules(value string) (map[string]bool, error) {
	known := map[string]bool{}
	chosen := map[string]bool{}
	for _, r := range allRules() {
		known[r.id] = true
	}
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
		case name == "house":
			maps.Copy(chosen, known)
		case name == "openapi":
			for _, r := range allRules() {
				chosen[r.id] = chosen[r.id] || r.any
			}
		case known[name]:
			chosen[name] = true
		default:
			return nil, fmt.Errorf("there is no rule or set of rules %q; see validate -list", name)
		}
	}
	return chosen, nil
}
