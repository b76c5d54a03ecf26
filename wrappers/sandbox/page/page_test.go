package page_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/exercise"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/page"
)

func TestWhatIsServed(t *testing.T) {
	server := serve(t)
	tests := []struct {
		path, contentType, part string
		status                  int
	}{
		{path: "/", contentType: "text/html; charset=utf-8", part: "<title>Latchkey sandbox</title>"},
		{path: "/_sandbox/assets/page.css", contentType: "text/css; charset=utf-8", part: "prefers-color-scheme"},
		{path: "/_sandbox/assets/main.js", contentType: "text/javascript; charset=utf-8", part: "import"},
		{path: "/_sandbox/assets/icon.svg", contentType: "image/svg+xml", part: "<svg"},
		{path: "/_sandbox/swagger/swagger-ui-bundle.js", contentType: "text/javascript; charset=utf-8", part: "SwaggerUIBundle"},
		{path: "/_sandbox/swagger/swagger-ui.css", contentType: "text/css; charset=utf-8", part: ".swagger-ui"},
		{path: "/_sandbox/swagger/swagger-ui.js", status: 404},
		{path: "/_sandbox/assets/nothing.js", status: 404},
		{path: "/_sandbox/assets/..%2fpage.go", status: 404},
		{path: "/_sandbox/nothing", status: 404},
		{path: "/_sandbox/specs/acme.yaml", status: 404},
		{path: "/_sandbox/specs/babel.json", status: 404},
		{path: "/_sandbox/clock", status: 405},
		{path: "/alertsite/login", status: 405, part: "Method Not Allowed"},
		{path: "/misaka/v3/devices", status: 401, part: "token_not_valid"},
		{path: "/anomify//x", status: 404, part: "Not Found"},
		{path: "/acme/x", status: 404, part: "the path begins with none of"},
	}
	for _, tt := range tests {
		a := get(t, server.URL+tt.path)
		want := tt.status
		if want == 0 {
			want = http.StatusOK
		}
		if a.status != want || !strings.Contains(a.body, tt.part) || tt.contentType != "" && a.header.Get("Content-Type") != tt.contentType {
			t.Errorf("GET %s: %d %s, %.120q", tt.path, a.status, a.header.Get("Content-Type"), a.body)
		}
		if tt.contentType != "" && get(t, server.URL+tt.path, "If-None-Match", a.header.Get("ETag")).status != http.StatusNotModified {
			t.Errorf("GET %s: sent again to one who has it", tt.path)
		}
	}
}

func TestSwaggerUIIsSentCompressedToThoseWhoTakeIt(t *testing.T) {
	server := serve(t)
	plain := get(t, server.URL+"/_sandbox/swagger/swagger-ui.css", "Accept-Encoding", "identity")
	zipped := get(t, server.URL+"/_sandbox/swagger/swagger-ui.css", "Accept-Encoding", "gzip")
	if plain.header.Get("Content-Encoding") != "" || zipped.header.Get("Content-Encoding") != "gzip" || len(zipped.body) > len(plain.body)/3 {
		t.Errorf("%d bytes plain, %d compressed", len(plain.body), len(zipped.body))
	}
}

// TestThePageKeepsToItself looks for what the policy would forbid, and for
// addresses of other hosts.
func TestThePageKeepsToItself(t *testing.T) {
	server := serve(t)
	policy := get(t, server.URL+"/").header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy is lax: %s", policy)
	}
	html := get(t, server.URL+"/").body
	for _, forbidden := range []string{`\sstyle=`, `\son\w+=`, `<script(>|[^>]*>[^<])`, `<style`, `javascript:`, `(src|href)="(https?:)?//`} {
		if found := regexp.MustCompile(forbidden).FindString(html); found != "" {
			t.Errorf("index.html has %q", found)
		}
	}
	for _, match := range regexp.MustCompile(`(?:src|href)="(/[^"]*)"`).FindAllStringSubmatch(html, -1) {
		if a := get(t, server.URL+match[1]); a.status != http.StatusOK {
			t.Errorf("index.html names %s, which is answered with %d", match[1], a.status)
		}
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	server := serve(t)
	tests := []struct {
		name   string
		header []string
		status int
	}{
		{name: "the page", header: []string{"Origin", server.URL, "Sec-Fetch-Site", "same-origin"}, status: 204},
		{name: "a program", status: 204},
		{name: "an old browser on the page", header: []string{"Origin", server.URL}, status: 204},
		{name: "another site", header: []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "another site without its name", header: []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "another port of this machine", header: []string{"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"}, status: 403},
		{name: "another site, old browser", header: []string{"Origin", "https://evil.example"}, status: 403},
		{name: "a name that leads here", header: []string{"Host", "evil.example", "Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"}, status: 421},
		{name: "a name that leads here, with a dot", header: []string{"Host", "evil.example.:80"}, status: 421},
		{name: "localhost", header: []string{"Host", "localhost:8080"}, status: 204},
		{name: "a name of this network", header: []string{"Host", "sandbox:8080"}, status: 204},
		{name: "an address", header: []string{"Host", "[::1]:8080"}, status: 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := server.Clock().Now()
			a := ask(t, http.MethodPost, server.URL+"/_sandbox/clock", `{"minutes": 60}`, tt.header...)
			moved := server.Clock().Now().Sub(before).Minutes() > 59
			if a.status != tt.status || moved != (tt.status == 204) {
				t.Errorf("status %d, want %d; the clock moved: %v", a.status, tt.status, moved)
			}
		})
	}
}

// TestOtherSitesDoNotUseTheStandins: a browser logs nobody in for another site,
// while programs may reach a stand-in under any name.
func TestOtherSitesDoNotUseTheStandins(t *testing.T) {
	server := serve(t)
	tests := []struct {
		name   string
		header []string
		status int
	}{
		{name: "the page", header: []string{"Origin", server.URL, "Sec-Fetch-Site", "same-origin"}, status: 200},
		{name: "a program", status: 200},
		{name: "a program that knows it by another name", header: []string{"Host", "sandbox.ci.example.com"}, status: 200},
		{name: "another site", header: []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "another site, old browser", header: []string{"Origin", "https://evil.example"}, status: 403},
		{name: "a name that leads here", header: []string{"Host", "evil.example", "Origin", "http://evil.example"}, status: 421},
	}
	body := "email=" + sandbox.DemoLogin + "&password=" + sandbox.DemoPassword
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := server.Vendor(sandbox.Anomify).Logins()
			a := ask(t, http.MethodPost, server.URL+"/anomify/login", body, append(tt.header, "Content-Type", "application/x-www-form-urlencoded")...)
			if n := server.Vendor(sandbox.Anomify).Logins() - before; a.status != tt.status || (n == 1) != (tt.status == 200) {
				t.Errorf("status %d, want %d; %d logins: %s", a.status, tt.status, n, a.body)
			}
		})
	}
}

// TestOtherNamesReadNothing: what the page knows is not told under a name that
// another site could have made to lead here.
func TestOtherNamesReadNothing(t *testing.T) {
	server := serve(t)
	for _, path := range []string{"/", "/_sandbox/state", "/_sandbox/events", "/_sandbox/vendors", "/_sandbox/specs/babel.yaml"} {
		if a := get(t, server.URL+path, "Host", "evil.example"); a.status != http.StatusMisdirectedRequest {
			t.Errorf("%s has status %d", path, a.status)
		}
	}
}

// A vendor is what the page is told of a description.
type vendor struct {
	Name, Title, Server string
	Certainty           map[string]int
	Sources             []struct{ ID, Title, Address string }
	Operations          []struct {
		ID, Method, Path, Certainty, Reason string
		Sources                             []string
	}
	Account struct{ Login, Password, Code string }
}

func TestVendorsAreListedAsTheyAreDescribed(t *testing.T) {
	server := serve(t)
	vendors := decode[[]vendor](t, get(t, server.URL+"/_sandbox/vendors").body)
	if len(vendors) != 4 || vendors[0].Name != "anomify" || vendors[3].Name != "babel" {
		t.Fatalf("got %v", vendors)
	}
	for _, v := range vendors {
		operations, err := exercise.Operations(v.Name)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		count := map[string]int{"documented": 0, "observed": 0, "inferred": 0}
		for _, op := range operations {
			want[op.ID] = op.Certainty
			count[op.Certainty]++
		}
		for level, n := range count {
			if v.Certainty[level] != n {
				t.Errorf("%s: %d %s, want %d", v.Name, v.Certainty[level], level, n)
			}
		}
		known := map[string]bool{}
		for _, source := range v.Sources {
			known[source.ID] = source.Title != ""
		}
		for _, op := range v.Operations {
			if want[op.ID] != op.Certainty || op.Certainty == "inferred" && op.Reason == "" || len(op.Sources) == 0 || !known[op.Sources[0]] {
				t.Errorf("%s: %+v, want certainty %s", v.Name, op, want[op.ID])
			}
			delete(want, op.ID)
		}
		if len(want) > 0 {
			t.Errorf("%s lacks %v", v.Name, want)
		}
		if v.Account.Login != sandbox.DemoLogin || v.Account.Password != sandbox.DemoPassword {
			t.Errorf("%s: account %v", v.Name, v.Account)
		}
	}
}

// TestDescriptionsLeadToTheStandins compares what the reference gets with the
// description: it differs in the servers and in examples of credentials only.
func TestDescriptionsLeadToTheStandins(t *testing.T) {
	server := serve(t)
	for _, v := range sandbox.Vendors() {
		a := get(t, server.URL+"/_sandbox/specs/"+string(v)+".yaml")
		doc, err := openapi3.NewLoader().LoadFromData([]byte(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Error(err)
		}
		if len(doc.Servers) != 1 || doc.Servers[0].URL != "/"+string(v) {
			t.Errorf("%s: servers %v", v, doc.Servers)
		}
		original, err := specs.FS.ReadFile(string(v) + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		got, want := decodeYAML(t, []byte(a.body)), decodeYAML(t, original)
		delete(got, "servers")
		delete(want, "servers")
		if path := difference(got, want, ""); path != "" {
			t.Errorf("%s differs at %s", v, path)
		}
	}
}

func decodeYAML(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var value map[string]any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// difference returns where two values differ, except for credentials.
func difference(a, b any, at string) string {
	if strings.HasSuffix(at, "/value") {
		return ""
	}
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return at
		}
		for key := range x {
			if found := difference(x[key], y[key], at+"/"+key); found != "" {
				return found
			}
		}
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return at
		}
		for i := range x {
			if found := difference(x[i], y[i], at+"/-"); found != "" {
				return found
			}
		}
	default:
		if a != b {
			return at
		}
	}
	return ""
}

// TestLoginsOfTheReferenceAreAccepted sends the examples of logins that are
// JSON.
func TestLoginsOfTheReferenceAreAccepted(t *testing.T) {
	server := serve(t)
	for vendor, path := range map[string]string{"alertsite": "/login", "misaka": "/v3/session/login", "babel": "/v1/auth/login"} {
		doc, err := openapi3.NewLoader().LoadFromData([]byte(get(t, server.URL+"/_sandbox/specs/"+vendor+".yaml").body))
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range doc.Paths.Value(path).Post.RequestBody.Value.Content["application/json"].Examples {
			body, err := json.Marshal(example.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			before := server.Vendor(sandbox.Vendor(vendor)).Logins()
			a := ask(t, http.MethodPost, server.URL+"/"+vendor+path, string(body), "Content-Type", "application/json")
			if server.Vendor(sandbox.Vendor(vendor)).Logins() != before+1 {
				t.Errorf("%s: the example %s is answered with %d %s", vendor, body, a.status, a.body)
			}
		}
	}
}

func TestOnlyTheVendorsOfTheServer(t *testing.T) {
	server := sandbox.NewUnstarted(sandbox.WithVendors(sandbox.Babel))
	defer server.Close()
	handler := page.Handler(server)
	web := newWeb(t, handler)
	vendors := decode[[]vendor](t, get(t, web+"/_sandbox/vendors").body)
	if len(vendors) != 1 || vendors[0].Name != "babel" {
		t.Errorf("got %v", vendors)
	}
	if a := ask(t, http.MethodPost, web+"/_sandbox/vendors/misaka/revoke", ""); a.status != http.StatusNotFound {
		t.Errorf("status %d", a.status)
	}
}
