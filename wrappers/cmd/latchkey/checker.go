package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/contract"
)

// A checker compares answers with the description. A nil checker does nothing.
type checker struct {
	contract *contract.Checker
	file     string
}

func newChecker(t target, f callFlags) (*checker, error) {
	if !f.check && f.checkFile == "" {
		return nil, nil
	}
	spec, err := specs.FS.ReadFile(t.name + ".yaml")
	if err != nil {
		return nil, err
	}
	c, err := contract.New(spec, contract.WithFile("specs/"+t.name+".yaml"), contract.WithBaseURL(t.baseURL))
	if err != nil {
		return nil, err
	}
	return &checker{c, f.checkFile}, nil
}

// wrap returns what puts the checker in front of the network.
func (c *checker) wrap() roundTripper {
	if c == nil {
		return nil
	}
	return func(base http.RoundTripper) http.RoundTripper { return c.contract.Transport(base) }
}

// report tells what was found: in the file if one was given, else on standard
// error.
func (c *checker) report(diagnostics *screen) error {
	if c == nil {
		return nil
	}
	found := c.contract.Report()
	text := []byte(found.String())
	switch filepath.Ext(c.file) {
	case ".json":
		data, err := json.MarshalIndent(found, "", "  ")
		if err != nil {
			return err
		}
		text = append(data, '\n')
	case ".patch", ".diff":
		text = []byte(found.Patch().String())
	}
	if c.file != "" {
		return writeReport(c.file, text)
	}
	diagnostics.write(text)
	return nil
}

// writeReport writes a file. A device or a pipe, such as /dev/stderr, is written
// to; anything else is replaced at once.
func writeReport(name string, text []byte) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(name, text, 0o600)
	}
	return writeFile(name, text)
}
