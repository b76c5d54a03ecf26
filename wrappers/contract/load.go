package contract

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// A description is one that was read and is not changed any more, except for
// the shapes, which are made when they are needed.
type description struct {
	text  []byte
	level string // certainty of the file
	byKey map[string]*operation
	ops   []*operation // in matching order
	bases []string     // paths at which the API may be, without a slash at the end

	mu     sync.Mutex
	shapes map[string]*shape // by site
}

// An operation is one method of one path.
type operation struct {
	id, method, path string
	segments         []string
	pointer          string
	spec             *openapi3.Operation
	level            string // certainty
	failure          failureRule
}

func load(text []byte, bases []string) (*description, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the description: %w", err)
	}
	d := &description{text: text, byKey: make(map[string]*operation), shapes: make(map[string]*shape)}
	d.level = levelOf(doc.Extensions, "")
	for _, server := range doc.Servers {
		bases = append(bases, server.URL)
	}
	for _, base := range append(bases, "") {
		if path := basePath(base); !slices.Contains(d.bases, path) {
			d.bases = append(d.bases, path)
		}
	}
	slices.SortFunc(d.bases, func(a, b string) int { return len(b) - len(a) })
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			d.addOperation(path, method, op, doc.Extensions)
		}
	}
	slices.SortFunc(d.ops, compareOperations)
	return d, nil
}

func (d *description) addOperation(path, method string, spec *openapi3.Operation, file map[string]any) {
	op := &operation{
		id: spec.OperationID, method: method, path: path, spec: spec,
		segments: strings.Split(strings.Trim(path, "/"), "/"),
		pointer:  join("/paths", path, strings.ToLower(method)),
		level:    levelOf(spec.Extensions, d.level),
		failure:  newFailureRule(spec.Extensions, file),
	}
	d.byKey[method+" "+path] = op
	d.ops = append(d.ops, op)
}

// levelOf returns the certainty in extensions, or the inherited one.
func levelOf(extensions map[string]any, inherited string) string {
	if level, ok := extensions["x-certainty"].(string); ok {
		return level
	}
	return inherited
}

// basePath returns the path of an address, which may be one with variables.
func basePath(address string) string {
	_, rest, absolute := strings.Cut(address, "://")
	if !absolute {
		return strings.TrimRight(address, "/")
	}
	_, path, _ := strings.Cut(rest, "/")
	return strings.TrimRight("/"+path, "/")
}

// compareOperations puts fixed segments before parameters.
func compareOperations(a, b *operation) int {
	for i := range min(len(a.segments), len(b.segments)) {
		pa, pb := isParameter(a.segments[i]), isParameter(b.segments[i])
		switch {
		case pa && !pb:
			return 1
		case pb && !pa:
			return -1
		case a.segments[i] != b.segments[i]:
			return strings.Compare(a.segments[i], b.segments[i])
		}
	}
	return strings.Compare(a.path+" "+a.method, b.path+" "+b.method)
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

// find returns the operation that a request calls, by its path; nil if there is
// none.
func (d *description) find(method string, u *url.URL) *operation {
	path := u.EscapedPath()
	for _, base := range d.bases {
		rest, ok := strings.CutPrefix(path, base)
		if !ok || rest == "" || rest[0] != '/' {
			continue
		}
		parts := strings.Split(strings.Trim(rest, "/"), "/")
		for _, op := range d.ops {
			if op.method == method && op.matches(parts) {
				return op
			}
		}
	}
	return nil
}

func (op *operation) matches(parts []string) bool {
	if len(parts) != len(op.segments) {
		return false
	}
	for i, segment := range op.segments {
		if parts[i] == "" || !isParameter(segment) && parts[i] != segment {
			return false
		}
	}
	return true
}

// response returns what is described for a status, and where. A success that is
// not listed is not described by the default answer if another success is
// listed: that one describes failures then.
func (op *operation) response(status int) (r *openapi3.Response, pointer string) {
	codes := op.spec.Responses.Map()
	exact := strconv.Itoa(status)
	for _, code := range []string{exact, exact[:1] + "XX", "default"} {
		ref := codes[code]
		if ref == nil || ref.Value == nil {
			continue
		}
		if code == "default" && status < http.StatusBadRequest && lists(codes, "2") {
			continue
		}
		if ref.Ref != "" {
			return ref.Value, strings.TrimPrefix(ref.Ref, "#")
		}
		return ref.Value, join(op.pointer+"/responses", code)
	}
	return nil, ""
}

func lists(codes map[string]*openapi3.ResponseRef, class string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(codes)), func(code string) bool { return strings.HasPrefix(code, class) })
}

// join appends tokens to a JSON pointer.
func join(pointer string, tokens ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for _, token := range tokens {
		pointer += "/" + escape.Replace(token)
	}
	return pointer
}
