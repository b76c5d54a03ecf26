//go:build unix

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// TestParallelRuns: twenty at once sign in once, with and without a session to
// begin with.
func TestParallelRuns(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"call", "babel", "getLoggedInUser"}, {"login", "babel"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			s := newStage(t).signsIn(sandbox.Babel)
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() { s.run(args...).want(t, 0) })
			}
			all.Wait()
			if n := s.Vendor(sandbox.Babel).Logins(); n != 1 {
				t.Errorf("%d logins, want 1", n)
			}
			if files := s.files(); len(files) > 2 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

// TestParallelExpiry: twenty at once replace a session that is over once.
func TestParallelExpiry(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Misaka)
	s.run("login", "misaka").want(t, 0)
	s.Clock().Advance(6 * time.Minute)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { s.run("call", "misaka", "listDevices").want(t, 0) })
	}
	all.Wait()
	if logins, refreshes := s.Vendor(sandbox.Misaka).Logins(), s.Vendor(sandbox.Misaka).Refreshes(); logins != 1 || refreshes != 1 {
		t.Errorf("%d logins and %d refreshes, want 1 and 1", logins, refreshes)
	}
}

// TestInterruptedLogin: the session that the vendor opened meanwhile is ended,
// and nothing is kept of it.
func TestInterruptedLogin(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"login", "babel"}, {"call", "babel", "getLoggedInUser", "--store", "memory"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			s := newStage(t).signsIn(sandbox.Babel)
			vendor := s.Vendor(sandbox.Babel)
			vendor.Fault(sandbox.Fault{Operation: "login", Times: 1, Delay: 1500 * time.Millisecond, DelayAfterEffect: true})
			cmd := s.command(args...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, func() bool { return vendor.Logins() == 1 })
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			outcome{err: stderr.String(), code: cmd.ProcessState.ExitCode()}.want(t, 130, "interrupted")
			if sessions := vendor.Sessions(); len(sessions) != 1 || sessions[0].State != sandbox.LoggedOut {
				t.Errorf("sessions: %+v", sessions)
			}
			if files := s.files(); len(files) != 0 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

// TestInterruptedCall: the session stays for later, and is not half written.
func TestInterruptedCall(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	vendor := s.Vendor(sandbox.Babel)
	vendor.Fault(sandbox.Fault{Operation: "getLoggedInUser", Times: 1, Delay: 20 * time.Second})
	cmd := s.command("call", "babel", "getLoggedInUser")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return vendor.Count("getLoggedInUser") == 1 })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	if n := vendor.Logins(); n != 1 {
		t.Errorf("%d logins, want 1", n)
	}
}

// TestProcessList: no secret is among the arguments of any process that the
// command starts.
func TestProcessList(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("no /proc to look at")
	}
	s := newStage(t)
	script := s.file("helper.sh", "#!/bin/sh\nsleep 0.5\necho username="+sandbox.DemoLogin+"\necho password="+sandbox.DemoPassword+"\n")
	s.Vendor(sandbox.Babel).Fault(sandbox.Fault{Operation: "login", Times: 1, Delay: 500 * time.Millisecond})
	cmd := s.command("login", "babel", "--login", sandbox.DemoLogin, "--helper", script)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	seen := map[string]bool{}
	for running := true; running; time.Sleep(20 * time.Millisecond) {
		select {
		case <-ended:
			running = false
		default:
		}
		for _, line := range commandLines() {
			if strings.Contains(line, s.dir) {
				seen[line] = true
			}
		}
	}
	if len(seen) < 2 {
		t.Errorf("seen %v, want the command and its helper", seen)
	}
	for line := range seen {
		if strings.Contains(line, sandbox.DemoPassword) {
			t.Errorf("the password stands in %q", line)
		}
	}
	for _, file := range s.files() {
		if data, err := os.ReadFile(file); err != nil || strings.Contains(string(data), sandbox.DemoPassword) {
			t.Errorf("the password stands in %s, %v", file, err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
}

func commandLines() []string {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	var lines []string
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			lines = append(lines, strings.ReplaceAll(string(data), "\x00", " "))
		}
	}
	return lines
}

// TestSandboxCommand: what it prints lets the command talk to it.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cmd := s.command("sandbox", "--listen", "127.0.0.1:0", "--second-factor")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(text.String(), "# then") {
		n, err := out.Read(buffer)
		text.Write(buffer[:n])
		if err != nil {
			t.Fatalf("%v after %q", err, text.String())
		}
	}
	for _, v := range []sandbox.Vendor{sandbox.Anomify, sandbox.Misaka, sandbox.Babel} {
		name := map[sandbox.Vendor]string{sandbox.Anomify: "ORGANIZATION_TOKEN", sandbox.Misaka: "API_TOKEN", sandbox.Babel: "API_KEY"}[v]
		if key := strings.ToUpper(string(v)) + "_" + name + "=" + s.Vendor(v).Account().APIKey; !strings.Contains(text.String(), key) {
			t.Errorf("it does not print %s:\n%s", key, text.String())
		}
	}
	for line := range strings.Lines(text.String()) {
		if words, ok := strings.CutPrefix(line, "export "); ok {
			words, _, _ = strings.Cut(words, "#")
			s.env = append(s.env, strings.Fields(words)...)
		}
	}
	_, url, _ := strings.Cut(text.String(), "http://")
	url, _, _ = strings.Cut(url, " ")
	resp, err := http.Get("http://" + url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/html") {
		t.Errorf("the page has status %d and type %s", resp.StatusCode, kind)
	}
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	s.run("login", "misaka").want(t, 3, "second factor wanted")
	if !strings.Contains(text.String(), "second factor "+sandbox.DemoCode) {
		t.Errorf("it printed %s", text.String())
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	s.run("sandbox", "--listen", "127.0.0.1:99999").want(t, 2, "--listen")
}

// TestSandboxAddresses: it listens to this machine unless it is told otherwise,
// and what it prints leads to it.
func TestSandboxAddresses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	if got := s.run("sandbox", "--help").want(t, 0).out; !strings.Contains(got, `(default "127.0.0.1:8599")`) {
		t.Errorf("another default: %s", got)
	}
	for _, listen := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		cmd := s.command("sandbox", "--json", "--listen", listen)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var told struct{ URL string }
		if err := json.NewDecoder(out).Decode(&told); err != nil {
			t.Fatal(err)
		}
		s.run("call", "babel", "login", "username="+sandbox.DemoLogin, "password=@"+s.file("password", sandbox.DemoPassword),
			"--base-url", told.URL+"/babel").want(t, 0, `"success": true`)
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if warned := strings.Contains(stderr.String(), "other machines can reach"); warned != (listen == "0.0.0.0:0") {
			t.Errorf("%s: it says %q", listen, stderr.String())
		}
	}
}

// TestHelpExamples: the examples in the help work as they stand there, with the
// files and programs that they speak of. That of the sandbox, which does not
// end, has a test of its own.
func TestHelpExamples(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the examples cannot be tried: there is no %s", tool)
		}
	}
	s := newStage(t).signsIn(sandbox.Vendors()...)
	s.env = append(s.env, "PATH="+s.dir+":"+filepath.Dir(binary)+":"+os.Getenv("PATH"))
	s.file(".misaka", sandbox.DemoPassword+"\n")
	s.file(".misaka-totp", "JBSWY3DPEHPK3PXP\n")
	s.file(".git-credentials", strings.Replace(s.URL, "://", "://"+url.UserPassword(sandbox.DemoLogin, sandbox.DemoPassword).String()+"@", 1)+"\n")
	s.file("pass", "#!/bin/sh\necho "+sandbox.DemoPassword+"\n")
	s.run("login", "babel").want(t, 0)
	for _, name := range []string{"", "vendors", "ops", "describe", "login", "header", "call", "status", "logout", "demo", "version", "help"} {
		help := s.run(append(strings.Fields(name), "--help")...).want(t, 0).out
		_, examples, _ := strings.Cut(help, "Examples:\n")
		examples, _, _ = strings.Cut(examples, "\n\n")
		if !strings.Contains(examples, "latchkey "+name) {
			t.Errorf("%s has no example", name)
		}
		for line := range strings.Lines(examples) {
			if strings.Contains(line, "latchkey sandbox") {
				continue
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-o", "pipefail", "-c", strings.ReplaceAll(line, "curl ", "curl -sS --fail "))
			cmd.Env, cmd.Dir = s.env, s.dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", strings.TrimSpace(line), err, out)
			}
		}
	}
}

// until waits until something has come about.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(fmt.Errorf("waited in vain"))
		}
	}
}
