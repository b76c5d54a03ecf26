// Package catalog reads the descriptions of the vendors piece by piece. A whole
// description takes tens of milliseconds to load; a list of its operations, or
// one operation with the components that it refers to, takes a few.
//
// It relies on the form in which the descriptions are written: block style,
// indented by two spaces. See the README of package specs.
package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/latchkey-go/latchkey/specs"
)

// ErrUnknown says that there is no vendor or no operation of that name.
var ErrUnknown = errors.New("not described")

// A Spec is the description of one vendor, of which only the outline has been
// read. It is not changed after [Open] and safe for concurrent use.
type Spec struct {
	Vendor  string
	Title   string  // of the API
	Entries []Entry // in the order of the description

	lines  []string
	root   []block
	global global
}

// An Entry says in short what an operation is.
type Entry struct {
	ID         string   `json:"operation"`
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Summary    string   `json:"summary"`
	Certainty  string   `json:"certainty"` // documented, observed or inferred
	Session    bool     `json:"session"`   // needs a session, a token or a key
	Deprecated bool     `json:"deprecated,omitempty"`
	Tags       []string `json:"tags,omitempty"`

	path, method block
}

// global is what operations inherit.
type global struct {
	Info struct {
		Title string `yaml:"title"`
	} `yaml:"info"`
	Certainty string                `yaml:"x-certainty"`
	Security  []map[string][]string `yaml:"security"`
}

// head is what an Entry is made from.
type head struct {
	ID         string                 `yaml:"operationId"`
	Summary    string                 `yaml:"summary"`
	Certainty  string                 `yaml:"x-certainty"`
	Tags       []string               `yaml:"tags"`
	Deprecated bool                   `yaml:"deprecated"`
	Security   *[]map[string][]string `yaml:"security"`
}

// Open reads the outline of a description. It returns [ErrUnknown] if there is
// none.
func Open(vendor string) (*Spec, error) {
	text, err := specs.FS.ReadFile(vendor + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("vendor %q: %w", vendor, ErrUnknown)
	}
	s := &Spec{Vendor: vendor, lines: strings.SplitAfter(string(text), "\n")}
	s.root = blocks(s.lines, block{to: len(s.lines)}, 0)
	var top strings.Builder
	for _, name := range []string{"info", "x-certainty", "security"} {
		s.write(&top, s.section(name))
	}
	if err := yaml.Unmarshal([]byte(top.String()), &s.global); err != nil {
		return nil, fmt.Errorf("%s.yaml: %w", vendor, err)
	}
	s.Title = s.global.Info.Title
	for _, path := range blocks(s.lines, s.section("paths"), 2) {
		if err := s.addPath(path); err != nil {
			return nil, fmt.Errorf("%s.yaml: %s: %w", vendor, path.name, err)
		}
	}
	return s, nil
}

// Find returns the entry of an operation.
func (s *Spec) Find(id string) (Entry, bool) {
	i := slices.IndexFunc(s.Entries, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return s.Entries[i], true
}

// IDs returns the names of all operations, in the order of the description.
func (s *Spec) IDs() []string {
	ids := make([]string, len(s.Entries))
	for i, e := range s.Entries {
		ids[i] = e.ID
	}
	return ids
}

func (s *Spec) addPath(path block) error {
	for _, method := range blocks(s.lines, path, 4) {
		if !isMethod(method.name) {
			continue
		}
		var text strings.Builder
		for _, key := range blocks(s.lines, method, 6) {
			switch key.name {
			case "operationId", "summary", "x-certainty", "tags", "deprecated", "security":
				s.write(&text, key)
			}
		}
		var h head
		if err := yaml.Unmarshal([]byte(text.String()), &h); err != nil {
			return err
		}
		s.Entries = append(s.Entries, s.entry(h, path, method))
	}
	return nil
}

func (s *Spec) entry(h head, path, method block) Entry {
	e := Entry{
		ID: h.ID, Method: strings.ToUpper(method.name), Path: path.name, Summary: h.Summary,
		Certainty: h.Certainty, Deprecated: h.Deprecated, Tags: h.Tags, path: path, method: method,
	}
	if e.Certainty == "" {
		e.Certainty = s.global.Certainty
	}
	security := s.global.Security
	if h.Security != nil {
		security = *h.Security
	}
	e.Session = len(security) > 0 && !slices.ContainsFunc(security, func(r map[string][]string) bool { return len(r) == 0 })
	return e
}

func isMethod(name string) bool {
	return slices.Contains([]string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}, name)
}
