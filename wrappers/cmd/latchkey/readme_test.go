//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// TestReadme: the session of the command in the README works as it stands
// there, with another port, and is no longer than 15 lines.
func TestReadme(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("the session cannot be tried: there is no curl")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, session, ok := strings.Cut(string(text), "\n    $ latchkey sandbox")
	session, _, _ = strings.Cut("    $ latchkey sandbox"+session, "\n\n")
	if n := strings.Count(session, "\n") + 1; !ok || n > 15 || n < 10 {
		t.Fatalf("the session has %d lines:\n%s", n, session)
	}
	s := newStage(t)
	s.env = append(s.env, "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
	session = strings.ReplaceAll(session, "http://127.0.0.1:8599/alertsite", s.Vendor(sandbox.AlertSite).URL())
	for command := range strings.SplitSeq(strings.TrimPrefix(session, "    $ "), "\n    $ ") {
		switch {
		case strings.HasPrefix(command, "latchkey sandbox"): // runs already
		case strings.HasPrefix(command, "export "):
			s.env = append(s.env, strings.TrimPrefix(command, "export "))
		case strings.HasPrefix(command, "latchkey login"):
			typeLogin(s, command)
		default:
			cmd := exec.CommandContext(t.Context(), "bash", "-c", strings.ReplaceAll(command, "curl ", "curl -sS --fail "))
			cmd.Env, cmd.Dir = s.env, s.dir
			if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 {
				t.Errorf("%s: %v: %s", command, err, out)
			}
		}
	}
	if sessions := s.Vendor(sandbox.AlertSite).Sessions(); len(sessions) != 1 {
		t.Errorf("%d sessions, want 1", len(sessions))
	}
}

// typeLogin runs a login at a terminal, and types what stands behind the
// prompts.
func typeLogin(s *stage, command string) {
	s.t.Helper()
	line, prompts, _ := strings.Cut(command, "\n")
	line, _, _ = strings.Cut(line, "#")
	x := s.terminal(strings.Fields(line)[1:]...)
	for prompt := range strings.SplitSeq(prompts, "\n") {
		prompt, typed, _ := strings.Cut(strings.TrimSpace(prompt), ": ")
		x.expect(prompt + ": ")
		x.typed(strings.Fields(typed)[0] + "\n")
	}
	x.end().want(s.t, 0, "signed in as")
}
