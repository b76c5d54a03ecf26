package main_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestListings(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	tests := []struct {
		args []string
		code int
		want []string
	}{
		{args: []string{"vendors"}, want: []string{"VENDOR", "anomify", "alertsite", "misaka", "babel", "after 15 minutes without a call"}},
		{args: []string{"ops", "anomify", "--grep", "Watcher"}, want: []string{"createWatcher", "/watcher/create", "inferred"}},
		{args: []string{"ops", "anomify", "--grep", "zzz"}, want: []string{`no operation has "zzz"`}},
		{args: []string{"ops", "anomifi"}, code: 2, want: []string{"did you mean anomify?"}},
		{args: []string{"describe", "babel", "getApiKeys"}, want: []string{"GET /v1/api-keys", "take  integer (int32), in the query", "apiKeys[].key  secret", "Sources", "https://docs.babelfor.net/api/management-api", "latchkey call babel getApiKeys"}},
		{args: []string{"describe", "anomify", "getEventSender"}, want: []string{"inferred: only the path is documented"}},
		{args: []string{"describe", "babel", "getApiKey"}, code: 2, want: []string{"did you mean getApiKeys?"}},
		{args: []string{"describe", "babel"}, code: 2, want: []string{"describe VENDOR OPERATION"}},
		{args: []string{"status"}, want: []string{"anomify", "not signed in"}},
		{args: []string{"version"}, want: []string{"latchkey 0."}},
		{args: []string{"--help"}, want: []string{"Exit codes:", "130"}},
		{args: []string{"stats"}, code: 2, want: []string{"status"}},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			s.run(tt.args...).want(t, tt.code, tt.want...)
		})
	}
}

func TestListingsAsJSON(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	s.run("login", "babel").want(t, 0)
	for _, args := range [][]string{{"vendors"}, {"ops", "misaka"}, {"describe", "misaka", "login"}, {"status"}, {"status", "babel"}, {"version"}} {
		got := s.run(append(args, "--json")...).want(t, 0)
		var value any
		if err := json.Unmarshal([]byte(got.out), &value); err != nil {
			t.Errorf("%v: %v: %s", args, err, got.out)
		}
		if list, ok := value.([]any); ok && len(list) == 0 {
			t.Errorf("%v: nothing is listed", args)
		}
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	got := newStage(t).run("demo").want(t, 0, "RESULT")
	if n := strings.Count(got.out, "  ok\n"); n != 4 {
		t.Errorf("%d vendors are well:\n%s", n, got.out)
	}
}

// TestDemoAsJSON: the listing is data, too.
func TestDemoAsJSON(t *testing.T) {
	t.Parallel()
	got := newStage(t).run("demo", "--json").want(t, 0)
	var lines []struct {
		Vendor, Result     string
		Operations, Logins int
	}
	if err := json.Unmarshal([]byte(got.out), &lines); err != nil || len(lines) != 4 {
		t.Fatalf("%v: %s", err, got.out)
	}
	for _, l := range lines {
		if l.Vendor == "" || l.Result != "ok" || l.Operations == 0 || l.Logins == 0 {
			t.Errorf("%+v", l)
		}
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	tests := []struct {
		words []string
		want  []string
	}{
		{[]string{"call", ""}, []string{"anomify", "alertsite", "misaka", "babel"}},
		{[]string{"describe", "babel", "getL"}, []string{"getLoggedInUser", "getLicenses", "getLog"}},
		{[]string{"call", "babel", "getLicenses", ""}, []string{"select=", "filter=", "sort=", "take=", "skip="}},
		{[]string{"call", "babel", "getLicenses", "take=1", "s"}, []string{"select=", "sort=", "skip="}},
		{[]string{"call", "babel", "insertApiKey", "apiKey.rev"}, []string{"apiKey.revoked="}},
		{[]string{"call", "babel", "insertApiKey", "apiKey.revoked="}, []string{"apiKey.revoked=true", "apiKey.revoked=false"}},
		{[]string{"call", "babel", "getLicenses", "-o", ""}, []string{"json", "yaml", "table", "raw"}},
		{[]string{"login", "babel", "--store", ""}, []string{"auto", "keyring", "file", "memory"}},
		{[]string{"help", "log"}, []string{"login", "logout"}},
	}
	for _, tt := range tests {
		got := s.run(append([]string{"__complete"}, tt.words...)...).want(t, 0)
		var names []string
		for line := range strings.Lines(got.out) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			if name != "" && !strings.HasPrefix(name, ":") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		want := slices.Sorted(slices.Values(tt.want))
		if !slices.Equal(names, want) {
			t.Errorf("%v: got %v, want %v", tt.words, names, want)
		}
	}
	for _, words := range [][]string{{"vendors", ""}, {"demo", ""}, {"sandbox", "--listen", ""}, {"ops", "babel", "--grep", ""}} { // no files
		s.run(append([]string{"__complete"}, words...)...).want(t, 0, ":4\n")
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		s.run("completion", shell).want(t, 0, "latchkey")
	}
}
