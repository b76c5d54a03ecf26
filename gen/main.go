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
)

const usage = `usage: go run ./gen [command] [flags]

commands:
  generate   write the typed clients in generated/ (the default; -check only compares)
  emit       write the typed client of any OpenAPI 3.0 file into a directory
  validate   check specs/*.yaml, or the OpenAPI 3.0 files that are named
  coverage   count the operations and facts of specs/*.yaml by certainty
  diff       say what changed between two versions of a description
  api        compare the exported Go API with that of the last tag

Each command explains its flags with -h.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 for success, 1 for findings, 2 for wrong usage
// and for what cannot be read or written.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := "generate"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "generate":
		return runGenerate(args, stdout, stderr)
	case "emit":
		return runEmit(args, stdout, stderr)
	case "validate":
		return runValidate(ctx, args, stdout, stderr)
	case "coverage":
		return runCoverage(ctx, args, stdout, stderr)
	case "diff":
		return runDiff(ctx, args, stdout, stderr)
	case "api":
		return runAPI(ctx, args, stdout, stderr)
	case "help":
		fmt.Fprint(stdout, usage)
		return 0
	default:
		if args = append([]string{command}, args...); args[0] == "-h" || args[0] == "--help" {
			fmt.Fprint(stdout, usage)
			return 0
		}
		fmt.Fprintf(stderr, "gen: unknown command %q\n%s", command, usage)
		return 2
	}
}
