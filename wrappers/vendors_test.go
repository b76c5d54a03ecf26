// Package wrappers_test says what holds for the wrappers of all vendors.
package wrappers_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A client is a wrapper with one operation that stands for all.
type client struct {
	*session.Engine
	call func(ctx context.Context) error
}

// A vendor makes clients of one wrapper.
type vendor struct {
	sandbox.Vendor
	operation string        // what client.call calls
	expire    time.Duration // after this a session of the sandbox is over
	password  func(login, password string, opts ...session.Option) (client, error)
	key       func(key string, opts ...session.Option) (client, error) // nil: the vendor has none
}

var vendors = []vendor{
	{
		Vendor: sandbox.Anomify, operation: "getUserInfo", expire: 61 * time.Minute,
		password: func(login, password string, opts ...session.Option) (client, error) {
			return openAnomify(anomify.Credentials{Email: login, Password: rest.NewSecret(password)}, opts)
		},
		key: func(key string, opts ...session.Option) (client, error) {
			return openAnomify(anomify.Credentials{OrganizationToken: rest.NewSecret(key)}, opts)
		},
	},
	{
		Vendor: sandbox.AlertSite, operation: "getLocations", expire: 16 * time.Minute,
		password: func(login, password string, opts ...session.Option) (client, error) {
			return openAlertSite(alertsite.Credentials{Login: login, Password: rest.NewSecret(password)}, opts)
		},
	},
	{
		Vendor: sandbox.Misaka, operation: "listDevices", expire: 25 * time.Hour,
		password: func(login, password string, opts ...session.Option) (client, error) {
			return openMisaka(misaka.Credentials{Email: login, Password: rest.NewSecret(password)}, opts)
		},
		key: func(key string, opts ...session.Option) (client, error) {
			return openMisaka(misaka.Credentials{APIToken: rest.NewSecret(key)}, opts)
		},
	},
	{
		Vendor: sandbox.Babel, operation: "getRoles", expire: 31 * time.Minute,
		password: func(login, password string, opts ...session.Option) (client, error) {
			return openBabel(babel.Credentials{Username: login, Password: rest.NewSecret(password)}, opts)
		},
		key: func(key string, opts ...session.Option) (client, error) {
			return openBabel(babel.Credentials{APIKey: rest.NewSecret(key)}, opts)
		},
	},
}

func openAnomify(creds anomify.Credentials, opts []session.Option) (client, error) {
	c, err := anomify.New(creds, opts...)
	if err != nil {
		return client{}, err
	}
	call := func(ctx context.Context) error { _, err := c.GetUserInfo(ctx); return err }
	if !creds.OrganizationToken.IsZero() {
		call = func(ctx context.Context) error { _, err := c.ListMetrics(ctx); return err }
	}
	return client{c.Engine, call}, nil
}

func openAlertSite(creds alertsite.Credentials, opts []session.Option) (client, error) {
	c, err := alertsite.New(creds, opts...)
	if err != nil {
		return client{}, err
	}
	return client{c.Engine, func(ctx context.Context) error { _, err := c.GetLocations(ctx); return err }}, nil
}

func openMisaka(creds misaka.Credentials, opts []session.Option) (client, error) {
	c, err := misaka.New(creds, opts...)
	if err != nil {
		return client{}, err
	}
	return client{c.Engine, func(ctx context.Context) error { _, err := c.ListDevices(ctx); return err }}, nil
}

func openBabel(creds babel.Credentials, opts []session.Option) (client, error) {
	c, err := babel.New(creds, opts...)
	if err != nil {
		return client{}, err
	}
	return client{c.Engine, func(ctx context.Context) error { _, err := c.GetRoles(ctx); return err }}, nil
}

// each runs f for every vendor, with a sandbox of its own.
func each(t *testing.T, f func(t *testing.T, v vendor, server *sandbox.Server, standin *sandbox.Standin)) {
	t.Helper()
	for _, v := range vendors {
		t.Run(string(v.Vendor), func(t *testing.T) {
			t.Parallel()
			server := sandbox.New(sandbox.WithVendors(v.Vendor))
			defer server.Close()
			standin := server.Vendor(v.Vendor)
			f(t, v, server, standin)
			for _, bug := range standin.Mistakes() {
				t.Errorf("the client sent what the description does not allow: %s", bug)
			}
		})
	}
}

// open returns a signed-out client with the right password.
func open(t *testing.T, v vendor, standin *sandbox.Standin) client {
	t.Helper()
	c, err := v.password(sandbox.DemoLogin, sandbox.DemoPassword, session.WithBaseURL(standin.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheFirstCallSignsInAndCloseSignsOut(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		c := open(t, v, standin)
		if n := standin.Requests(); n != 0 {
			t.Errorf("New sent %d requests, want none", n)
		}
		for range 3 {
			if err := c.call(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := standin.Logins(); n != 1 {
			t.Errorf("%d sign-ins for 3 calls, want 1", n)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range standin.Sessions() {
			if s.State == sandbox.Live && v.Vendor != sandbox.AlertSite { // which has no way to sign out
				t.Error("the session is live after Close")
			}
		}
		if err := c.call(t.Context()); !errors.Is(err, session.ErrClosed) {
			t.Errorf("a call after Close: %v, want ErrClosed", err)
		}
	})
}

func TestAnExpiredSessionCostsOneSignInAndNoCall(t *testing.T) {
	each(t, func(t *testing.T, v vendor, server *sandbox.Server, standin *sandbox.Standin) {
		c := open(t, v, standin)
		defer c.Close(context.Background())
		if err := c.call(t.Context()); err != nil {
			t.Fatal(err)
		}
		server.Clock().Advance(v.expire)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := c.call(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := standin.Logins(); n != 2 {
			t.Errorf("%d sign-ins, want 2", n)
		}
	})
}

func TestAKeyNeedsNoSession(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		if v.key == nil {
			t.Skip("the vendor has no keys")
		}
		c, err := v.key(standin.Account().APIKey, session.WithBaseURL(standin.URL()))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.call(t.Context()); err != nil {
			t.Error(err)
		}
		wrong, err := v.key("not-a-key", session.WithBaseURL(standin.URL()))
		if err != nil {
			t.Fatal(err)
		}
		requests := standin.Requests()
		refusal := (*rest.Error)(nil)
		if err := wrong.call(t.Context()); !errors.As(err, &refusal) || refusal.StatusCode != http.StatusUnauthorized {
			t.Errorf("a wrong key: %v, want 401", err)
		}
		if n := standin.Requests() - requests; n != 1 {
			t.Errorf("%d requests with a wrong key, want 1", n)
		}
		if err := errors.Join(c.Close(t.Context()), wrong.Close(t.Context())); err != nil {
			t.Error(err)
		}
		if n := standin.Logins() + standin.FailedLogins() + standin.Logouts(); n != 0 {
			t.Errorf("%d logins and logouts with a key, want none", n)
		}
	})
}

func TestAWrongPasswordIsTriedOnce(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		c, err := v.password(sandbox.DemoLogin, "wrong-password", session.WithBaseURL(standin.URL()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				for range 3 {
					if err := c.call(t.Context()); !errors.Is(err, session.ErrRejected) {
						t.Errorf("got %v, want ErrRejected", err)
					}
				}
			})
		}
		all.Wait()
		if n := standin.FailedLogins(); n != 1 {
			t.Errorf("%d sign-ins with a wrong password, want 1", n)
		}
		standin.SetPassword("wrong-password") // as if the password had been the new one all along
		c.Reset()
		if err := c.call(t.Context()); err != nil {
			t.Errorf("after Reset: %v", err)
		}
	})
}

func TestCredentialsMustBeComplete(t *testing.T) {
	for _, v := range vendors {
		for _, creds := range [][2]string{{"", ""}, {"demo@example.com", ""}, {"", "hidden-password"}} {
			_, err := v.password(creds[0], creds[1])
			if err == nil || !strings.HasPrefix(err.Error(), string(v.Vendor)+": credentials need ") {
				t.Errorf("%s %q: got %v", v.Vendor, creds, err)
			}
		}
	}
}

func TestCredentialsThatNoHeaderCanCarryAreRefused(t *testing.T) {
	for _, v := range vendors {
		if v.key == nil {
			continue
		}
		for _, key := range []string{"hidden-key\n", "\rhidden-key", "hidden\x00key"} {
			_, err := v.key(key)
			if err == nil || !strings.Contains(err.Error(), "line break") || strings.Contains(err.Error(), "hidden") {
				t.Errorf("%s %q: got %v", v.Vendor, key, err)
			}
		}
	}
	for _, creds := range []babel.Credentials{
		{APIKey: rest.NewSecret("hidden-key"), APIKeyHeader: "X Key"},
		{APIKey: rest.NewSecret("hidden-key"), APIKeyHeader: "X-Key:"},
		{APIKey: rest.NewSecret("hidden-key"), APIKeyHeader: "X-Clé"},
		{Username: "demo", Password: rest.NewSecret("hidden-password"), ExpiryUnit: -time.Second},
	} {
		if _, err := babel.New(creds); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%+v: got %v", creds, err)
		}
	}
}

func TestErrorsSayWhoWhatAndWhyAndNoSecret(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>Please pay for the network, demo@example.com</body></html>"))
	}))
	defer page.Close()
	missing := httptest.NewServer(http.NotFoundHandler())
	defer missing.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	tests := []struct {
		name, baseURL, want string
		early               bool // New says so
	}{
		{"no URL", "api.example.com", "base URL is not an absolute", true},
		{"password in the URL", "https://user:hidden-password@api.example.com", "base URL must not hold a user name or a password", true},
		{"plain http", "http://api.example.com", "plain http", true},
		{"unknown host", "https://nobody.invalid", "lookup nobody.invalid", false},
		{"nobody listens", refused.URL, "connection refused", false},
		{"certificate of nobody", secure.URL, "certificate", false},
		{"page of a proxy", page.URL, "it is a page", false},
		{"wrong path", missing.URL, "404", false},
	}
	for _, v := range vendors {
		for _, tt := range tests {
			t.Run(string(v.Vendor)+"/"+tt.name, func(t *testing.T) {
				c, err := v.password("demo@example.com", "hidden-password", session.WithBaseURL(tt.baseURL))
				if err == nil {
					defer c.Close(context.Background())
					err = c.call(t.Context())
				} else if !tt.early {
					t.Fatalf("New: %v", err)
				}
				if err == nil {
					t.Fatal("no error")
				}
				text := err.Error()
				if !strings.HasPrefix(text, string(v.Vendor)+": ") || !strings.Contains(text, tt.want) {
					t.Errorf("got %q, want it to begin with the vendor and to say %q", text, tt.want)
				}
				if !tt.early && !strings.Contains(text, "sign in") {
					t.Errorf("got %q, want the operation in it", text)
				}
				if strings.Contains(text, "hidden-password") || strings.Contains(text, "\n") {
					t.Errorf("the error says too much: %q", text)
				}
			})
		}
	}
}

func TestADataCallThatFailsNamesTheOperation(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		c := open(t, v, standin)
		defer c.Close(context.Background())
		if err := c.call(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, fault := range []sandbox.Fault{{Status: 500}, {HTML: true}, {Garbage: true}, {Drop: true}, {CutAfter: 1}} {
			fault.Operation = v.operation
			standin.Fault(fault)
			err := c.call(t.Context())
			if err == nil || !strings.HasPrefix(err.Error(), string(v.Vendor)+": "+v.operation+": ") {
				t.Errorf("%+v: got %v", fault, err)
			}
			standin.ClearFaults()
		}
		if n := standin.Logins(); n != 1 {
			t.Errorf("%d sign-ins, want 1: no fault of a call is a reason to sign in", n)
		}
	})
}

func TestCallsThatMayBeRepeatedAre(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		c := open(t, v, standin)
		defer c.Close(context.Background())
		if err := c.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		standin.Fault(sandbox.Fault{Operation: v.operation, Times: 2, Status: http.StatusServiceUnavailable, RetryAfter: "0"})
		if err := c.call(t.Context()); err != nil {
			t.Error(err)
		}
		if n := standin.Count(v.operation); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
		off, err := v.password(sandbox.DemoLogin, sandbox.DemoPassword, session.WithBaseURL(standin.URL()), session.WithRetry(nil))
		if err != nil {
			t.Fatal(err)
		}
		defer off.Close(context.Background())
		standin.Fault(sandbox.Fault{Operation: v.operation, Times: 1, Status: http.StatusServiceUnavailable})
		refusal := (*rest.Error)(nil)
		if err := off.call(t.Context()); !errors.As(err, &refusal) || refusal.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("switched off: %v, want 503", err)
		}
	})
}
