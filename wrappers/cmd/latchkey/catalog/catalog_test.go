package catalog_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

// vendors returns the names of all vendors that are described.
func vendors(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(specs.FS, "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no descriptions", err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".yaml")
	}
	return files
}

// open opens a description and loads it whole, too.
func open(t *testing.T, vendor string) (*catalog.Spec, *openapi3.T) {
	t.Helper()
	spec, err := catalog.Open(vendor)
	if err != nil {
		t.Fatal(err)
	}
	text, err := specs.FS.ReadFile(vendor + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return spec, doc
}

// TestExcerpt: an operation that was loaded by itself says the same as in the
// whole description.
func TestExcerpt(t *testing.T) {
	for _, vendor := range vendors(t) {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			spec, doc := open(t, vendor)
			count := 0
			for path, item := range doc.Paths.Map() {
				for method, want := range item.Operations() {
					count++
					op, err := spec.Operation(want.OperationID)
					if err != nil {
						t.Fatal(err)
					}
					if op.Method != method || op.Path != path || op.Summary != want.Summary || !slices.Equal(op.Tags, want.Tags) {
						t.Errorf("%s: the outline says %s %s %q %v", op.ID, op.Method, op.Path, op.Summary, op.Tags)
					}
					compare(t, op.ID, op.Spec, want)
					if own := op.Parameters[:len(op.Parameters)-len(want.Parameters)]; len(own)+len(item.Parameters) > 0 {
						compare(t, op.ID+": parameters of the path", own, item.Parameters)
					}
				}
			}
			if count != len(spec.Entries) || spec.Title != doc.Info.Title {
				t.Errorf("the outline has %d operations of %q, want %d of %q", len(spec.Entries), spec.Title, count, doc.Info.Title)
			}
		})
	}
}

// compare compares two parts of descriptions with all that they refer to.
func compare(t *testing.T, what string, got, want any) {
	t.Helper()
	a, err := json.Marshal(resolved(got))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(resolved(want))
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("%s: got  %s\nwant %s", what, a, b)
	}
}

// resolved adds what an operation refers to: by itself it is written with
// references.
func resolved(part any) any {
	op, ok := part.(*openapi3.Operation)
	if !ok {
		return part
	}
	parts := []any{op}
	schemas := map[string]*openapi3.Schema{}
	add := func(content openapi3.Content) {
		for _, media := range content {
			collect(media.Schema, schemas)
		}
	}
	if op.RequestBody != nil {
		parts = append(parts, op.RequestBody.Value)
		add(op.RequestBody.Value.Content)
	}
	responses := op.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		parts = append(parts, status, responses[status].Value)
		add(responses[status].Value.Content)
	}
	for _, parameter := range op.Parameters {
		parts = append(parts, parameter.Value)
		collect(parameter.Value.Schema, schemas)
	}
	return append(parts, schemas)
}

// collect notes the schemas that are referred to, directly or not.
func collect(ref *openapi3.SchemaRef, into map[string]*openapi3.Schema) {
	if ref == nil || ref.Ref != "" && into[ref.Ref] != nil {
		return
	}
	if ref.Ref != "" {
		into[ref.Ref] = ref.Value
	}
	for _, property := range ref.Value.Properties {
		collect(property, into)
	}
	for _, part := range slices.Concat(ref.Value.AllOf, ref.Value.OneOf, ref.Value.AnyOf, openapi3.SchemaRefs{ref.Value.Items, ref.Value.AdditionalProperties.Schema}) {
		collect(part, into)
	}
}

func TestEntries(t *testing.T) {
	for _, vendor := range vendors(t) {
		spec, doc := open(t, vendor)
		level, _ := doc.Extensions["x-certainty"].(string)
		for _, e := range spec.Entries {
			op := doc.Paths.Value(e.Path).GetOperation(e.Method)
			want := level
			if own, ok := op.Extensions["x-certainty"].(string); ok {
				want = own
			}
			security := doc.Security
			if op.Security != nil {
				security = *op.Security
			}
			if e.Certainty != want || e.Session != (len(security) > 0) || e.Deprecated != op.Deprecated {
				t.Errorf("%s %s: got %+v", vendor, e.ID, e)
			}
		}
	}
}

func TestUnknown(t *testing.T) {
	if _, err := catalog.Open("acme"); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("vendor: %v", err)
	}
	spec, _ := open(t, "babel")
	if _, err := spec.Operation("nothing"); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("operation: %v", err)
	}
}

func operation(t *testing.T, vendor, id string) *catalog.Operation {
	t.Helper()
	spec, _ := open(t, vendor)
	op, err := spec.Operation(id)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func TestRest(t *testing.T) {
	op := operation(t, "anomify", "login").Rest()
	if op.Session || !op.Sensitive || op.Idempotent || op.Failure == nil || op.Failure.From != 400 || op.Accept != "application/json" {
		t.Errorf("login of anomify: %+v %+v", op, op.Failure)
	}
	op = operation(t, "alertsite", "getMonitors").Rest()
	if !op.Session || !op.Idempotent || !slices.Equal(op.Failure.Success, []string{"0"}) || !slices.Equal(op.Failure.Message, []string{"metadata", "message"}) {
		t.Errorf("getMonitors: %+v %+v", op, op.Failure)
	}
	if op := operation(t, "anomify", "getMetricGraph"); !op.Streams() || op.Rest().Accept != "application/octet-stream" {
		t.Errorf("getMetricGraph: %+v", op.Rest())
	}
	if op := operation(t, "anomify", "getEventSender").Rest(); op.Failure != nil {
		t.Errorf("getEventSender has switched the failure rule off, but has %+v", op.Failure)
	}
}

func TestPages(t *testing.T) {
	items, next := operation(t, "misaka", "listRecordSets").Pages()
	if strings.Join(items, ".") != "results" || strings.Join(next, ".") != "next" {
		t.Errorf("got %v and %v", items, next)
	}
}

func TestInputs(t *testing.T) {
	var got []string
	for _, f := range operation(t, "babel", "updateUserSettings").Inputs() {
		got = append(got, f.In+" "+f.Name)
	}
	if len(got) < 3 || got[0] != "body user" || !strings.HasPrefix(got[1], "body user.") {
		t.Errorf("got %v", got)
	}
	for _, f := range operation(t, "babel", "login").Inputs() {
		if want := f.Name == "password"; f.Secret != want || !f.Required || f.Certainty != "documented" {
			t.Errorf("got %+v", f)
		}
	}
	for _, f := range operation(t, "babel", "getLicenses").Inputs() {
		if f.Name == "take" && (f.In != "query" || f.Certainty != "inferred" || f.Reason == "" || f.Type != "integer (int32)") {
			t.Errorf("got %+v", f)
		}
	}
}

func TestSources(t *testing.T) {
	spec, _ := open(t, "babel")
	sources, err := spec.Sources()
	if err != nil || len(sources) < 3 || sources[0].Title == "" {
		t.Errorf("got %v, %v", sources, err)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		if _, err := catalog.Open("anomify"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOperation(b *testing.B) {
	for b.Loop() {
		spec, err := catalog.Open("anomify")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := spec.Operation("getUserInfo"); err != nil {
			b.Fatal(err)
		}
	}
}
