package sandbox_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestAlertSiteLogin(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.AlertSite)
	tests := []struct {
		name, body            string
		status, message, id   string
		logins, failed, total int
	}{
		{
			name: "right", body: `{"login": "demo@example.com", "password": "sandbox-password-1"}`,
			status: "0", message: "No errors.", logins: 1, total: 1,
		},
		{
			name: "wrong password", body: `{"login": "demo@example.com", "password": "passw0rd"}`,
			status: "40", message: "Invalid login information.", failed: 1, total: 1,
		},
		{
			name: "wrong login", body: `{"login": "nobody@example.com", "password": "sandbox-password-1"}`,
			status: "40", message: "Invalid login information.", failed: 1, total: 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st.ResetCounts()
			r := f.do(http.MethodPost, f.URL+"/alertsite/login", tt.body, "Content-Type", asJSON)
			want(t, "HTTP status", r.status, http.StatusOK)
			want(t, "metadata.status", r.at("metadata.status"), tt.status)
			want(t, "metadata.message", r.at("metadata.message"), tt.message)
			want(t, "length of the session id", len(r.at("metadata.session")), 16*tt.logins)
			want(t, "logins", st.Logins(), tt.logins)
			want(t, "failed logins", st.FailedLogins(), tt.failed)
			want(t, "count", st.Count("login"), tt.total)
		})
	}
}

func TestAlertSiteCredentialForms(t *testing.T) {
	f := start(t)
	session := f.loginAlertSite()
	joined := "demo@example.com:" + session
	bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	tests := []struct {
		name, query string
		header      []string
		ok          bool
	}{
		{name: "bearer", header: bearer(base64.StdEncoding.EncodeToString([]byte(joined))), ok: true},
		{name: "lower-case scheme", header: []string{"Authorization", "bearer " + base64.StdEncoding.EncodeToString([]byte(joined))}, ok: true},
		{name: "query", query: "?login=demo%40example.com&session=" + session, ok: true},
		{name: "nothing"},
		{name: "login only", query: "?login=demo%40example.com"},
		{name: "session only", query: "?session=" + session},
		{name: "another login", query: "?login=other%40example.com&session=" + session},
		{name: "without padding", header: bearer(base64.RawStdEncoding.EncodeToString([]byte(joined + " ")))},
		{name: "not encoded", header: bearer(joined)},
		{name: "the plain id", header: bearer(session)},
		{name: "basic", header: []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(joined))}},
		{name: "no scheme", header: []string{"Authorization", base64.StdEncoding.EncodeToString([]byte(joined))}},
		{name: "reversed", header: bearer(base64.StdEncoding.EncodeToString([]byte(session + ":demo@example.com")))},
		{name: "bad header over good query", header: bearer("x"), query: "?login=demo%40example.com&session=" + session},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := f.do(http.MethodGet, f.URL+"/alertsite/locations"+tt.query, "", tt.header...)
			want(t, "HTTP status", r.status, http.StatusOK)
			want(t, "accepted", r.at("metadata.status") == "0", tt.ok)
			if !tt.ok {
				want(t, "metadata.status", r.at("metadata.status"), "20")
			} else {
				want(t, "session", r.at("metadata.session"), session)
			}
		})
	}
}

func TestAlertSiteSessionExpires15MinutesAfterItsLastUse(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.AlertSite)
	for range 5 {
		f.Clock().Advance(14*time.Minute + 50*time.Second)
		want(t, "alive within 15 minutes of its last use", f.alive(sandbox.AlertSite, header), true)
	}
	f.Clock().Advance(15 * time.Minute)
	want(t, "alive after 15 minutes", f.alive(sandbox.AlertSite, header), false)
	f.Clock().Advance(-time.Minute)
	want(t, "alive again", f.alive(sandbox.AlertSite, header), false)
}

func TestAlertSiteDeadSessionIsSettable(t *testing.T) {
	f := start(t)
	f.Vendor(sandbox.AlertSite).SetDeadSession("30", "Session failure.")
	r := f.do(http.MethodGet, f.URL+"/alertsite/locations", "")
	want(t, "metadata.status", r.at("metadata.status"), "30")
	want(t, "metadata.message", r.at("metadata.message"), "Session failure.")
}

// monitors asks for monitors and returns them by id.
func (f *fixture) monitors(header []string, query string) map[string]map[string]any {
	f.t.Helper()
	r := f.do(http.MethodGet, f.URL+"/alertsite/devices"+query, "", header...)
	var answer struct{ Results []map[string]any }
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil || answer.Results == nil {
		f.t.Fatalf("%s: %v", r.body, err)
	}
	byID := make(map[string]map[string]any)
	for _, monitor := range answer.Results {
		byID[monitor["id"].(string)] = monitor
	}
	return byID
}

func ids(monitors map[string]map[string]any) string {
	data, _ := json.Marshal(append([]string{}, slices.Sorted(maps.Keys(monitors))...))
	return string(data)
}

func TestAlertSiteMonitorsAreFiltered(t *testing.T) {
	f := start(t)
	header := f.signIn(sandbox.AlertSite)
	for query, expected := range map[string]string{
		"":                                    `["1234","5678"]`,
		"?id=1234":                            `["1234"]`,
		"?id=5678,1234":                       `["1234","5678"]`,
		"?id=99":                              `[]`,
		"?site_type=dejaclick,soapui":         `["5678"]`,
		"?site_type=soapui&show_scripts=1":    `[]`,
		"?id=1234&site_type=dejaclick":        `[]`,
		"?id=1234,5678&site_type=dejaclick":   `["5678"]`,
		"?show_scripts=1&site_type=dejaclick": `["5678"]`,
	} {
		want(t, query, ids(f.monitors(header, query)), expected)
	}
	_, shown := f.monitors(header, "?id=5678&show_scripts=1")["5678"]["script"]
	want(t, "script with show_scripts", shown, true)
	_, shown = f.monitors(header, "?id=5678")["5678"]["script"]
	want(t, "script without show_scripts", shown, false)
}

func TestAlertSiteMonitorsAreKept(t *testing.T) {
	f := start(t)
	header := append(f.signIn(sandbox.AlertSite), "Content-Type", asJSON)
	send := func(method, path, body, status string) {
		t.Helper()
		r := f.do(method, f.URL+"/alertsite"+path, body, header...)
		want(t, method+" "+path, r.at("metadata.status"), status)
		want(t, "results", r.at("results"), "")
	}

	send(http.MethodPost, "/devices", `{"billing_plancode": "UBM - A/A", "site_type": "website-ssl", "interval": 5,
		"name": "New", "url": "https://new.example.com", "home_location": 20, "locations": [{"id": 20}, {"id": "10"}]}`, "0")
	added := f.monitors(header, "")["5679"]
	want(t, "name", added["name"], any("New"))
	want(t, "interval", added["interval"], any("5"))
	want(t, "home_location", added["home_location"], any("20"))
	locations, _ := json.Marshal(added["locations"])
	want(t, "locations", string(locations), `[{"id":"20","name":"Atlanta, GA"},{"id":"10","name":"Fort Lauderdale, FL"}]`)

	send(http.MethodPatch, "/devices/5679", `{"enabled": "n", "locations": [{"id": 30}]}`, "0")
	edited := f.monitors(header, "?id=5679")["5679"]
	want(t, "enabled", edited["enabled"], any("n"))
	want(t, "interval, which was not sent", edited["interval"], any("5"))
	locations, _ = json.Marshal(edited["locations"])
	want(t, "locations", string(locations), `[{"id":"30","name":"Fremont, CA"}]`)

	send(http.MethodDelete, "/devices/5679", "", "0")
	want(t, "monitors", ids(f.monitors(header, "")), `["1234","5678"]`)
	send(http.MethodDelete, "/devices/5679", "", "65")
	send(http.MethodPatch, "/devices/5679", `{"enabled": "y"}`, "65")

	send(http.MethodPost, "/devices", `{"billing_plancode": "UBM - A/A", "site_type": "ping", "interval": "15", "name": "Next"}`, "0")
	next := f.monitors(header, "?site_type=ping")["5680"]
	locations, _ = json.Marshal(next["locations"])
	want(t, "default locations", string(locations), `[{"id":"20","name":"Atlanta, GA"}]`)
}

func TestAlertSiteStateIsPerServer(t *testing.T) {
	one, two := start(t), start(t)
	one.do(http.MethodDelete, one.URL+"/alertsite/devices/1234", "", one.signIn(sandbox.AlertSite)...)
	want(t, "monitors of the other", ids(two.monitors(two.signIn(sandbox.AlertSite), "")), `["1234","5678"]`)
}
