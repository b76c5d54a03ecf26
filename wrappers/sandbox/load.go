package sandbox

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/latchkey-go/latchkey/specs"
)

// A spec is the description of one vendor, prepared for answering. It is not
// changed after loading and is shared by all servers.
type spec struct {
	doc        *openapi3.T
	operations []*operation
	paths      map[int][]*pathEntry // by number of segments, in matching order
	queryKeys  []string             // names of credentials in the query
}

// An operation is one method of one path.
type operation struct {
	id        string
	key       string // method and path template, such as "PATCH /devices/{id}"
	route     *routers.Route
	protected bool                       // needs a session or a key
	schemes   []*openapi3.SecurityScheme // accepted by a protected operation
	query     map[string]bool            // declared parameters; nil: anything goes
	failure   failureRule
	message   string // path of the vendor's explanation in a failure; "" if none is described
	success   *reply
	failures  map[string]*reply // by "401", "4XX", "default"
}

// embedded memorises the descriptions of package specs, which are part of the
// program and do not change: a test that starts a hundred servers reads each
// once. Parsing takes some 20 ms for the smallest.
//
//nolint:gochecknoglobals // written once per vendor, the same every time
var embedded [4]struct {
	once sync.Once
	spec *spec
	err  error
}

// loadSpec reads the description of a vendor, from memory if it is the one that
// package specs holds.
func loadSpec(fsys fs.FS, v Vendor) (*spec, error) {
	i := slices.Index(Vendors(), v)
	if fsys != fs.FS(specs.FS) || i < 0 {
		return parseSpec(fsys, v)
	}
	e := &embedded[i]
	e.once.Do(func() { e.spec, e.err = parseSpec(fsys, v) })
	return e.spec, e.err
}

func parseSpec(fsys fs.FS, v Vendor) (*spec, error) {
	data, err := fs.ReadFile(fsys, string(v)+".yaml")
	if err != nil {
		return nil, fmt.Errorf("sandbox: no description of %s: %w", v, err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("sandbox: description of %s: %w", v, err)
	}
	sp := &spec{doc: doc, paths: make(map[int][]*pathEntry)}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		if err := sp.addPath(path, doc.Paths.Value(path)); err != nil {
			return nil, fmt.Errorf("sandbox: description of %s: %w", v, err)
		}
	}
	for _, entries := range sp.paths {
		slices.SortStableFunc(entries, comparePaths)
	}
	if doc.Components != nil {
		for _, scheme := range doc.Components.SecuritySchemes {
			if scheme.Value.In == openapi3.ParameterInQuery {
				sp.queryKeys = append(sp.queryKeys, scheme.Value.Name)
			}
		}
	}
	return sp, nil
}

// operation returns the operation with that key, nil if there is none.
func (sp *spec) operation(key string) *operation {
	if i := slices.IndexFunc(sp.operations, func(op *operation) bool { return op.key == key }); i >= 0 {
		return sp.operations[i]
	}
	return nil
}

func (sp *spec) addPath(path string, item *openapi3.PathItem) error {
	segments, err := splitTemplate(path)
	if err != nil {
		return err
	}
	entry := &pathEntry{segments: segments, methods: make(map[string]*operation)}
	operations := item.Operations()
	for _, method := range slices.Sorted(maps.Keys(operations)) {
		op, err := newOperation(sp.doc, path, item, method, operations[method])
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		entry.methods[method] = op
		sp.operations = append(sp.operations, op)
	}
	sp.paths[len(segments)] = append(sp.paths[len(segments)], entry)
	return nil
}

func newOperation(doc *openapi3.T, path string, item *openapi3.PathItem, method string, from *openapi3.Operation) (*operation, error) {
	unsecured := *from // sessions are checked by the rules of the vendor
	unsecured.Security = &openapi3.SecurityRequirements{}
	op := &operation{
		id:  cmp.Or(from.OperationID, method+" "+path),
		key: method + " " + path,
		route: &routers.Route{
			Spec: doc, Path: path, PathItem: item, Method: method, Operation: &unsecured,
		},
		query:    declaredQuery(item.Parameters, from.Parameters),
		failures: make(map[string]*reply),
	}
	var err error
	if op.failure, err = newFailureRule(doc.Extensions, from.Extensions); err != nil {
		return nil, err
	}
	op.message = cmp.Or(text(from.Extensions["x-failure"], "message"), text(doc.Extensions["x-failure"], "message"))
	op.setSecurity(doc, from)
	for _, code := range slices.Sorted(maps.Keys(from.Responses.Map())) {
		response := from.Responses.Value(code).Value
		switch {
		case !strings.HasPrefix(code, "2"):
			op.failures[code] = newReply(0, response)
		case op.success == nil:
			op.success = newReply(statusOf(code), response)
		}
	}
	if op.success == nil {
		op.success = &reply{status: http.StatusOK}
	}
	return op, nil
}

// setSecurity notes which schemes give access. An empty requirement among the
// alternatives makes the operation public.
func (op *operation) setSecurity(doc *openapi3.T, from *openapi3.Operation) {
	requirements := doc.Security
	if from.Security != nil {
		requirements = *from.Security
	}
	op.protected = len(requirements) > 0
	for _, requirement := range requirements {
		if len(requirement) == 0 {
			op.protected = false
		}
		for _, name := range slices.Sorted(maps.Keys(requirement)) {
			if scheme := securityScheme(doc, name); scheme != nil && !slices.Contains(op.schemes, scheme) {
				op.schemes = append(op.schemes, scheme)
			}
		}
	}
}

func securityScheme(doc *openapi3.T, name string) *openapi3.SecurityScheme {
	if doc.Components == nil || doc.Components.SecuritySchemes[name] == nil {
		return nil
	}
	return doc.Components.SecuritySchemes[name].Value
}

// acceptsHeader tells whether a scheme of the operation is a key in the header
// of that name.
func (op *operation) acceptsHeader(name string) bool {
	return slices.ContainsFunc(op.schemes, func(s *openapi3.SecurityScheme) bool {
		return s.Type == "apiKey" && s.In == openapi3.ParameterInHeader && strings.EqualFold(s.Name, name)
	})
}

// declaredQuery returns the names of the query parameters of an operation, nil
// if one of them takes names that the description does not list.
func declaredQuery(lists ...openapi3.Parameters) map[string]bool {
	names := make(map[string]bool)
	for _, list := range lists {
		for _, ref := range list {
			p := ref.Value
			if p.In != openapi3.ParameterInQuery {
				continue
			}
			if p.Schema != nil && p.Schema.Value.Type.Is("object") {
				return nil
			}
			names[p.Name] = true
		}
	}
	return names
}

// statusOf turns the key of a response into a status: "2XX" stands for 200.
func statusOf(code string) int {
	if status, err := strconv.Atoi(code); err == nil {
		return status
	}
	return http.StatusOK
}
