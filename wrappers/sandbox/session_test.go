package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func states(st *sandbox.Standin) string {
	var list []sandbox.State
	for _, s := range st.Sessions() {
		list = append(list, s.State)
	}
	return fmt.Sprint(list)
}

func TestRevokeEndsAllSessions(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		one, two := f.signIn(st.Name()), f.signIn(st.Name())
		want(t, "states", states(st), "[live live]")
		st.Revoke()
		want(t, "one", f.alive(st.Name(), one), false)
		want(t, "two", f.alive(st.Name(), two), false)
		want(t, "a new one", f.alive(st.Name(), f.signIn(st.Name())), true)
		want(t, "states", states(st), "[revoked revoked live]")
	})
}

func TestOneSessionPerUser(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		one, two := f.signIn(st.Name()), f.signIn(st.Name())
		want(t, "first of two", f.alive(st.Name(), one), true)
		st.OneSessionPerUser(true)
		three := f.signIn(st.Name())
		want(t, "one", f.alive(st.Name(), one), false)
		want(t, "two", f.alive(st.Name(), two), false)
		want(t, "three", f.alive(st.Name(), three), true)
		want(t, "states", states(st), "[replaced replaced live]")
		want(t, "logins", st.Logins(), 3)
	})
}

func TestLockout(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		st.Lockout(2, time.Minute)
		for range 2 {
			wrong(f, st.Name())
		}
		want(t, "failed logins", st.FailedLogins(), 2)
		want(t, "right login while locked", f.alive(st.Name(), f.signIn(st.Name())), false)
		want(t, "logins", st.Logins(), 0)
		f.Clock().Advance(time.Minute)
		want(t, "right login after the lock", f.alive(st.Name(), f.signIn(st.Name())), true)
		st.Lockout(0, 0)
		for range 20 {
			wrong(f, st.Name())
		}
		want(t, "right login without lock", f.alive(st.Name(), f.signIn(st.Name())), true)
	})
}

// wrong logs in with a password that is not that of the account.
func wrong(f *fixture, v sandbox.Vendor) {
	f.t.Helper()
	body, contentType := `{"login": "demo@example.com", "password": "not the one"}`, asJSON
	path := map[sandbox.Vendor]string{
		sandbox.Anomify: "/login", sandbox.AlertSite: "/login", sandbox.Misaka: "/v3/session/login", sandbox.Babel: "/v1/auth/login",
	}[v]
	switch v {
	case sandbox.Anomify:
		body, contentType = "email=demo%40example.com&password=not+the+one", asForm
	case sandbox.Misaka:
		body = `{"email": "demo@example.com", "password": "not the one"}`
	case sandbox.Babel:
		body = `{"username": "demo@example.com", "password": "not the one"}`
	case sandbox.AlertSite:
	}
	f.do(http.MethodPost, f.Vendor(v).URL()+path, body, "Content-Type", contentType)
}

func TestSessionsAreShownWithoutTheirTokens(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		header := f.signIn(st.Name())
		f.Clock().Advance(time.Minute)
		f.alive(st.Name(), header)
		list := st.Sessions()
		if len(list) != 1 {
			t.Fatalf("%d sessions", len(list))
		}
		s := list[0]
		want(t, "length of the id", len(s.ID), 8)
		if slices.Contains(header, s.ID) || s.ID == "" {
			t.Errorf("id %q", s.ID)
		}
		want(t, "minutes between creation and last use", s.LastUsed.Sub(s.Created).Round(time.Second), time.Minute)
		expires := map[sandbox.Vendor]time.Duration{
			sandbox.Anomify: 61 * time.Minute, sandbox.AlertSite: 16 * time.Minute, sandbox.Misaka: 24 * time.Hour, sandbox.Babel: 30 * time.Minute,
		}[st.Name()]
		want(t, "lifetime", s.Expires.Sub(s.Created).Round(time.Second), expires)
		f.Clock().Advance(expires)
		want(t, "states", states(st), "[expired]")
	})
}

func TestManySessionsAreForgottenOnlyWhenOver(t *testing.T) {
	f := start(t)
	st := f.Vendor(sandbox.AlertSite)
	first := f.signIn(sandbox.AlertSite)
	for range sandbox.MinSweep - 1 {
		f.signIn(sandbox.AlertSite)
	}
	last := f.signIn(sandbox.AlertSite)
	want(t, "sessions", len(st.Sessions()), sandbox.MinSweep+1)
	want(t, "first", f.alive(sandbox.AlertSite, first), true)
	st.Revoke()
	for range sandbox.MinSweep {
		f.signIn(sandbox.AlertSite)
	}
	if n := len(st.Sessions()); n > 2*sandbox.MinSweep {
		t.Errorf("%d sessions are kept", n)
	}
	want(t, "last", f.alive(sandbox.AlertSite, last), false)
	want(t, "first", f.alive(sandbox.AlertSite, first), false)
}

func TestConcurrentUse(t *testing.T) {
	forEachVendor(t, func(t *testing.T, f *fixture, st *sandbox.Standin) {
		stop := st.On(func(sandbox.Event) { _ = st.Sessions() })
		defer stop()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				header := f.signIn(st.Name())
				for range 5 {
					if !f.alive(st.Name(), header) {
						t.Error("not alive")
					}
				}
				_, _, _ = st.Counts(), st.Mistakes(), st.Requests()
				st.SetPassword(sandbox.DemoPassword)
			})
		}
		group.Wait()
		want(t, "logins", st.Logins(), 8)
		want(t, "requests", st.Requests(), 48)
	})
}
