package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// A vendorCoverage compares one spec with the documents that it was written
// from, in both directions, and counts how certain its parts are.
type vendorCoverage struct {
	Vendor     string             `json:"vendor"`     // name of the file without .yaml; "total" in a sum
	Named      int                `json:"named"`      // operations that the documents name, by name
	Covered    int                `json:"covered"`    // of these, in the spec
	Omitted    []omittedOperation `json:"omitted"`    // of these, left out with a reason
	Missing    []string           `json:"missing"`    // of these, neither
	Conflicts  []string           `json:"conflicts"`  // of these, in the spec and left out
	Operations int                `json:"operations"` // in the spec
	Unnamed    []unnamedOperation `json:"unnamed"`    // of these, named by no document
	Detail     detailCount        `json:"detail"`     // of the operations in the spec
	Certainty  []certaintyCount   `json:"certainty"`  // per kind, the sum last
	Facts      []fact             `json:"-"`          // every single one that was counted
}

// An omittedOperation is left out of a spec for a reason.
type omittedOperation struct {
	Operation string `json:"operation"`
	Reason    string `json:"reason"`
}

// An unnamedOperation is in a spec, but no document names it.
type unnamedOperation struct {
	Operation string `json:"operation"` // method and path
	Certainty string `json:"certainty"`
}

// A detailCount says how many operations are known how well.
type detailCount struct {
	Full     int `json:"full"`
	Partial  int `json:"partial"`
	Path     int `json:"path"`     // only method and path are known
	Unstated int `json:"unstated"` // the spec does not say
}

// A certaintyCount says how many parts of one kind are how certain.
type certaintyCount struct {
	Kind       string `json:"kind"` // operation, parameter, schema, property; "all" in the sum
	Documented int    `json:"documented"`
	Observed   int    `json:"observed"`
	Inferred   int    `json:"inferred"`
	Unknown    int    `json:"unknown"` // no certainty, or an illegal one
}

// A fact is one part of a spec with its effective certainty.
type fact struct {
	Kind, Name, Certainty string
}

const kindSum = "all"

// factKinds returns the kinds of facts, in the order of the output.
func factKinds() []string { return []string{"operation", "parameter", "schema", "property"} }

// complete reports whether nothing is missing: every operation that a document
// names is either in the spec or left out, and every operation that claims to be
// documented is named by a document.
func (v vendorCoverage) complete() bool {
	return len(v.Missing) == 0 && len(v.Conflicts) == 0 && !slices.ContainsFunc(v.Unnamed, unnamedOperation.claims)
}

// claims reports whether an operation that no document names claims to be
// documented. Observed and inferred ones need not be named.
func (u unnamedOperation) claims() bool {
	return u.Certainty != "observed" && u.Certainty != "inferred"
}

// readCoverage compares specs with their documents. It returns one entry per
// spec, in the same order, and an error if a spec has no x-sources.
func readCoverage(specs []*spec) ([]vendorCoverage, error) {
	all := make([]vendorCoverage, len(specs))
	for i, s := range specs {
		if len(s.sources()) == 0 {
			return nil, fmt.Errorf("%s: has no x-sources to compare with", s.path)
		}
		all[i] = s.coverage()
	}
	return all, nil
}

// coverage compares one spec with its documents.
func (s *spec) coverage() vendorCoverage {
	v := vendorCoverage{
		Vendor:  strings.TrimSuffix(filepath.Base(s.path), filepath.Ext(s.path)),
		Omitted: []omittedOperation{}, Missing: []string{}, Conflicts: []string{}, Unnamed: []unnamedOperation{},
		Facts: s.facts(),
	}
	v.Certainty = countFacts(v.Facts)
	reasons := s.omitted()
	inSpec := s.namesInSpec()
	for _, name := range s.namedOperations() {
		v.Named++
		reason, left := reasons[name]
		switch covered := inSpec.use(name); {
		case covered && left:
			v.Covered++
			v.Conflicts = append(v.Conflicts, name)
		case covered:
			v.Covered++
		case left:
			v.Omitted = append(v.Omitted, omittedOperation{name, reason})
		default:
			v.Missing = append(v.Missing, name)
		}
	}
	for _, op := range s.tree.operations() {
		v.Operations++
		v.Detail.add(op.text("x-detail"))
		if !inSpec.used[op] {
			v.Unnamed = append(v.Unnamed, unnamedOperation{operationTitle(op), op.certainty()})
		}
	}
	return v
}

func (d *detailCount) add(level string) {
	switch level {
	case "full":
		d.Full++
	case "partial":
		d.Partial++
	case "path":
		d.Path++
	default:
		d.Unstated++
	}
}

// omitted returns the reasons of x-omitted by operation.
func (s *spec) omitted() map[string]string {
	reasons := map[string]string{}
	for _, entry := range nodeItems(nodeField(s.root, "x-omitted")) {
		if name, reason := nodeFieldText(entry, "operation"), nodeFieldText(entry, "reason"); strings.TrimSpace(reason) != "" {
			reasons[name] = reason
		}
	}
	return reasons
}

// namedOperations returns the operations that the documents name, each once, in
// the order of the documents.
func (s *spec) namedOperations() []string {
	var names []string
	seen := map[string]bool{}
	for _, src := range s.sources() {
		for _, n := range src.operations {
			if !seen[n.Value] {
				seen[n.Value] = true
				names = append(names, n.Value)
			}
		}
	}
	return names
}

// operationTitle returns method and path of an operation.
func operationTitle(op *element) string { return strings.ToUpper(op.step) + " " + op.parent.name }

// specNames finds the operations that a name in a document means.
type specNames struct {
	byName map[string][]*element
	used   map[*element]bool // operations that some name has meant
}

// namesInSpec returns the names of the operations of the spec: method and path,
// "ANY" and path, and those of x-names. Names of path parameters do not matter.
func (s *spec) namesInSpec() specNames {
	names := specNames{map[string][]*element{}, map[*element]bool{}}
	for _, op := range s.tree.operations() {
		path := plainPath(op.parent.name)
		for _, name := range []string{strings.ToUpper(op.step) + " " + path, "ANY " + path} {
			names.byName[name] = append(names.byName[name], op)
		}
		for _, n := range nodeItems(op.field("x-names")) {
			names.byName[n.Value] = append(names.byName[n.Value], op)
		}
	}
	return names
}

// plainPath returns a path without the names of its parameters.
func plainPath(path string) string { return pathVariable.ReplaceAllString(path, "{}") }

// has reports whether a name means an operation of the spec.
func (n specNames) has(name string) bool {
	return len(n.byName[name]) > 0 || len(n.byName[plainPath(name)]) > 0
}

// use is has, and notes the operations that the name means.
func (n specNames) use(name string) bool {
	for _, key := range []string{name, plainPath(name)} {
		for _, op := range n.byName[key] {
			n.used[op] = true
		}
	}
	return n.has(name)
}

const coverageUsage = `usage: go run ./gen coverage [flags] [file ...]

Coverage compares the specs with the documents in their x-sources, in both
directions, and counts how certain their parts are. Without files it reads
specs/*.yaml of the module.

named      operations that the documents name, each name once
covered    of these, in the spec: by method and path, as ANY and path, or in
           the x-names of an operation
omitted    of these, listed in x-omitted with a reason
missing    of these, neither; conflicts are both
unnamed    operations in the spec that no document names

Certainty is effective: of a property it is its own x-certainty, else that of
the schema, else that of the file; likewise for parameters and operations.

Exit status: 0 nothing missing; 1 something is missing or in conflict, or an
unnamed operation claims to be documented (one that is observed or inferred
need not be named); 2 a file cannot be read or has no x-sources.

Flags:
`

// runCoverage is the subcommand coverage. It returns the exit code.
func runCoverage(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("coverage", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, coverageUsage)
		flags.PrintDefaults()
	}
	format := flags.String("format", "text", "format of the output: text or json")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitClean
		}
		return exitUnread
	}
	write := map[string]func(io.Writer, []vendorCoverage) error{"text": coverageText, "json": coverageJSON}[*format]
	if write == nil {
		fmt.Fprintf(stderr, "coverage: unknown format %q; there are text and json\n", *format)
		return exitUnread
	}
	vendors, err := loadCoverage(ctx, flags.Args())
	if err == nil {
		err = write(stdout, vendors)
	}
	if err != nil {
		fmt.Fprintf(stderr, "coverage: %v\n", err)
		return exitUnread
	}
	if slices.ContainsFunc(vendors, func(v vendorCoverage) bool { return !v.complete() }) {
		return exitFindings
	}
	return exitClean
}

// loadCoverage reads the coverage of files, or of our own specs if there are
// none.
func loadCoverage(ctx context.Context, files []string) ([]vendorCoverage, error) {
	if len(files) == 0 {
		var err error
		if files, err = specFiles(); err != nil {
			return nil, err
		}
	}
	specs := make([]*spec, len(files))
	for i, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if specs[i], err = loadFile(file); err != nil {
			return nil, err
		}
	}
	return readCoverage(specs)
}
