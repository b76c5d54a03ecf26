package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// described is an operation as the description has it, read without the sandbox.
type described struct {
	method, path string
	parameters   openapi3.Parameters
	*openapi3.Operation
}

func operations(t *testing.T, v sandbox.Vendor) []described {
	t.Helper()
	data, err := specs.FS.ReadFile(string(v) + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var list []described
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			list = append(list, described{method, path, append(slices.Clone(item.Parameters), op.Parameters...), op})
		}
	}
	return list
}

// needsSession tells whether the description asks for credentials.
func (d described) needsSession() bool {
	return d.Security == nil || len(*d.Security) > 0
}

// address fills in the parameters with their examples.
func (d described) address(t *testing.T) string {
	t.Helper()
	path, query := d.path, url.Values{}
	for _, ref := range d.parameters {
		p := ref.Value
		value := plain(p.Example)
		switch {
		case p.In == openapi3.ParameterInPath && p.Example == nil:
			t.Errorf("parameter %s has no example", p.Name)
		case p.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case p.In == openapi3.ParameterInQuery && p.Required:
			query.Set(p.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// plain writes a value as a parameter or form field has it.
func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, _ := json.Marshal(v)
	return string(data)
}

// body returns the first example of a body, with the demo credentials in it.
func (d described) body(t *testing.T, refreshToken string) (contentType, body string) {
	t.Helper()
	if d.RequestBody == nil {
		return "", ""
	}
	content := d.RequestBody.Value.Content
	contentType = slices.Sorted(maps.Keys(content))[0]
	examples := content[contentType].Examples
	if len(examples) == 0 {
		t.Fatalf("%s %s: no example of the body", d.method, d.path)
	}
	example := examples[slices.Sorted(maps.Keys(examples))[0]].Value.Value
	object, ok := example.(map[string]any)
	if !ok {
		data, _ := json.Marshal(example)
		return contentType, string(data)
	}
	object = maps.Clone(object)
	form := url.Values{}
	for name := range object {
		switch name {
		case "login", "email", "username":
			object[name] = sandbox.DemoLogin
		case "password", "current_password", "old_password":
			object[name] = sandbox.DemoPassword
		case "code":
			object[name] = sandbox.DemoCode
		case "refresh":
			object[name] = refreshToken
		}
		form.Set(name, plain(object[name]))
	}
	if contentType == asForm {
		return contentType, form.Encode()
	}
	data, _ := json.Marshal(object)
	return contentType, string(data)
}

// successExamples returns the status of success and its examples in JSON, nil
// for another media type.
func (d described) successExamples() (status string, examples []any) {
	for _, code := range slices.Sorted(maps.Keys(d.Responses.Map())) {
		if !strings.HasPrefix(code, "2") {
			continue
		}
		media := d.Responses.Value(code).Value.Content[asJSON]
		if media == nil {
			return code, nil
		}
		for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
			examples = append(examples, media.Examples[name].Value.Value)
		}
		return code, examples
	}
	return "", nil
}

// withoutSession removes what differs with each session from a decoded answer.
func withoutSession(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	object = maps.Clone(object)
	for name, value := range object {
		switch name {
		case "session_id":
			delete(object, name)
		case "session":
			if _, text := value.(string); text {
				delete(object, name)
				continue
			}
			inner, _ := withoutSession(value).(map[string]any)
			delete(inner, "id")
			object[name] = inner
		default:
			object[name] = withoutSession(value)
		}
	}
	return object
}

func TestEveryOperationAnswersItsExample(t *testing.T) {
	for _, v := range sandbox.Vendors() {
		for _, d := range operations(t, v) {
			t.Run(string(v)+"/"+d.OperationID, func(t *testing.T) {
				f := start(t, sandbox.WithVendors(v))
				st := f.Vendor(v)
				header, refresh := signInFor(f, v, d)
				contentType, body := d.body(t, refresh)
				if contentType != "" {
					header = append(header, "Content-Type", contentType)
				}
				r := f.do(d.method, st.URL()+d.address(t), body, header...)
				status, examples := d.successExamples()
				want(t, "status", fmt.Sprint(r.status), status)
				want(t, "count", st.Count(d.OperationID), 1)
				if examples == nil || slices.Contains(sandbox.HandledKeys(v), d.method+" "+d.path) {
					return // of another media type, or carried out by rules that other tests are about
				}
				var got any
				if err := json.Unmarshal([]byte(r.body), &got); err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(examples, func(example any) bool {
					return reflect.DeepEqual(withoutSession(got), withoutSession(example))
				}) {
					t.Errorf("%s is none of the examples", r.body)
				}
			})
		}
	}
}

// signInFor signs in unless the operation is a login, and prepares a second factor.
func signInFor(f *fixture, v sandbox.Vendor, d described) (header []string, refresh string) {
	switch {
	case d.OperationID == "validateClient":
		f.Vendor(v).RequireSecondFactor(true)
		return []string{"X-Session-Id", f.loginAnomify().at("status.session_id")}, ""
	case d.OperationID == "refreshUserToken":
		return nil, f.loginMisaka("").at("refresh")
	case d.needsSession():
		return f.signIn(v), ""
	default:
		return nil, ""
	}
}

func TestEveryOperationNeedsItsSession(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		public, protected := 0, 0
		for _, d := range operations(t, st.Name()) {
			if !d.needsSession() {
				public++
				continue
			}
			protected++
			contentType, body := d.body(t, "")
			r := f.do(d.method, st.URL()+d.address(t), body, "Content-Type", contentType)
			switch st.Name() {
			case sandbox.Anomify:
				want(t, d.OperationID+" status", r.status, http.StatusUnauthorized)
				want(t, d.OperationID+" status.code", r.at("status.code"), "401")
			case sandbox.AlertSite:
				want(t, d.OperationID+" status", r.status, http.StatusOK)
				want(t, d.OperationID+" metadata.status", r.at("metadata.status"), "20")
				want(t, d.OperationID+" results", r.at("results"), "")
			case sandbox.Misaka:
				want(t, d.OperationID+" status", r.status, http.StatusUnauthorized)
				want(t, d.OperationID+" code", r.at("code"), "token_not_valid")
			case sandbox.Babel:
				want(t, d.OperationID+" status", r.status, http.StatusUnauthorized)
				want(t, d.OperationID+" success", r.at("success"), "false")
			}
		}
		if public == 0 || protected == 0 {
			t.Errorf("%d public and %d protected operations", public, protected)
		}
	})
}

func TestRulesAreAboutDescribedOperations(t *testing.T) {
	for _, v := range sandbox.Vendors() {
		for _, key := range sandbox.HandledKeys(v) {
			if ok, err := sandbox.HasOperation(v, key); !ok || err != nil {
				t.Errorf("%s: %s is not in the description: %v", v, key, err)
			}
		}
	}
}
