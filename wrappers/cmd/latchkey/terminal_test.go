//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// A terminal is a run of the command at a terminal.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	mu   sync.Mutex
	text strings.Builder
	done chan struct{} // closed when nothing more comes
}

func (s *stage) terminal(args ...string) *terminal {
	s.t.Helper()
	cmd := s.command(args...)
	tty, err := pty.Start(cmd)
	if err != nil {
		s.t.Fatal(err)
	}
	x := &terminal{t: s.t, cmd: cmd, tty: tty, done: make(chan struct{})}
	s.t.Cleanup(func() { tty.Close() })
	go func() {
		defer close(x.done)
		buffer := make([]byte, 4096)
		for {
			n, err := tty.Read(buffer)
			x.mu.Lock()
			x.text.Write(buffer[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return x
}

func (x *terminal) shown() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.String()
}

// expect waits until a text is shown.
func (x *terminal) expect(text string) {
	x.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(x.shown(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			x.t.Fatalf("%q is not shown, but %q", text, x.shown())
		}
	}
}

func (x *terminal) typed(text string) {
	x.t.Helper()
	if _, err := x.tty.WriteString(text); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the end of the run.
func (x *terminal) end() outcome {
	x.t.Helper()
	_ = x.cmd.Wait()
	select {
	case <-x.done:
	case <-time.After(10 * time.Second):
	}
	return outcome{out: x.shown(), code: x.cmd.ProcessState.ExitCode()}
}

// TestPasswordThatWouldShow: a terminal echoes what is typed for a file.
func TestPasswordThatWouldShow(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.terminal("login", "anomify", "--login", "demo", "--password-file", "-").end().want(t, 2, "leave the file out")
}

func TestPrompts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Vendor(sandbox.Anomify).RequireSecondFactor(true)
	x := s.terminal("login", "anomify")
	x.expect("E-mail: ")
	x.typed(sandbox.DemoLogin + "\n")
	x.expect("Password of " + sandbox.DemoLogin + ": ")
	x.typed(sandbox.DemoPassword + "\n")
	x.expect("Second factor: ")
	x.typed("000000\n")
	x.expect("That code was refused.")
	x.typed(sandbox.DemoCode + "\n")
	got := s.checked(x.end().want(t, 0, "signed in as "+sandbox.DemoLogin), []string{"login"})
	if strings.Contains(got.out, sandbox.DemoCode) {
		t.Errorf("the code is shown: %q", got.out)
	}
	s.run("call", "anomify", "getUserInfo").want(t, 0)
	s.Vendor(sandbox.Anomify).Revoke()
	s.run("call", "anomify", "getUserInfo").want(t, 3, "latchkey login anomify")
}

// TestPromptsOfAll: each vendor asks in its own words, and shows no secret.
func TestPromptsOfAll(t *testing.T) {
	t.Parallel()
	for vendor, asks := range map[sandbox.Vendor][]string{
		sandbox.Anomify: {"E-mail: ", "Second factor: "}, sandbox.AlertSite: {"Login: "},
		sandbox.Misaka: {"E-mail: ", "Code of the authenticator: "}, sandbox.Babel: {"User name: "},
	} {
		t.Run(string(vendor), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.Vendor(vendor).RequireSecondFactor(true)
			x := s.terminal("login", string(vendor))
			x.expect(asks[0])
			x.typed(sandbox.DemoLogin + "\n")
			x.expect("Password of " + sandbox.DemoLogin + ": ")
			x.typed(sandbox.DemoPassword + "\n")
			if len(asks) > 1 {
				x.expect(asks[1])
				x.typed(sandbox.DemoCode + "\n")
			}
			got := s.checked(x.end().want(t, 0, "signed in as "+sandbox.DemoLogin), []string{"login"})
			if strings.Contains(got.out, sandbox.DemoCode) {
				t.Errorf("the code is shown: %q", got.out)
			}
			s.run("header", string(vendor)).want(t, 0, ": ")
		})
	}
}

// TestInterruptedLine: what is said of it stands on a line of its own.
func TestInterruptedLine(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	x := s.terminal("login", "babel")
	x.expect("User name: ")
	x.typed("\x03")
	if got := x.end().want(t, 130); !strings.Contains(got.out, "\nlatchkey: interrupted") && !strings.Contains(got.out, "\n\x1b[31mlatchkey: \x1b[0minterrupted") {
		t.Errorf("it ends with %q", got.out)
	}
}

func TestPromptRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	x := s.terminal("login", "babel", "--login", sandbox.DemoLogin)
	x.expect("Password of")
	x.typed("wrong\n")
	x.end().want(t, 3, "credentials refused")
	x = s.terminal("login", "babel", "--login", sandbox.DemoLogin)
	x.expect("Password of")
	x.typed("\n")
	x.end().want(t, 2, "no password")
	if n := s.Vendor(sandbox.Babel).FailedLogins(); n != 1 {
		t.Errorf("%d attempts, want 1", n)
	}
}

// TestInterruptedPrompt: the terminal shows again what is typed.
func TestInterruptedPrompt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	x := s.terminal("login", "babel", "--login", sandbox.DemoLogin)
	before, err := term.GetState(int(x.tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	x.expect("Password of")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if quiet, err := term.GetState(int(x.tty.Fd())); err != nil || !reflect.DeepEqual(before, quiet) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the password would be shown")
		}
	}
	x.typed("\x03")
	x.end().want(t, 130, "interrupted")
	if n := s.Vendor(sandbox.Babel).Requests(); n != 0 || len(s.files()) != 0 {
		t.Errorf("%d requests, files %v", n, s.files())
	}
}

// TestInterruptedSecondFactor: nothing is left of the login.
func TestInterruptedSecondFactor(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Misaka)
	s.Vendor(sandbox.Misaka).RequireSecondFactor(true)
	x := s.terminal("login", "misaka")
	x.expect("authenticator: ")
	x.typed("\x03")
	x.end().want(t, 130, "interrupted")
	if n := len(s.Vendor(sandbox.Misaka).Sessions()); n != 0 || len(s.files()) != 0 {
		t.Errorf("%d sessions, files %v", n, s.files())
	}
}

// TestColour: there is colour on a terminal, unless NO_COLOR says otherwise.
func TestColour(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	if got := s.terminal("call", "babel", "getLoggedInUser").end().want(t, 0, "secrets are left out"); !strings.Contains(got.out, "\x1b[34m\"userName\"\x1b[0m") {
		t.Errorf("no colour: %q", got.out)
	}
	s.terminal("call", "babel", "nothing").end().want(t, 2, "\x1b[31mlatchkey: \x1b[0m")
	s.env = append(s.env, "NO_COLOR=1")
	if got := s.terminal("vendors").end().want(t, 0, "anomify"); strings.Contains(got.out, "\x1b") {
		t.Errorf("colour: %q", got.out)
	}
	if got := s.run("vendors").want(t, 0); strings.Contains(got.out, "\x1b") {
		t.Errorf("colour in a pipe: %q", got.out)
	}
}
