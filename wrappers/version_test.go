package wrappers_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// versioned opens clients with a version of the credentials.
var versioned = map[sandbox.Vendor]func(password rest.Secret, version string, opts ...session.Option) (client, error){
	sandbox.Anomify: func(password rest.Secret, version string, opts ...session.Option) (client, error) {
		return openAnomify(anomify.Credentials{Email: sandbox.DemoLogin, Password: password, Version: version}, opts)
	},
	sandbox.AlertSite: func(password rest.Secret, version string, opts ...session.Option) (client, error) {
		return openAlertSite(alertsite.Credentials{Login: sandbox.DemoLogin, Password: password, Version: version}, opts)
	},
	sandbox.Misaka: func(password rest.Secret, version string, opts ...session.Option) (client, error) {
		return openMisaka(misaka.Credentials{Email: sandbox.DemoLogin, Password: password, Version: version}, opts)
	},
	sandbox.Babel: func(password rest.Secret, version string, opts ...session.Option) (client, error) {
		return openBabel(babel.Credentials{Username: sandbox.DemoLogin, Password: password, Version: version}, opts)
	},
}

// TestARefusalThatIsStoredHoldsForOneVersionOfTheCredentials: another run with
// the same version does not sign in, and one with another version does.
func TestARefusalThatIsStoredHoldsForOneVersionOfTheCredentials(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		store := &session.MemoryStore{}
		call := func(password, version string) error {
			c, err := versioned[v.Vendor](rest.NewSecret(password), version,
				session.WithBaseURL(standin.URL()), session.WithStore(store), session.WithRejectedMarker(0))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			return c.call(t.Context())
		}
		if err := call("wrong-password", "1"); !errors.Is(err, session.ErrRejected) {
			t.Errorf("a wrong password: got %v", err)
		}
		tried := standin.Requests()
		if err := call(sandbox.DemoPassword, "1"); !errors.Is(err, session.ErrRejected) || !strings.Contains(err.Error(), "not tried again before ") {
			t.Errorf("the version that was refused: got %v", err)
		}
		if n := standin.Requests(); n != tried {
			t.Errorf("%d requests with the version that was refused", n-tried)
		}
		if err := call(sandbox.DemoPassword, "2"); err != nil {
			t.Errorf("another version: got %v", err)
		}
	})
}

// TestAKeyNeedsNoStore: there is no session to keep, and the key is not kept.
func TestAKeyNeedsNoStore(t *testing.T) {
	server := sandbox.New(sandbox.WithVendors(sandbox.Babel))
	defer server.Close()
	store := untouched{&session.MemoryStore{}, t}
	client, err := babel.New(babel.Credentials{APIKey: rest.NewSecret(server.Vendor(sandbox.Babel).Account().APIKey)},
		session.WithBaseURL(server.Vendor(sandbox.Babel).URL()), session.WithStore(store))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetLicenses(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// An untouched store is one that is not to be used.
type untouched struct {
	session.Store
	t *testing.T
}

func (u untouched) Lock(ctx context.Context, key string) (func(), error) {
	u.t.Error("the store is used")
	return u.Store.Lock(ctx, key)
}
