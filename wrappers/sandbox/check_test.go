package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestBadRequestsAreNamed(t *testing.T) {
	f := start(t)
	f.bugs = true
	key := []string{"Authorization", "Bearer x"}
	tests := []struct {
		name         string
		vendor       sandbox.Vendor
		method, path string
		contentType  string
		body         string
		want         string // after "sandbox: "
	}{
		{
			name: "member missing", vendor: sandbox.AlertSite, method: http.MethodPost, path: "/login", contentType: asJSON,
			body: `{"login": "demo@example.com"}`, want: `alertsite login (POST /login): body: /password: property "password" is missing`,
		},
		{
			name: "two faults", vendor: sandbox.AlertSite, method: http.MethodPost, path: "/login", contentType: asJSON,
			body: `{"login": 1, "password": 2}`,
			want: `alertsite login (POST /login): body: /login: value must be a string; body: /password: value must be a string`,
		},
		{
			name: "secret too short", vendor: sandbox.Misaka, method: http.MethodPost, path: "/v3/session/login", contentType: asJSON,
			body: `{"password": "s3cr"}`, want: `misaka login (POST /v3/session/login): body: /password: minimum string length is 6`,
		},
		{
			name: "no JSON", vendor: sandbox.Babel, method: http.MethodPost, path: "/v1/auth/login", contentType: asJSON,
			body: `{"password": s3cr3t}`, want: "babel login (POST /v1/auth/login): body: cannot be read as what the description says",
		},
		{
			name: "no body", vendor: sandbox.AlertSite, method: http.MethodPost, path: "/login", contentType: asJSON,
			want: "alertsite login (POST /login): body: required but missing",
		},
		{
			name: "another type", vendor: sandbox.AlertSite, method: http.MethodPost, path: "/login", contentType: asForm,
			body: "login=demo%40example.com&password=s3cr3t",
			want: `alertsite login (POST /login): body: header Content-Type has unexpected value "application/x-www-form-urlencoded"`,
		},
		{
			name: "form field missing", vendor: sandbox.Anomify, method: http.MethodPost, path: "/login", contentType: asForm,
			body: "email=demo%40example.com", want: `anomify login (POST /login): body: /password: property "password" is missing`,
		},
		{
			name: "body where there is none", vendor: sandbox.AlertSite, method: http.MethodDelete, path: "/devices/1", contentType: asJSON,
			body: "{}", want: "alertsite deleteMonitor (DELETE /devices/{id}): body: the description has none",
		},
		{
			name: "path parameter", vendor: sandbox.AlertSite, method: http.MethodDelete, path: "/devices/one",
			want: `alertsite deleteMonitor (DELETE /devices/{id}): parameter "id" in path: is no integer`,
		},
		{
			name: "query parameter", vendor: sandbox.AlertSite, method: http.MethodGet, path: "/devices?site_type=toaster,website",
			want: `alertsite getMonitors (GET /devices): parameter "site_type" in query: /0: value is not one of the allowed values`,
		},
		{
			name: "unknown query parameter", vendor: sandbox.AlertSite, method: http.MethodGet, path: "/devices?colour=s3cr3t",
			want: `alertsite getMonitors (GET /devices): parameter "colour" in query: not in the description`,
		},
		{
			name: "required query parameter", vendor: sandbox.Anomify, method: http.MethodGet, path: "/anomaly/lookup",
			want: "anomify lookupAnomaly (GET /anomaly/lookup): parameter ",
		},
		{
			name: "member of a member", vendor: sandbox.AlertSite, method: http.MethodPatch, path: "/devices/1", contentType: asJSON,
			body: `{"locations": [{"id": "s3cr3t"}]}`, want: "alertsite editMonitor (PATCH /devices/{id}): body: /locations/0/id: ",
		},
		{
			name: "too large", vendor: sandbox.AlertSite, method: http.MethodPatch, path: "/devices/1", contentType: asJSON,
			body: `{"script": "` + strings.Repeat("s3cr3t", sandbox.MaxBody/6) + `"}`,
			want: "alertsite editMonitor (PATCH /devices/{id}): body: larger than 1 MiB",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := f.Vendor(tt.vendor)
			st.ResetCounts()
			header := key
			if tt.contentType != "" {
				header = append(key[:2:2], "Content-Type", tt.contentType)
			}
			r := f.do(tt.method, st.URL()+tt.path, tt.body, header...)
			want(t, "status", r.status, sandbox.StatusClientBug)
			text := r.at(explanation(tt.vendor))
			if !strings.HasPrefix(text, "sandbox: "+tt.want) || !strings.HasSuffix(r.body, "}\n") {
				t.Errorf("got  %swant sandbox: %s", r.body, tt.want)
			}
			if strings.Contains(r.body, "s3cr") {
				t.Errorf("the text holds a value: %s", r.body)
			}
			if mistakes := st.Mistakes(); len(mistakes) != 1 || mistakes[0] != text {
				t.Errorf("Mistakes: %q", mistakes)
			}
			want(t, "failed logins", st.FailedLogins(), 0)
		})
	}
}

// explanation is where a vendor explains a failure, by its description.
func explanation(v sandbox.Vendor) (path string) {
	return map[sandbox.Vendor]string{
		sandbox.Anomify:   "data.message",
		sandbox.AlertSite: "metadata.message",
		sandbox.Misaka:    "detail",
		sandbox.Babel:     "message",
	}[v]
}

func TestUnknownPathsAndMethods(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		f.bugs = true
		for path, status := range map[string]int{
			"/nowhere":               http.StatusNotFound,
			probe(st.Name()) + "/":   http.StatusNotFound,
			"/%zz":                   0, // no URL
			"":                       http.StatusNotFound,
			"/" + "x//y":             http.StatusNotFound,
			probe(st.Name()) + "/..": http.StatusNotFound,
		} {
			if status != 0 {
				want(t, path, f.do(http.MethodGet, st.URL()+path, "").status, status)
			}
		}
		want(t, "another method", f.do(http.MethodTrace, st.URL()+probe(st.Name()), "").status, http.StatusMethodNotAllowed)
		want(t, "number of texts", len(st.Mistakes()), 6)
		want(t, "requests", st.Requests(), 6)
	})
}

func TestLoginByGetFails(t *testing.T) { // which is documented for Anomify
	f := start(t)
	f.bugs = true
	want(t, "status", f.do(http.MethodGet, f.URL+"/anomify/login", "").status, http.StatusMethodNotAllowed)
}

func TestPathParametersAreUnescaped(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.Anomify)
	for _, name := range []string{"a.b-c", "a%2Fb", "a%20%22b%22", "%7Bx%7D", "%C3%A9"} {
		r := f.do(http.MethodGet, f.URL+"/anomify/metric/"+name, "", header...)
		want(t, name, r.status, http.StatusOK)
	}
	want(t, "count", f.Vendor(sandbox.Anomify).Count("getMetric"), 5)
	f.do(http.MethodGet, f.URL+"/anomify/anomaly/lookup?metric=a&timestamp=1", "", header...)
	f.Vendor(sandbox.Anomify).ResetCounts() // whatever lookupAnomaly requires
	want(t, "count of the parameter beside a fixed path", f.Vendor(sandbox.Anomify).Count("getAnomaly"), 0)
}

func TestExamplesCanBeChosen(t *testing.T) {
	f := start(t)
	r := f.do(http.MethodPost, f.URL+"/anomify/login", "email=demo%40example.com&password=x",
		"Content-Type", asForm, sandbox.HeaderExample, "secondFactor")
	want(t, "status", r.status, http.StatusOK)
	want(t, "data.two_factor_auth_required", r.at("data.two_factor_auth_required"), "true")
	want(t, "failed logins, which choosing does not count", f.Vendor(sandbox.Anomify).FailedLogins(), 0)

	header := f.signIn(sandbox.AlertSite)
	r = f.do(http.MethodDelete, f.URL+"/alertsite/devices/1234", "", append(header, sandbox.HeaderExample, "invalidDevice")...)
	want(t, "metadata.status", r.at("metadata.status"), "65")
	want(t, "monitors, which are as before", ids(f.monitors(header, "")), `["1234","5678"]`)
	r = f.do(http.MethodGet, f.URL+"/alertsite/locations", "", sandbox.HeaderExample, "locations")
	want(t, "metadata.status without a session", r.at("metadata.status"), "20")

	r = f.do(http.MethodGet, f.URL+"/misaka/v3/devices", "", append(f.signIn(sandbox.Misaka), sandbox.HeaderExample, "tokenNotValid")...)
	want(t, "status of the example of a failure", r.status, http.StatusUnauthorized)
	r = f.do(http.MethodGet, f.URL+"/misaka/v3/devices", "", append(f.signIn(sandbox.Misaka), sandbox.HeaderExample, "refused")...)
	want(t, "status of the example of any other failure", r.status, http.StatusBadRequest)

	f.bugs = true
	r = f.do(http.MethodGet, f.URL+"/misaka/v3/devices", "", append(f.signIn(sandbox.Misaka), sandbox.HeaderExample, "nosuch")...)
	want(t, "status of no example", r.status, sandbox.StatusClientBug)
	want(t, "texts", len(f.Vendor(sandbox.Misaka).Mistakes()), 1)
}
