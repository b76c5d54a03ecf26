package sandbox

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// A segment is one part of a path template: a fixed text or a parameter.
type segment struct {
	text  string // name of the parameter if param
	param bool
}

// A pathEntry is a path template with its operations by method.
type pathEntry struct {
	segments []segment
	methods  map[string]*operation
}

// splitTemplate takes a path template apart. A parameter must be a whole
// segment.
func splitTemplate(path string) ([]segment, error) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	segments := make([]segment, 0, len(parts))
	for _, part := range parts {
		name, opened := strings.CutPrefix(part, "{")
		name, closed := strings.CutSuffix(name, "}")
		if opened != closed || strings.ContainsAny(name, "{}") {
			return nil, fmt.Errorf("path %s: a parameter must be a whole segment", path)
		}
		segments = append(segments, segment{text: name, param: opened})
	}
	return segments, nil
}

// comparePaths puts fixed segments before parameters, so that /anomaly/lookup
// is found before /anomaly/{anomaly_id}.
func comparePaths(a, b *pathEntry) int {
	for i := range a.segments {
		if a.segments[i].param != b.segments[i].param {
			if b.segments[i].param {
				return -1
			}
			return 1
		}
		if c := cmp.Compare(a.segments[i].text, b.segments[i].text); c != 0 && !a.segments[i].param {
			return c
		}
	}
	return 0
}

// find returns the path template that an escaped path matches, and the values
// of its parameters; nil if there is none.
func (sp *spec) find(path string) (*pathEntry, map[string]string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, entry := range sp.paths[len(parts)] {
		if params, ok := entry.match(parts); ok {
			return entry, params
		}
	}
	return nil, nil
}

func (e *pathEntry) match(parts []string) (map[string]string, bool) {
	params := make(map[string]string)
	for i, s := range e.segments {
		part, err := url.PathUnescape(parts[i])
		switch {
		case err != nil:
			return nil, false
		case !s.param && part != s.text:
			return nil, false
		case s.param && part == "":
			return nil, false
		case s.param:
			params[s.text] = part
		}
	}
	return params, true
}
