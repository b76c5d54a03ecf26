package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// binary is the command, built once.
var binary string

func TestMain(m *testing.M) {
	code, err := build(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func build(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "latchkey-test-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "latchkey")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	args := []string{"build", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// A stage is a sandbox and a home directory for runs of the command.
type stage struct {
	*sandbox.Server
	t   *testing.T
	dir string
	env []string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	server := sandbox.New()
	t.Cleanup(server.Close)
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &stage{Server: server, t: t, dir: dir}
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "TERM=xterm", "TMPDIR=" + os.Getenv("TMPDIR"),
		"GORACE=atexit_sleep_ms=0",
		"LATCHKEY_STORE_DIR=" + filepath.Join(dir, "latchkey"),
	}
	for _, v := range sandbox.Vendors() {
		s.env = append(s.env, strings.ToUpper(string(v))+"_BASE_URL="+server.Vendor(v).URL())
	}
	t.Cleanup(func() { // no request that the description does not allow
		for _, v := range sandbox.Vendors() {
			for _, bug := range server.Vendor(v).Mistakes() {
				t.Errorf("%s: %s", v, bug)
			}
		}
	})
	return s
}

// signsIn puts the credentials of vendors into the environment.
func (s *stage) signsIn(list ...sandbox.Vendor) *stage {
	name := map[sandbox.Vendor]string{sandbox.Anomify: "EMAIL", sandbox.AlertSite: "LOGIN", sandbox.Misaka: "EMAIL", sandbox.Babel: "USERNAME"}
	for _, v := range list {
		prefix := strings.ToUpper(string(v)) + "_"
		s.env = append(s.env, prefix+name[v]+"="+sandbox.DemoLogin, prefix+"PASSWORD="+sandbox.DemoPassword)
	}
	return s
}

// file writes a file and returns its name.
func (s *stage) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// files returns the names of all files that the command keeps, besides locks.
func (s *stage) files() []string {
	s.t.Helper()
	var names []string
	err := filepath.WalkDir(filepath.Join(s.dir, "latchkey"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) != ".lock" {
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return names
}

// An outcome is what became of a run.
type outcome struct {
	out, err string
	code     int
}

// command returns a run that is not started.
func (s *stage) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	s.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	return cmd
}

// run runs the command.
func (s *stage) run(args ...string) outcome { return s.pipe("", args...) }

// pipe runs the command with something on standard input.
func (s *stage) pipe(input string, args ...string) outcome {
	s.t.Helper()
	cmd := s.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return s.checked(outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, args)
}

// checked looks for secrets in what a run printed.
func (s *stage) checked(o outcome, args []string) outcome {
	s.t.Helper()
	if strings.Contains(o.out+o.err, sandbox.DemoPassword) && args[0] != "sandbox" {
		s.t.Errorf("latchkey %v printed the password:\n%s%s", args, o.out, o.err)
	}
	return o
}

// want checks the exit code and what is printed: texts that must be in either
// output.
func (o outcome) want(t *testing.T, code int, texts ...string) outcome {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d; it printed\n%s%s", o.code, code, o.out, o.err)
	}
	for _, text := range texts {
		if !strings.Contains(o.out+o.err, text) {
			t.Errorf("not printed: %q; it printed\n%s%s", text, o.out, o.err)
		}
	}
	return o
}
