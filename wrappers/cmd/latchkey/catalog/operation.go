package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/latchkey-go/latchkey/specs/sensitive"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// An Operation is one operation with all that it refers to.
type Operation struct {
	Entry
	Vendor     string
	Spec       *openapi3.Operation
	Parameters openapi3.Parameters // of the path first, without those that the operation has itself

	source *Spec
	doc    *openapi3.T
}

// Operation loads one operation. It returns [ErrUnknown] if there is none.
func (s *Spec) Operation(id string) (*Operation, error) {
	e, ok := s.Find(id)
	if !ok {
		return nil, fmt.Errorf("%s: operation %q: %w", s.Vendor, id, ErrUnknown)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.excerpt(e)))
	if err != nil {
		return nil, fmt.Errorf("%s.yaml: %s: %w", s.Vendor, id, err)
	}
	item := doc.Paths.Value(e.Path)
	if item == nil || item.GetOperation(e.Method) == nil {
		return nil, fmt.Errorf("%s.yaml: %s %s cannot be read by itself", s.Vendor, e.Method, e.Path)
	}
	op := &Operation{Entry: e, Vendor: s.Vendor, Spec: item.GetOperation(e.Method), source: s, doc: doc}
	for _, p := range item.Parameters {
		if op.Spec.Parameters.GetByInAndName(p.Value.In, p.Value.Name) == nil {
			op.Parameters = append(op.Parameters, p)
		}
	}
	op.Parameters = append(op.Parameters, op.Spec.Parameters...)
	return op, nil
}

// excerpt returns a description with one operation and the components that it
// refers to, directly or not.
func (s *Spec) excerpt(e Entry) string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: excerpt, version: \"1\"}\n")
	for _, name := range []string{"x-certainty", "x-failure", "security"} {
		s.write(&b, s.section(name))
	}
	b.WriteString("paths:\n")
	s.write(&b, block{from: e.path.from, to: e.path.from + 1})
	for _, part := range blocks(s.lines, e.path, 4) {
		if part.name == "parameters" || part == e.method {
			s.write(&b, part)
		}
	}
	s.writeComponents(&b)
	return b.String()
}

// writeComponents adds the components that what is written so far refers to.
func (s *Spec) writeComponents(b *strings.Builder) {
	reference := regexp.MustCompile(`#/components/([A-Za-z]+)/([A-Za-z0-9._-]+)`)
	kinds := blocks(s.lines, s.section("components"), 2)
	names := map[string][]block{}
	for _, kind := range kinds {
		names[kind.name] = blocks(s.lines, kind, 4)
	}
	wanted := map[string][]block{"securitySchemes": names["securitySchemes"]}
	for text := b.String(); text != ""; {
		var more strings.Builder
		for _, match := range reference.FindAllStringSubmatch(text, -1) {
			found := named(names[match[1]], match[2])
			if found.to > 0 && !slices.Contains(wanted[match[1]], found) {
				wanted[match[1]] = append(wanted[match[1]], found)
				s.write(&more, found)
			}
		}
		text = more.String()
	}
	b.WriteString("components:\n")
	for _, kind := range kinds {
		if len(wanted[kind.name]) > 0 {
			b.WriteString("  " + kind.name + ":\n")
		}
		for _, part := range wanted[kind.name] {
			s.write(b, part)
		}
	}
}

// Rest returns the operation as package rest takes it.
func (o *Operation) Rest() *rest.Operation {
	return &rest.Operation{
		Vendor: o.Vendor, ID: o.ID, Method: o.Method, Path: o.Path, Accept: strings.Join(o.answerTypes(), ", "),
		Session: o.Session, Idempotent: o.idempotent(), Sensitive: sensitive.Operation(o.Spec, o.Parameters), Failure: o.failure(),
	}
}

// Streams reports whether success brings something other than JSON.
func (o *Operation) Streams() bool {
	types := o.answerTypes()
	return len(types) > 0 && !slices.ContainsFunc(types, IsJSON)
}

// Empty reports whether no body is described for success.
func (o *Operation) Empty() bool { return len(o.answerTypes()) == 0 }

// IsJSON reports whether a media type is one of JSON.
func IsJSON(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.TrimSpace(mediaType)
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// answerTypes returns the media types of success.
func (o *Operation) answerTypes() []string {
	var types []string
	for status, response := range o.Spec.Responses.Map() {
		if status[0] != '2' {
			continue
		}
		for mediaType := range response.Value.Content {
			types = append(types, mediaType)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Answer returns the schema of the JSON of success, or nil if none is
// described.
func (o *Operation) Answer() *openapi3.SchemaRef {
	statuses := o.Spec.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		content := statuses[status].Value.Content
		for _, mediaType := range slices.Sorted(maps.Keys(content)) {
			if status[0] == '2' && IsJSON(mediaType) && content[mediaType].Schema != nil {
				return content[mediaType].Schema
			}
		}
	}
	return nil
}

// Body returns the media type and the description of the request body: JSON if
// there is a choice. It returns nil if there is no body.
func (o *Operation) Body() (mediaType string, media *openapi3.MediaType) {
	if o.Spec.RequestBody == nil {
		return "", nil
	}
	content := o.Spec.RequestBody.Value.Content
	types := slices.Sorted(maps.Keys(content))
	slices.SortStableFunc(types, func(a, b string) int { return rank(a) - rank(b) })
	if len(types) == 0 {
		return "", nil
	}
	return types[0], content[types[0]]
}

// BodyRequired reports whether the operation must have a body.
func (o *Operation) BodyRequired() bool {
	return o.Spec.RequestBody != nil && o.Spec.RequestBody.Value.Required
}

func rank(mediaType string) int {
	switch {
	case mediaType == "application/json":
		return 0
	case IsJSON(mediaType):
		return 1
	default:
		return 2
	}
}

func (o *Operation) idempotent() bool {
	if explicit, ok := o.Spec.Extensions["x-idempotent"].(bool); ok {
		return explicit
	}
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, o.Method)
}

// failure returns how the operation reports failures in the body, or nil.
func (o *Operation) failure() *rest.Failure {
	rule := o.doc.Extensions["x-failure"]
	if own, ok := o.Spec.Extensions["x-failure"]; ok {
		rule = own
	}
	members, ok := rule.(map[string]any)
	if !ok {
		return nil
	}
	f := &rest.Failure{Value: dotPath(members["value"]), Code: dotPath(members["code"]), Message: dotPath(members["message"])}
	if from, err := strconv.ParseInt(fmt.Sprint(members["from"]), 10, 64); err == nil {
		f.From = from
	}
	if list, ok := members["success"].([]any); ok {
		for _, value := range list {
			f.Success = append(f.Success, fmt.Sprint(value))
		}
	}
	return f
}

// Pages returns the dot paths of the items and of the address of the next page
// in the answer of a list that pages; they are empty for other operations.
func (o *Operation) Pages() (items, next []string) {
	rule, _ := o.Spec.Extensions["x-pagination"].(map[string]any)
	return dotPath(rule["items"]), dotPath(rule["next"])
}

// dotPath splits a dot path.
func dotPath(value any) []string {
	text, _ := value.(string)
	if text == "" {
		return nil
	}
	return strings.Split(text, ".")
}

// A Source is a document that a description was made from.
type Source struct {
	ID       string `json:"id"                 yaml:"id"`
	Title    string `json:"title"              yaml:"title"`
	Address  string `json:"address,omitempty"  yaml:"address"`
	Document string `json:"document,omitempty" yaml:"document"`
	Edition  string `json:"edition,omitempty"  yaml:"edition"`
}

// Sources returns the documents that the description names.
func (s *Spec) Sources() ([]Source, error) {
	var text strings.Builder
	s.write(&text, s.section("x-sources"))
	var list struct {
		Sources []Source `yaml:"x-sources"`
	}
	if err := yaml.Unmarshal([]byte(text.String()), &list); err != nil {
		return nil, fmt.Errorf("%s.yaml: x-sources: %w", s.Vendor, err)
	}
	return list.Sources, nil
}

// Sources returns the documents that the operation was made from.
func (o *Operation) Sources() ([]Source, error) {
	all, err := o.source.Sources()
	if err != nil {
		return nil, err
	}
	ids, _ := o.Spec.Extensions["x-source"].([]any)
	return slices.DeleteFunc(all, func(s Source) bool { return !slices.Contains(ids, any(s.ID)) }), nil
}
