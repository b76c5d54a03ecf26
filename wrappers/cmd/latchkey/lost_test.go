//go:build unix

package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// TestFullDisk: output that cannot be written is a failure of this machine,
// whatever the command.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full to write to")
	}
	s := newStage(t).signsIn(sandbox.Babel, sandbox.Anomify)
	for _, args := range [][]string{
		{"vendors"}, {"vendors", "--json"}, {"ops", "babel"}, {"describe", "babel", "getLicenses"}, {"status"}, {"version"}, {"--help"},
		{"call", "--help"}, {"header", "babel"}, {"call", "babel", "getLicenses"}, {"call", "babel", "getLicenses", "-o", "table"},
		{"call", "anomify", "getMetricGraph", "metric_name=cpu"}, {"completion", "bash"},
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		cmd := s.command(args...)
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &stderr
		_ = cmd.Run()
		full.Close()
		got := outcome{err: stderr.String(), code: cmd.ProcessState.ExitCode()}.want(t, 1, "no space left on device")
		if n := strings.Count(got.err, "\n"); n != 1 {
			t.Errorf("%v: %d lines: %s", args, n, got.err)
		}
	}
}

// TestNobodyReads: a pipe that is closed ends a command without a word, and a
// session that is not to be kept is ended all the same.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Anomify)
	graph := []string{"call", "anomify", "getMetricGraph", "metric_name=cpu", "--store", "memory", "-v"}
	for _, args := range [][]string{{"vendors"}, {"--help"}, {"describe", "anomify", "lookupAnomaly"}, graph} {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		reader.Close()
		cmd := s.command(args...)
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = writer, &stderr
		_ = cmd.Run()
		writer.Close()
		if code := cmd.ProcessState.ExitCode(); code != 141 || strings.Contains(stderr.String(), "pipe") {
			t.Errorf("%v: exit code %d, %s", args, code, stderr.String())
		}
	}
	if sessions := s.Vendor(sandbox.Anomify).Sessions(); len(sessions) != 1 || sessions[0].State != sandbox.LoggedOut {
		t.Errorf("sessions: %+v", sessions)
	}
}

// TestNobodyListens: standard error that nobody reads does not cut a sign-in
// short.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	defer writer.Close()
	cmd := s.command("call", "babel", "getLicenses", "--store", "memory", "--verbose")
	cmd.Stderr = writer
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
	if sessions := s.Vendor(sandbox.Babel).Sessions(); len(sessions) != 1 || sessions[0].State != sandbox.LoggedOut {
		t.Errorf("sessions: %+v", sessions)
	}
}

// TestInterruptedOutput: a reader that has stopped reading does not keep the
// command from being interrupted.
func TestInterruptedOutput(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel, sandbox.Anomify)
	long := `{"success":true,"message":"` + strings.Repeat("long ", 100_000) + `"}`
	s.Vendor(sandbox.Babel).Fault(sandbox.Fault{Operation: "getLicenses", Body: long})
	s.Vendor(sandbox.Anomify).Fault(sandbox.Fault{Operation: "getMetricGraph", Body: long})
	for _, args := range [][]string{
		{"call", "babel", "getLicenses", "--store", "memory"}, {"call", "anomify", "getMetricGraph", "metric_name=cpu", "--store", "memory"},
	} {
		cmd := s.command(args...)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // the rest stays in the pipe
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		state, err := cmd.Process.Wait()
		if err != nil || state.ExitCode() != 130 {
			t.Errorf("%v: exit code %d, %v", args, state.ExitCode(), err)
		}
		for _, session := range s.Vendor(sandbox.Vendor(args[1])).Sessions() {
			if session.State != sandbox.LoggedOut {
				t.Errorf("%v: session %+v", args, session)
			}
		}
	}
}

// TestReportThatCannotBeWritten: the answer is printed all the same; the call
// may not bear repeating.
func TestReportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	got := s.run("call", "babel", "getLicenses", "--check-file", filepath.Join(s.dir, "none", "report.txt")).want(t, 1, "no such file or directory")
	if !strings.Contains(got.out, `"success": true`) {
		t.Errorf("the answer is lost: %q", got.out)
	}
}

// TestHelperThatIsInterrupted: what the helper has started does not keep the
// command from ending.
func TestHelperThatIsInterrupted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	script := s.file("helper.sh", "#!/bin/sh\ntouch started\nsleep 30\necho password=late\n")
	cmd := s.command("login", "babel", "--login", sandbox.DemoLogin, "--helper", script)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { _, err := os.Stat(filepath.Join(s.dir, "started")); return err == nil })
	begun := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || time.Since(begun) > 25*time.Second {
		t.Errorf("exit code %d after %v", code, time.Since(begun))
	}
}

// TestInterruptedInput: waiting for a body, at a terminal or from a pipe, can be
// interrupted.
func TestInterruptedInput(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	pipe := filepath.Join(s.dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	x := s.terminal("call", "babel", "insertApiKey", "--body", "-")
	x.expect("reading from the terminal")
	x.typed("\x03")
	x.end().want(t, 130, "interrupted")

	x = s.terminal("call", "babel", "insertApiKey", "--body", pipe)
	defer opened(t, pipe).Close()
	x.typed("\x03")
	x.end().want(t, 130, "interrupted")
}

// opened opens a pipe for writing once somebody reads from it.
func opened(t *testing.T, pipe string) *os.File {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody reads from %s: %v", pipe, err)
		}
	}
}

// TestReportToADevice: what is no regular file is written to, not replaced.
func TestReportToADevice(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	pipe := filepath.Join(s.dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() {
		data, _ := os.ReadFile(pipe)
		text <- string(data)
	}()
	s.run("call", "babel", "getLicenses", "--check-file", pipe).want(t, 0)
	select {
	case got := <-text:
		if !strings.Contains(got, "compared with the description") {
			t.Errorf("it wrote %q", got)
		}
	case <-time.After(30 * time.Second):
		t.Error("nothing was written to the pipe")
	}
}
