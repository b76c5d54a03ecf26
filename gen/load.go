package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// maxSpecSize is the size in bytes of the largest file that is read.
const maxSpecSize = 16 << 20

// A spec is one OpenAPI 3.0 file: as kin-openapi reads it, and as a tree of
// nodes that know their line and column.
type spec struct {
	path    string      // as the caller gave it, for messages
	data    []byte      // the file as it is
	doc     *openapi3.T // refs resolved
	origins bool        // whether doc has origins, which takes twice the time and memory
	root    *yaml.Node  // the mapping at the top; aliases and merge keys are expanded
	tree    *tree       // the objects of the document, with their places
}

// A loadError says why a file cannot be checked at all.
type loadError struct {
	findings []finding // at least one, all of the rule "load"
}

// Error returns one line per reason, as file:line:column: message.
func (e *loadError) Error() string {
	lines := make([]string, len(e.findings))
	for i, f := range e.findings {
		lines[i] = f.place() + ": " + f.Message
	}
	return strings.Join(lines, "\n")
}

// failLoad returns a *loadError about one place of the file. The line is 0
// where there is none.
func failLoad(path string, line, column int, format string, args ...any) *loadError {
	return &loadError{[]finding{newFinding(path, line, column, ruleLoad, format, args...)}}
}

// loadFile reads and loads the file at path, without the origins of
// kin-openapi. The error is a *loadError.
func loadFile(path string) (*spec, error) {
	data, err := readSpec(path)
	if err != nil {
		return nil, err
	}
	return loadDocument(path, data, false)
}

// readSpec reads the file at path, which must not be a directory, empty, or
// larger than [maxSpecSize]. The error is a *loadError.
func readSpec(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, failLoad(path, 0, 0, "there is no such file")
	case err != nil:
		return nil, failLoad(path, 0, 0, "cannot read: %v", plainCause(err))
	case info.IsDir():
		return nil, failLoad(path, 0, 0, "is a directory, not a file")
	case info.Size() > maxSpecSize:
		return nil, tooLarge(path)
	}
	file, err := os.Open(path) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil {
		return nil, failLoad(path, 0, 0, "cannot read: %v", plainCause(err))
	}
	defer file.Close() //nolint:errcheck // nothing was written
	data, err := io.ReadAll(io.LimitReader(file, maxSpecSize+1))
	if err != nil {
		return nil, failLoad(path, 0, 0, "cannot read: %v", plainCause(err))
	}
	if len(data) > maxSpecSize {
		return nil, tooLarge(path)
	}
	return data, nil
}

func tooLarge(path string) error {
	return failLoad(path, 0, 0, "is larger than %d MiB", maxSpecSize>>20)
}

// plainCause is the cause of err without the path, which the place of the
// message already gives.
func plainCause(err error) error {
	if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
		return cause.Err
	}
	return err
}

// loadSpec loads the OpenAPI 3.0 document in data. It reads no other file and
// no network: a $ref that leaves the document is an error. The document is new
// for every call, so callers may change it. The error is a *loadError, whose
// text gives file, line and column.
func loadSpec(path string, data []byte) (*spec, error) {
	return loadDocument(path, data, true)
}

// loadDocument is loadSpec, with or without the origins of kin-openapi.
func loadDocument(path string, data []byte, origins bool) (*spec, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, failLoad(path, 0, 0, "is empty")
	}
	if len(data) > maxSpecSize {
		return nil, tooLarge(path)
	}
	root, err := parseNodes(path, data)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(path, root); err != nil {
		return nil, err
	}
	s := &spec{path: path, data: data, origins: origins, root: root}
	plan := newTree(root, nil)
	if err := s.checkTree(plan); err != nil {
		return nil, err
	}
	if !origins {
		data = appendJSON(nil, root)
	}
	if s.doc, err = readDocument(path, data, plan); err != nil {
		return nil, err
	}
	s.tree = newTree(root, s.doc)
	return s, nil
}

// checkVersion refuses what is not OpenAPI 3.0.
func checkVersion(path string, root *yaml.Node) error {
	if key, value := nodeFieldPair(root, "swagger"); key != nil {
		return failLoad(path, key.Line, key.Column, "is OpenAPI %s (Swagger); only OpenAPI 3.0 is checked", value.Value)
	}
	key, value := nodeFieldPair(root, "openapi")
	switch {
	case key == nil:
		return failLoad(path, root.Line, root.Column, `is not an OpenAPI file: it has no "openapi" at the top`)
	case value.Kind != yaml.ScalarNode || value.Tag != tagText:
		return failLoad(path, key.Line, key.Column, `openapi must be a text such as "3.0.3"`)
	case !strings.HasPrefix(value.Value, "3.0."):
		return failLoad(path, value.Line, value.Column, "is OpenAPI %q; only OpenAPI 3.0 is checked", value.Value)
	}
	return nil
}

// checkTree returns the structural defects and the bad references of the
// document, because kin-openapi would stop at the first and give no place.
func (s *spec) checkTree(t *tree) error {
	defects := t.defects
	if len(defects) == 0 {
		defects = t.refDefects()
	}
	if len(defects) == 0 {
		return nil
	}
	findings := make([]finding, len(defects))
	for i, d := range defects {
		findings[i] = newFinding(s.path, d.at.Line, d.at.Column, ruleLoad, "%s", d.message)
	}
	return &loadError{tidyFindings(findings)}
}

// readDocument lets kin-openapi read the document. Its reader may panic on
// input that nobody foresaw; that is an error of the file, too.
func readDocument(path string, data []byte, t *tree) (doc *openapi3.T, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			doc, err = nil, failLoad(path, 0, 0, "kin-openapi cannot read it: %v", cause)
		}
	}()
	loader := &openapi3.Loader{IncludeOrigin: true, Context: context.Background()}
	doc, cause := loader.LoadFromData(data)
	if cause != nil {
		line, column, message := t.explainLoad(cause)
		return nil, failLoad(path, line, column, "%s", message)
	}
	return doc, nil
}

// errNoModule is returned where no directory above holds a go.mod.
var errNoModule = errors.New("no go.mod here or in a directory above")

// moduleRoot returns the directory that holds go.mod: the one given or the
// nearest above it.
func moduleRoot(dir string) (string, error) {
	return rootWith(dir, "go.mod")
}

// rootWith returns dir, or the nearest directory above it, that has an entry of
// that name.
func rootWith(dir, entry string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, entry)); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errNoModule
		}
		dir = parent
	}
}

// specFiles returns the paths of our own specs, specs/*.yaml under the module
// root, relative to the working directory and sorted. It works from any
// directory of the module.
func specFiles() ([]string, error) {
	root, err := moduleRoot(".")
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, "specs", "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no *.yaml in %s", filepath.Join(root, "specs"))
	}
	for i, file := range files {
		files[i] = relative(".", file)
	}
	slices.Sort(files)
	return files, nil
}

// relative returns path relative to base if it can, else path itself.
func relative(base, path string) string {
	base, err := filepath.Abs(base)
	if err != nil {
		return path
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(base, abs)
	if err != nil {
		return path
	}
	return rel
}
