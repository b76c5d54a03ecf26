package soaktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A keyring holds the credentials that the program has, which may be those of
// yesterday.
type keyring struct {
	mu       sync.Mutex
	password string
	version  int
}

func (k *keyring) get() (password string, version int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.password, k.version
}

func (k *keyring) set(password string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.password != password {
		k.password = password
		k.version++
	}
}

// A driver signs in at the vendor.
type driver struct {
	user string
	idle time.Duration
	keys *keyring
}

func (d *driver) Vendor() string            { return "acme" }
func (d *driver) Subject() string           { return d.user }
func (d *driver) SecretHeaders() []string   { return []string{sessionHeader} }
func (d *driver) CredentialVersion() string { _, v := d.keys.get(); return strconv.Itoa(v) }

func (d *driver) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	password, _ := d.keys.get()
	return d.post(ctx, client, "login", "password", password)
}

// post opens a session with a secret.
func (d *driver) post(ctx context.Context, client *rest.Client, id, name, secret string) (*session.Grant, error) {
	r := client.NewRequest(operation(id, false), nil)
	r.Literal("/" + id)
	r.JSON("application/json", rest.Object{"user": quoted(d.user), name: quoted(secret)})
	answer, err := rest.Do[rest.Object](ctx, r)
	if err != nil {
		return nil, err
	}
	g := &session.Grant{Token: text(*answer, "token"), Refresh: text(*answer, "refresh"), Idle: d.idle, Subject: d.user}
	if g.Token.IsZero() {
		return nil, errors.New("the answer has no token")
	}
	var seconds float64
	if json.Unmarshal((*answer)["expiresIn"], &seconds) == nil {
		g.Lifetime = time.Duration(seconds * float64(time.Second))
	}
	return g, nil
}

func (d *driver) Apply(h http.Header, g *session.Grant) { h.Set(sessionHeader, g.Token.Reveal()) }

func (d *driver) Judge(resp *http.Response, body string) session.Verdict {
	if resp.StatusCode == http.StatusOK && strings.Contains(body, `"status":"40"`) {
		return session.SessionDead
	}
	return session.JudgeStatus(resp)
}

func (d *driver) SignOut(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	r := client.NewRequest(operation("logout", true), nil)
	r.Literal("/logout")
	return rest.DoEmpty(ctx, r)
}

// A refresher is a driver whose vendor hands out refresh tokens.
type refresher struct{ *driver }

func (d refresher) Refresh(ctx context.Context, client *rest.Client, g *session.Grant) (*session.Grant, error) {
	return d.post(ctx, client, "refresh", "refresh", g.Refresh.Reveal())
}

func operation(id string, inSession bool) *rest.Operation {
	return &rest.Operation{Vendor: "acme", ID: id, Method: http.MethodPost, Path: "/" + id, Session: inSession, Sensitive: true}
}

func quoted(s string) json.RawMessage {
	data, _ := json.Marshal(s)
	return data
}

func text(o rest.Object, name string) rest.Secret {
	var s string
	_ = json.Unmarshal(o[name], &s)
	return rest.NewSecret(s)
}

// A flaky store fails now and then.
type flaky struct {
	session.Store
	front *front
}

var errStore = errors.New("store is flaky")

func (s *flaky) fails() bool { return !s.front.calm.Load() && s.front.roll(100) < 3 }

func (s *flaky) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if s.fails() {
		return nil, "", errStore
	}
	return s.Store.Load(ctx, key)
}

func (s *flaky) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if s.fails() {
		return "", errStore
	}
	version, err := s.Store.CompareAndSwap(ctx, key, old, r)
	if err == nil && s.front.trouble.unclear && s.fails() {
		return "", errStore
	}
	return version, err
}

func (s *flaky) Lock(ctx context.Context, key string) (func(), error) {
	if s.fails() {
		return nil, errStore
	}
	return s.Store.Lock(ctx, key)
}
