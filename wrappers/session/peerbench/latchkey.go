package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// acme is the driver for the vendor.
type acme struct{}

func (acme) Vendor() string { return "acme" }

func (acme) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	login := client.NewRequest(&rest.Operation{Vendor: "acme", ID: "login", Method: http.MethodPost, Path: "/login", Sensitive: true}, nil)
	login.Literal("/login")
	login.JSON("application/json", rest.Object{"password": json.RawMessage(`"open sesame"`)})
	answer, err := rest.Do[rest.Object](ctx, login)
	if err != nil {
		return nil, err
	}
	var token string
	var seconds int
	if err := errors.Join(json.Unmarshal((*answer)["token"], &token), json.Unmarshal((*answer)["expiresIn"], &seconds)); err != nil {
		return nil, errors.New("the answer has no token")
	}
	return &session.Grant{Token: rest.NewSecret(token), Lifetime: time.Duration(seconds) * time.Second}, nil
}

func (acme) Apply(h http.Header, g *session.Grant) {
	h.Set("Authorization", "Bearer "+g.Token.Reveal())
}

func (acme) SecretHeaders() []string { return []string{"Authorization"} }

func (acme) Judge(resp *http.Response, _ string) session.Verdict { return session.JudgeStatus(resp) }

// openLatchkey opens an engine. It hands out no token, so that there is nothing
// to read; see [acquisition].
func openLatchkey(base http.RoundTripper) (member, error) {
	engine, err := session.New(acme{}, baseURL, session.WithTransport(base))
	if err != nil {
		return member{}, err
	}
	return member{RoundTripper: engine.Transport()}, nil
}
