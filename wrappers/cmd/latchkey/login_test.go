package main_test

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func TestLoginCallLogout(t *testing.T) {
	t.Parallel()
	for _, v := range sandbox.Vendors() {
		t.Run(string(v), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			name, vendor := string(v), s.Vendor(v)
			call := map[sandbox.Vendor]string{sandbox.Anomify: "getUserInfo", sandbox.AlertSite: "getLocations", sandbox.Misaka: "listDevices", sandbox.Babel: "getLoggedInUser"}[v]
			if got := s.run("status", name).want(t, 3, "latchkey: "+name+": not signed in\n"); strings.Contains(got.err, "in: not") {
				t.Errorf("status says it twice: %s", got.err)
			}
			s.pipe(sandbox.DemoPassword+"\n", "login", name, "--login", sandbox.DemoLogin, "--password-file", "-").want(t, 0, "signed in as "+sandbox.DemoLogin, "the session is in a file")
			s.run("status", name).want(t, 0, sandbox.DemoLogin, "signed in")
			s.run("call", name, call).want(t, 0)
			s.run("header", name).want(t, 0, ": ")
			s.run("login", name, "--login", sandbox.DemoLogin).want(t, 0, "already signed in")
			if n := vendor.Logins(); n != 1 {
				t.Errorf("%d logins, want 1", n)
			}
			s.run("logout", name).want(t, 0, "signed out")
			s.run("call", name, call).want(t, 3)
			s.run("logout", name).want(t, 0, "not signed in")
			if v == sandbox.AlertSite {
				return // has no way to sign out
			}
			for _, session := range vendor.Sessions() {
				if session.State != sandbox.LoggedOut {
					t.Errorf("a session is %s", session.State)
				}
			}
			if files := s.files(); len(files) != 0 {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

func TestHeaderWorks(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Anomify, sandbox.Babel)
	for vendor, want := range map[string]string{"anomify": "X-Session-Id: ", "babel": "Authorization: Bearer "} {
		got := s.run("header", vendor).want(t, 0)
		if !strings.HasPrefix(got.out, want) || strings.Count(got.out, "\n") != 1 || got.err != "" {
			t.Errorf("%s: %q %q", vendor, got.out, got.err)
		}
	}
	if n := s.Vendor(sandbox.Babel).Requests(); n != 1 {
		t.Errorf("%d requests, want the login only", n)
	}
}

// TestExpired: a session that is over is replaced if the password is at hand.
func TestExpired(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.Vendor(sandbox.Babel)
	password := s.file("password", sandbox.DemoPassword+"\n")
	s.run("login", "babel", "--login", sandbox.DemoLogin, "--password-file", password).want(t, 0)
	s.Clock().Advance(31 * time.Minute)
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	if n := vendor.Logins(); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
	if err := os.Remove(password); err != nil {
		t.Fatal(err)
	}
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	s.Clock().Advance(31 * time.Minute)
	s.run("call", "babel", "getLoggedInUser").want(t, 3, "no such file")
	s.run("logout", "babel").want(t, 0)

	s.pipe(sandbox.DemoPassword, "login", "babel", "--login", sandbox.DemoLogin, "--password-file", "-").want(t, 0)
	s.Clock().Advance(31 * time.Minute)
	s.run("call", "babel", "getLoggedInUser").want(t, 3, "not signed in", "latchkey login babel")
	if n := vendor.FailedLogins(); n != 0 {
		t.Errorf("%d logins without a password", n)
	}
	s.run("status", "babel").want(t, 3)
}

// TestRefresh: a session that can be refreshed needs no password.
func TestRefresh(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.Vendor(sandbox.Misaka)
	s.pipe(sandbox.DemoPassword, "login", "misaka", "--login", sandbox.DemoLogin, "--password-file", "-").want(t, 0)
	s.Clock().Advance(6 * time.Minute)
	s.run("call", "misaka", "listDevices").want(t, 0)
	s.run("call", "misaka", "listDevices").want(t, 0)
	if logins, refreshes := vendor.Logins(), vendor.Refreshes(); logins != 1 || refreshes != 1 {
		t.Errorf("%d logins and %d refreshes, want 1 and 1", logins, refreshes)
	}
	s.Clock().Advance(48 * time.Hour)
	s.run("call", "misaka", "listDevices").want(t, 3)
}

// TestWrongPassword: it is tried once, however often the command runs, until
// somebody says otherwise.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.Vendor(sandbox.Anomify)
	s.env = append(s.env, "ANOMIFY_EMAIL="+sandbox.DemoLogin, "ANOMIFY_PASSWORD=wrong")
	for range 3 {
		s.run("call", "anomify", "getUserInfo").want(t, 3, "credentials refused")
	}
	if n := vendor.FailedLogins(); n != 1 {
		t.Errorf("%d attempts, want 1", n)
	}
	s.run("status", "anomify").want(t, 3, "refused")
	s.run("login", "anomify").want(t, 3, "credentials refused")
	s.signsIn(sandbox.Anomify).run("login", "anomify").want(t, 0)
	s.run("call", "anomify", "getUserInfo").want(t, 0)
}

// TestLogoutKeepsRefusals: a login is tried three times, whether or not somebody
// signs out between.
func TestLogoutKeepsRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	vendor := s.Vendor(sandbox.Babel)
	wrong := s.file("wrong", "wrong")
	for range 5 {
		s.run("login", "babel", "--login", sandbox.DemoLogin, "--password-file", wrong).want(t, 3, "credentials refused")
		s.env = append(s.env, "BABEL_USERNAME="+sandbox.DemoLogin)
		if got := s.run("logout", "babel").want(t, 0, "babel: not signed in"); strings.Contains(got.err, "signed out") {
			t.Errorf("nobody was signed in, and logout says %s", got.err)
		}
	}
	if n := vendor.FailedLogins(); n != 3 {
		t.Errorf("%d attempts, want 3", n)
	}
	s.run("status", "babel").want(t, 3, "refused")
}

// TestLogoutOfARefusedAccount: the session is gone since the password has
// changed, and logout forgets the account but not the refusal.
func TestLogoutOfARefusedAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	file := s.file("password", sandbox.DemoPassword)
	s.run("login", "babel", "--login", sandbox.DemoLogin, "--password-file", file).want(t, 0)
	s.Vendor(sandbox.Babel).SetPassword("another-password")
	s.Vendor(sandbox.Babel).Revoke()
	s.run("call", "babel", "getLoggedInUser").want(t, 3, "credentials refused")
	s.run("logout", "babel").want(t, 0, "babel: not signed in; the account is forgotten")
	s.env = append(s.env, "BABEL_USERNAME="+sandbox.DemoLogin, "BABEL_PASSWORD="+sandbox.DemoPassword)
	s.run("call", "babel", "getLoggedInUser").want(t, 3, "credentials refused")
	if n := s.Vendor(sandbox.Babel).FailedLogins(); n != 1 {
		t.Errorf("%d attempts, want 1", n)
	}
}

func TestSecondFactorFromSecret(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Anomify, sandbox.Misaka)
	const secret = "JBSWY3DPEHPK3PXP"
	for _, v := range []sandbox.Vendor{sandbox.Anomify, sandbox.Misaka} {
		s.Vendor(v).RequireSecondFactor(true)
		s.Vendor(v).AcceptCode(func(code string, now time.Time) bool { return totp.Validate(code, secret) })
	}
	s.run("login", "anomify").want(t, 3, "second factor wanted", "ANOMIFY_TOTP_SECRET")
	s.run("call", "misaka", "listDevices").want(t, 3, "second factor wanted", "latchkey login misaka")
	file := s.file("totp", "otpauth://totp/x?secret="+secret+"\n")
	s.run("login", "anomify", "--totp-file", file).want(t, 0)
	s.Vendor(sandbox.Anomify).Revoke()
	s.run("call", "anomify", "getUserInfo").want(t, 0)
	s.env = append(s.env, "MISAKA_TOTP_SECRET="+secret)
	s.run("call", "misaka", "listDevices").want(t, 0)
	s.run("login", "misaka", "--totp-file", s.file("bad", "not base32 !")).want(t, 2)
}

// TestHelper: the helper is asked like one of git, and only for a sign-in.
func TestHelper(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	script := s.file("helper.sh", "#!/bin/sh\necho \"$@\" >>asked\ncat >>asked\necho username="+sandbox.DemoLogin+"\necho password="+sandbox.DemoPassword+"\n")
	s.run("login", "babel", "--login", sandbox.DemoLogin, "--helper", script+" --store x").want(t, 0)
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	asked, err := os.ReadFile(filepath.Join(s.dir, "asked"))
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(s.URL, "http://")
	if want := "--store x get\nprotocol=http\nhost=" + host + "\nusername=" + sandbox.DemoLogin + "\n\n"; string(asked) != want {
		t.Errorf("the helper was asked %q, want %q", asked, want)
	}
	s.Vendor(sandbox.Babel).Revoke()
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	if n := s.Vendor(sandbox.Babel).Logins(); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
	s.run("logout", "babel").want(t, 0)
	s.run("login", "babel", "--login", "x", "--helper", "false").want(t, 1, "credential helper false")
	s.run("login", "babel", "--login", "x\nhost=other", "--helper", script).want(t, 2, "line break")
	s.run("login", "babel", "--helper", script).want(t, 0, "signed in as "+sandbox.DemoLogin) // it knows the login, too
}

// TestGitCredentialStore: a helper of git's is spoken to as git does.
func TestGitCredentialStore(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), "git", "--version").Run(); err != nil {
		t.Skip("no git to take a credential helper from")
	}
	s := newStage(t)
	address := strings.Replace(s.URL, "://", "://"+url.UserPassword(sandbox.DemoLogin, sandbox.DemoPassword).String()+"@", 1)
	s.file(".git-credentials", address+"\n")
	s.run("login", "babel", "--login", sandbox.DemoLogin, "--helper", "git credential-store").want(t, 0, "signed in")
	s.run("login", "misaka", "--helper", "git credential-store").want(t, 0, "signed in as "+sandbox.DemoLogin)
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	file := s.file("key", s.Vendor(sandbox.Babel).Account().APIKey+"\n")
	s.run("login", "babel", "--key-file", file).want(t, 0, file)
	s.run("call", "babel", "getLicenses").want(t, 0)
	s.run("status", "babel").want(t, 0, "key")
	s.run("logout", "babel").want(t, 0, "the key is not used any more")
	s.run("call", "babel", "getLicenses").want(t, 3)
	s.run("login", "alertsite", "--key-file", file).want(t, 2, "has no keys")
}

func TestStores(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	vendor := s.Vendor(sandbox.Babel)
	s.run("login", "babel", "--store", "memory").want(t, 0, "not kept")
	s.run("call", "babel", "getLoggedInUser", "--store", "memory").want(t, 0)
	for _, session := range vendor.Sessions() {
		if session.State != sandbox.LoggedOut {
			t.Errorf("a session in memory is %s", session.State)
		}
	}
	if files := s.files(); len(files) != 0 || len(vendor.Sessions()) != 2 {
		t.Errorf("%d sessions, files %v", len(vendor.Sessions()), files)
	}
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	s.run("login", "babel", "--store", "keyring").want(t, 1, "key ring cannot be used")
	s.run("login", "babel").want(t, 0, "the session is in a file")
	if err := os.Chmod(filepath.Join(s.dir, "latchkey", "sessions"), 0o777); err != nil {
		t.Fatal(err)
	}
	s.run("call", "babel", "getLoggedInUser").want(t, 1, "not safe")
}

// TestAccountsApart: what was remembered for one address is not used for
// another.
func TestAccountsApart(t *testing.T) {
	t.Parallel()
	s, other := newStage(t), newStage(t)
	s.run("login", "babel", "--login", sandbox.DemoLogin, "--password-file", s.file("password", sandbox.DemoPassword)).want(t, 0)
	s.run("call", "babel", "getLoggedInUser", "--base-url", other.Vendor(sandbox.Babel).URL()).want(t, 3)
	if n := other.Vendor(sandbox.Babel).Requests(); n != 0 {
		t.Errorf("%d requests to another address", n)
	}
	s.env = s.env[:len(s.env)-len(sandbox.Vendors())] // without BABEL_BASE_URL
	s.run("call", "babel", "getLoggedInUser").want(t, 0)
	var reports []struct {
		BaseURL string `json:"base_url"`
		State   string
	}
	if got := s.run("status", "--json").want(t, 0); json.Unmarshal([]byte(got.out), &reports) != nil || len(reports) != 4 {
		t.Fatalf("status: %s", got.out)
	}
	if last := reports[3]; last.BaseURL != s.Vendor(sandbox.Babel).URL() || last.State != "signed in" {
		t.Errorf("status: %+v", last)
	}
}

func TestLoginAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	s.run("login", "babel").want(t, 0)
	s.run("login", "babel", "--again").want(t, 0, "signed in as")
	sessions := s.Vendor(sandbox.Babel).Sessions()
	if len(sessions) != 2 || sessions[0].State != sandbox.LoggedOut || sessions[1].State != sandbox.Live {
		t.Errorf("sessions: %+v", sessions)
	}
}

func TestLoginWithoutTerminal(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.run("login", "babel").want(t, 3, "no terminal", "BABEL_USERNAME")
	s.run("login", "babel", "--login", "demo").want(t, 3, "no terminal", "BABEL_PASSWORD", "--password-file")
	s.run("login").want(t, 2, "anomify, alertsite, misaka, babel")
	s.run("login", "babel", "--password-file", "a", "--helper", "b").want(t, 2, "give --password-file or --helper, not both")
	for _, flag := range []string{"--login", "--password-file", "--totp-file", "--helper"} {
		got := s.run("login", "babel", "--key-file", "a", flag, "b").want(t, 2, "give --key-file or "+flag+", not both")
		if strings.Contains(got.err, "group") {
			t.Errorf("it speaks of groups of flags: %s", got.err)
		}
	}
	s.pipe("\n", "login", "babel", "--login", "demo", "--password-file", "-").want(t, 2, "standard input is empty")
}

// TestLogoutOffline: the session is forgotten here though it cannot be ended
// there.
func TestLogoutOffline(t *testing.T) {
	t.Parallel()
	s := newStage(t).signsIn(sandbox.Babel)
	s.run("login", "babel").want(t, 0)
	s.Close()
	s.run("logout", "babel").want(t, 4, "forgotten here")
	if files := s.files(); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}
