// Command gen turns the OpenAPI descriptions in specs into the typed clients
// in generated, and checks them.
//
//	go run ./gen [generate]            write generated/
//	go run ./gen generate -check       say which files of generated/ are stale
//	go run ./gen emit -package acmeapi acme.yaml dir    write the client of another description
//	go run ./gen validate [files...]   check descriptions
//	go run ./gen coverage              count what is described, and how certain it is
//	go run ./gen diff OLD NEW          say what changed, and whether it breaks clients
//	go run ./gen api                   compare the exported Go API with that of the last tag
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

// A subcommand is one of the things that gen does. Its function returns the
// exit code.
type subcommand struct {
	name, help string
	run        func(ctx context.Context, args []string, stdout, stderr io.Writer) int
}

// subcommands returns what there is, in the order of the help.
func subcommands() []subcommand {
	return []subcommand{
		{"generate", "write the typed clients in generated/ (the default; -check only compares)", runGenerate},
		{"emit", "write the typed client of any OpenAPI 3.0 file into a directory", runEmit},
		{"validate", "check specs/*.yaml, or the OpenAPI 3.0 files that are named", runValidate},
		{"coverage", "count the operations and facts of specs/*.yaml by certainty", runCoverage},
		{"diff", "say what changed between two versions of a description", runDiff},
		{"api", "compare the exported Go API with that of the last tag", runAPI},
	}
}

// usage returns the help: one line per command.
func usage() string {
	var b strings.Builder
	b.WriteString("usage: go run ./gen [command] [flags]\n\ncommands:\n")
	for _, c := range subcommands() {
		fmt.Fprintf(&b, "  %-10s %s\n", c.name, c.help)
	}
	b.WriteString("\nEach command explains its flags with -h.\n")
	return b.String()
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 for success, 1 for findings, 2 for wrong usage
// and for what cannot be read or written.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	name := "generate"
	if len(args) > 0 && (!strings.HasPrefix(args[0], "-") || isHelp(args[0])) {
		name, args = args[0], args[1:]
	}
	if isHelp(name) {
		fmt.Fprint(stdout, usage())
		return 0
	}
	for _, c := range subcommands() {
		if c.name == name {
			return c.run(ctx, args, stdout, stderr)
		}
	}
	hint := ""
	if near := nearestCommand(name); near != "" {
		hint = "; did you mean " + near + "?"
	}
	fmt.Fprintf(stderr, "gen: there is no command %q%s\n%s", name, hint, usage())
	return 2
}

func isHelp(arg string) bool {
	return arg == "help" || arg == "-h" || arg == "-help" || arg == "--help"
}

// nearestCommand returns the command that a slip has most likely made into
// name, or "" if it is like none.
func nearestCommand(name string) string {
	near, least := "", 3 // slips; more make another word
	for _, c := range subcommands() {
		if d := editDistance(name, c.name); d < min(least, len(c.name)-1) {
			near, least = c.name, d
		}
	}
	return near
}

// editDistance returns how many letters to add, drop or replace to make b of a.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
