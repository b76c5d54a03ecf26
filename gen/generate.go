package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

const modulePath = "github.com/latchkey-go/latchkey"

// runGenerate writes the generated packages, or with -check compares them with
// what stands there.
func runGenerate(_ context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "write nothing; name each stale or orphaned file and exit with 1")
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: go run ./gen [generate] [-check]\n\nWrites the typed clients in generated/ from specs/*.yaml. The other commands: go run ./gen -h\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "gen: generate takes no arguments, only -check\n")
		return 2
	}
	root, err := moduleRoot(".")
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return 2
	}
	files, err := generateAll(filepath.Join(root, "specs"))
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return 2
	}
	return writeOrCheck(filepath.Join(root, "generated"), files, *check, stdout, stderr)
}

// generateAll returns the generated files by their path below generated/.
func generateAll(dir string) (map[string][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no *.yaml in %s", dir)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		vendor := strings.TrimSuffix(filepath.Base(path), ".yaml")
		generated, err := generateFile(vendor, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		for name, code := range generated {
			files[filepath.Join(vendor+"api", name)] = code
		}
	}
	return files, nil
}

// generateFile returns the two files of one vendor's package.
func generateFile(vendor, path string) (map[string][]byte, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the path is a file of specs/
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name, what := range map[string]codegen.GenerateOptions{"types.gen.go": {Models: true}, "client.gen.go": {Client: true}} {
		// Generating changes the document, so each file starts from a new one.
		loaded, err := loadSpec(path, data)
		if err != nil {
			return nil, err
		}
		code, err := generate(vendor, loaded.doc, what)
		if err != nil {
			return nil, err
		}
		files[name] = code
	}
	return files, nil
}

// generate returns one file. The generator library keeps its state in globals:
// calls must not overlap.
func generate(vendor string, doc *openapi3.T, what codegen.GenerateOptions) ([]byte, error) {
	p, err := prepare(vendor, doc)
	if err != nil {
		return nil, err
	}
	e := &emitter{plan: p}
	maps.Copy(codegen.TemplateFunctions, e.functions())
	templates, err := userTemplates()
	if err != nil {
		return nil, err
	}
	version := "" // the header does not depend on how the generator was built
	code, err := codegen.Generate(doc, codegen.Configuration{
		PackageName:          vendor + "api",
		Generate:             what,
		AllowRemoteRefsFrom:  []string{},
		NoVCSVersionOverride: &version,
		Compatibility:        codegen.CompatibilityOptions{AlwaysPrefixEnumValues: true},
		OutputOptions: codegen.OutputOptions{
			UserTemplates:                    templates,
			NameNormalizer:                   string(codegen.NameNormalizerFunctionToCamelCaseWithInitialisms),
			AdditionalInitialisms:            []string{"OTP", "TTL", "MAC", "DNSSEC", "PTR", "SSL", "FTP", "IMAP"},
			SkipFmt:                          true,
			SkipPrune:                        true,
			DisableTypeAliasesForType:        []string{"array"},
			GenerateTypesForAnonymousSchemas: true,
			TypeMapping:                      typeMapping(),
		},
	})
	if err != nil {
		return nil, err
	}
	if e.err != nil {
		return nil, e.err
	}
	formatted, err := format.Source([]byte(withImports(code)))
	if err != nil {
		return nil, fmt.Errorf("formatting generated code: %w", err)
	}
	return formatted, nil
}

// typeMapping says which Go types stand for the types and formats of OpenAPI.
func typeMapping() *codegen.TypeMapping {
	plain := func(name string) codegen.SimpleTypeSpec { return codegen.SimpleTypeSpec{Type: name} }
	return &codegen.TypeMapping{
		Integer: codegen.FormatMapping{
			Default: plain("int64"),
			Formats: map[string]codegen.SimpleTypeSpec{"int32": plain("int32"), "int64": plain("int64"), "unix-time": plain("rest.UnixTime")},
		},
		Number: codegen.FormatMapping{
			Default: plain("float64"),
			Formats: map[string]codegen.SimpleTypeSpec{"float": plain("float64"), "double": plain("float64")},
		},
		String: codegen.FormatMapping{Formats: map[string]codegen.SimpleTypeSpec{
			"password": plain("rest.Secret"), "date-time": plain("rest.Time"),
			"email": plain("string"), "uuid": plain("string"), "date": plain("string"), "byte": plain("string"),
			"uri": plain("string"), "binary": plain("string"), "duration": plain("string"),
		}},
	}
}

// writeOrCheck brings dir in line with files, or says how it differs. Files
// that end in .gen.go and are not in files are orphans.
func writeOrCheck(dir string, files map[string][]byte, check bool, stdout, stderr io.Writer) int {
	stale, err := differences(dir, files)
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return 2
	}
	for _, d := range stale {
		if check {
			fmt.Fprintf(stderr, "generated/%s: %s; run go generate ./...\n", filepath.ToSlash(d.name), d.what)
			continue
		}
		if err := d.mend(dir, files); err != nil {
			fmt.Fprintln(stderr, "gen:", err)
			return 2
		}
		fmt.Fprintf(stdout, "generated/%s: %s\n", filepath.ToSlash(d.name), d.done)
	}
	if check && len(stale) > 0 {
		return 1
	}
	return 0
}

type difference struct {
	name, what, done string
	orphan           bool
}

// mend writes or removes the file.
func (d difference) mend(dir string, files map[string][]byte) error {
	path := filepath.Join(dir, d.name)
	if d.orphan {
		return os.Remove(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // source code is for everybody to read
		return err
	}
	return os.WriteFile(path, files[d.name], 0o644) //nolint:gosec // source code is for everybody to read
}

// differences compares dir with files, sorted by name.
func differences(dir string, files map[string][]byte) ([]difference, error) {
	var found []difference
	for name, want := range files {
		have, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a file of generated/
		switch {
		case errors.Is(err, os.ErrNotExist):
			found = append(found, difference{name: name, what: "missing", done: "written"})
		case err != nil:
			return nil, err
		case !bytes.Equal(have, want):
			found = append(found, difference{name: name, what: "stale from line " + firstDifference(have, want), done: "updated"})
		}
	}
	present, err := filepath.Glob(filepath.Join(dir, "*", "*.gen.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range present {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return nil, err
		}
		if _, ok := files[name]; !ok {
			found = append(found, difference{name: name, what: "orphaned: no description makes it", done: "removed", orphan: true})
		}
	}
	slices.SortFunc(found, func(a, b difference) int { return strings.Compare(a.name, b.name) })
	return found, nil
}

// firstDifference returns the number of the first line that differs, and both.
func firstDifference(have, want []byte) string {
	h, w := strings.Split(string(have), "\n"), strings.Split(string(want), "\n")
	i := 0
	for i < min(len(h), len(w)) && h[i] == w[i] {
		i++
	}
	line := func(lines []string) string {
		if i >= len(lines) {
			return "the end"
		}
		return fmt.Sprintf("%q", strings.TrimSpace(lines[i]))
	}
	return fmt.Sprintf("%d (have %s, want %s)", i+1, line(h), line(w))
}
