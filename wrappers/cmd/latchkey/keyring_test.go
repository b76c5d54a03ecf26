//go:build linux

package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// TestKeyring: with a key ring, sessions are there and in no file. It uses one
// of its own, which it starts.
func TestKeyring(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no key ring to try: %s is not installed (packages dbus-daemon and gnome-keyring)", name)
		}
	}
	s := newStage(t).signsIn(sandbox.Babel)
	for i, pair := range s.env {
		if strings.HasPrefix(pair, "BABEL_PASSWORD=") {
			s.env[i] = "BABEL_PASSWORD="
		}
	}
	s.env = append(s.env, startKeyring(t, s))
	password := s.file("password", sandbox.DemoPassword)
	s.run("login", "babel", "--password-file", password).want(t, 0, "the session is in the key ring")
	token := strings.TrimPrefix(strings.TrimSpace(s.run("header", "babel").want(t, 0).out), "Authorization: Bearer ")
	for _, file := range s.files() {
		if data, err := os.ReadFile(file); err != nil || strings.Contains(string(data), token) {
			t.Errorf("the session is in %s, %v", file, err)
		}
	}
	s.run("status", "babel", "--json").want(t, 0, `"store": "keyring"`)
	s.Vendor(sandbox.Babel).Revoke()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { s.run("call", "babel", "getLoggedInUser").want(t, 0) })
	}
	all.Wait()
	if n := s.Vendor(sandbox.Babel).Logins(); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
	s.run("logout", "babel").want(t, 0, "signed out")
	s.run("call", "babel", "getLoggedInUser").want(t, 3, "not signed in")
	if files := s.files(); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

// startKeyring starts a bus and an unlocked key ring on it, and returns the
// variable that leads there.
func startKeyring(t *testing.T, s *stage) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	script := "printf secret | gnome-keyring-daemon --unlock --components=secrets >daemon 2>&1\n" +
		`echo "$DBUS_SESSION_BUS_ADDRESS" >address.new && mv address.new address` + "\ncat"
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c", script)
	cmd.Dir, cmd.WaitDelay = s.dir, time.Second
	cmd.Env = append([]string{"XDG_RUNTIME_DIR=" + s.dir, "XDG_DATA_HOME=" + s.dir}, s.env...)
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // with its input the script ends, and with that the bus and the key ring
		input.Close()
		_ = cmd.Wait()
		cancel()
	})
	var address []byte
	until(t, func() bool { address, err = os.ReadFile(filepath.Join(s.dir, "address")); return err == nil })
	return "DBUS_SESSION_BUS_ADDRESS=" + strings.TrimSpace(string(address))
}
