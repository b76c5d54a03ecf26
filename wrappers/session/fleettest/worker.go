package fleettest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

const goroutines = 2 // that call at once, per process

// work makes calls until the vendor says that the test is over.
func (f Fleet) work(t *testing.T) {
	t.Helper()
	store, err := f.Open(os.Getenv(whereVariable))
	if err != nil {
		t.Fatal(err)
	}
	vendor := os.Getenv(vendorVariable)
	// The vendor ends sessions far sooner than an engine finds natural.
	opts := append([]session.Option{session.WithStore(store), session.WithReloginBudget(1<<20, time.Millisecond)}, f.Options...)
	engine, err := session.New(driver{}, vendor, opts...)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for n := 0; call(t, engine, vendor, fmt.Sprintf("%s-%d-%d", os.Getenv(nameVariable), i, n)); n++ {
				engine.Reset() // or it takes sessions that die so young for stolen
			}
		})
	}
	wg.Wait()
	if err := engine.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// call makes one call and reports whether there is to be another.
func call(t *testing.T, engine *session.Engine, vendor, name string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, vendor+"/data", nil) //nolint:gosec // the address is that of the test
	if err != nil {
		t.Error(err)
		return false
	}
	req.Header.Set(callHeader, name)
	resp, err := engine.Transport().RoundTrip(req)
	if err != nil {
		return complain(t, vendor, name, err)
	}
	_ = resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return true
	case http.StatusGone:
		return false
	default:
		return complain(t, vendor, name, errors.Join(errors.New(resp.Status), session.Reason(resp)))
	}
}

// complain tells the vendor, who outlives this process, of a failed call.
func complain(t *testing.T, vendor, name string, why error) bool {
	t.Helper()
	reason, err := json.Marshal(map[string]string{"reason": name + ": " + why.Error()})
	if err != nil {
		t.Error(err)
		return false
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, vendor+"/failed", strings.NewReader(string(reason))) //nolint:gosec // as above
	if err != nil {
		t.Error(err)
		return false
	}
	resp, err := http.DefaultClient.Do(req) //nolint:gosec // as above
	if err != nil {
		t.Errorf("%v, and the vendor has gone: %v", why, err)
		return false
	}
	return resp.Body.Close() == nil
}

// A driver signs in at a vendor.
type driver struct{}

func (driver) Vendor() string            { return "fleet" }
func (driver) Subject() string           { return "me" }
func (driver) CredentialVersion() string { return "1" }
func (driver) SecretHeaders() []string   { return []string{"Authorization"} }

func (driver) Apply(h http.Header, g *session.Grant) { h.Set("Authorization", g.Token.Reveal()) }

func (driver) Judge(resp *http.Response, _ string) session.Verdict { return session.JudgeStatus(resp) }

func (driver) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	return post(ctx, client, "login", "password", rest.NewSecret(password))
}

func (driver) Refresh(ctx context.Context, client *rest.Client, g *session.Grant) (*session.Grant, error) {
	return post(ctx, client, "refresh", "refresh", g.Refresh)
}

func post(ctx context.Context, client *rest.Client, operation, name string, secret rest.Secret) (*session.Grant, error) {
	op := &rest.Operation{Vendor: "fleet", ID: operation, Method: http.MethodPost, Path: "/" + operation, Sensitive: true}
	value, err := json.Marshal(secret.Reveal())
	if err != nil {
		return nil, err
	}
	r := client.NewRequest(op, []rest.CallOption{rest.WithHeader(memberHeader, os.Getenv(nameVariable))})
	r.Literal(op.Path)
	r.JSON("application/json", rest.Object{name: value})
	answer, err := rest.Do[rest.Object](ctx, r)
	if err != nil {
		return nil, err
	}
	var token, refresh string
	var seconds int
	for name, target := range map[string]any{"token": &token, "refresh": &refresh, "expiresIn": &seconds} {
		if json.Unmarshal((*answer)[name], target) != nil {
			return nil, errors.New("the answer has no " + name)
		}
	}
	return &session.Grant{
		Token: rest.NewSecret(token), Refresh: rest.NewSecret(refresh), Lifetime: time.Duration(seconds) * time.Second,
	}, nil
}
