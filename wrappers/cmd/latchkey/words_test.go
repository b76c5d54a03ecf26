package main_test

import (
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// TestSlips: a word that does not exist is answered with the nearest that does,
// in one line, and with where to read on.
func TestSlips(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, tt := range []struct{ args, want string }{
		{"lgin babel", `latchkey: there is no command "lgin"; did you mean login?`},
		{"help lgin", `latchkey: there is no command "lgin"; did you mean login?`},
		{"vendors --jsn", "latchkey: there is no flag --jsn; did you mean --json?"},
		{"vendors extra", "latchkey: vendors takes no arguments"},
		{"ops anomfy", `latchkey: there is no vendor "anomfy"; did you mean anomify?`},
		{"ops", "latchkey: ops takes one vendor: anomify, alertsite, misaka, babel"},
		{"describe babel getLicences", `latchkey: babel has no operation "getLicences"; did you mean getLicenses?`},
		{"call babel getLicenses tak=1", `latchkey: getLicenses: there is no parameter "tak"; did you mean take?`},
		{"call babel", "latchkey: call takes a vendor, an operation and arguments"},
		{"status --timeout -1s", "latchkey: --timeout must not be negative"},
		{"login babel --password=" + sandbox.DemoPassword, "latchkey: there is no flag --password; did you mean --password-file?"},
	} {
		got := s.run(strings.Fields(tt.args)...).want(t, 2)
		if first, _, _ := strings.Cut(got.err, "\n"); !strings.HasPrefix(first, tt.want) || got.out != "" {
			t.Errorf("%s: got %q and %q, want %q", tt.args, first, got.out, tt.want)
		}
	}
	s.run("vendors", "--jsn").want(t, 2, "Run latchkey vendors --help")
	s.run("nothing").want(t, 2, "Run latchkey --help")
}

// TestOneDash: names of flags may stand behind one dash.
func TestOneDash(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	want := s.run("ops", "anomify", "--grep", "metric").want(t, 0, "lookupAnomaly").out
	for _, args := range [][]string{{"ops", "anomify", "-grep", "metric"}, {"ops", "anomify", "-grep=metric"}, {"ops", "-grep", "metric", "anomify"}} {
		if got := s.run(args...).want(t, 0).out; got != want {
			t.Errorf("%v: got %s, want %s", args, got, want)
		}
	}
	s.run("ops", "anomify", "--grep", "-json").want(t, 0, `no operation has "-json"`)
	s.run("call", "babel", "getLicenses", "-oyaml").want(t, 0, "code: 0\n")
	s.run("call", "babel", "getLicenses", "-output", "yaml", "-v").want(t, 0, "code: 0\n", "session.adopt")
	s.run("call", "babel", "getLicenses", "--", "-json").want(t, 2, "NAME=VALUE")
}

// TestHelpOfAll: whatever the command, its help begins with its purpose in one
// line and has an example.
func TestHelpOfAll(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	commands := []string{
		"", "vendors", "ops", "describe", "login", "status", "logout", "header", "call", "sandbox", "demo", "version", "help",
		"completion", "completion bash", "completion zsh", "completion fish", "completion powershell",
	}
	for _, name := range commands {
		got := s.run(append(strings.Fields(name), "--help")...).want(t, 0, "\nExamples:\n  ", "latchkey "+name)
		first, rest, _ := strings.Cut(got.out, "\n")
		if !strings.HasSuffix(first, ".") || len(first) > 100 || !strings.HasPrefix(rest, "\n") {
			t.Errorf("latchkey %s --help begins with %q", name, first)
		}
	}
}
