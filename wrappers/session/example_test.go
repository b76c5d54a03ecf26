package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// petstore is a driver for an invented vendor: POST /sessions takes a password
// in a header and answers with a token that is good for half an hour. Calls
// carry the token in another header.
type petstore struct{ password rest.Secret }

func (p *petstore) Vendor() string { return "petstore" }

// SignIn is shorter with a generated client.
func (p *petstore) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	var answer *http.Response
	open := client.NewRequest(
		&rest.Operation{ID: "openSession", Method: http.MethodPost, Path: "/sessions", Sensitive: true},
		[]rest.CallOption{rest.WithHeader("X-Pet-Password", p.password.Reveal()), rest.WithResponse(&answer)})
	open.Literal("/sessions")
	if err := rest.DoEmpty(ctx, open); err != nil {
		return nil, err // 401 means that the password is wrong, and so on: see session.Rejected
	}
	token := rest.NewSecret(answer.Header.Get("X-Pet-Token"))
	if token.IsZero() {
		return nil, errors.New("the answer has no token")
	}
	return &session.Grant{Token: token, Lifetime: 30 * time.Minute}, nil
}

func (p *petstore) Apply(header http.Header, grant *session.Grant) {
	header.Set("X-Pet-Token", grant.Token.Reveal())
}

func (p *petstore) SecretHeaders() []string { return []string{"X-Pet-Token", "X-Pet-Password"} }

// Judge: 401 is a dead session. Another vendor may want a look into the body.
func (p *petstore) Judge(resp *http.Response, _ string) session.Verdict {
	return session.JudgeStatus(resp)
}

// A complete driver, and what an engine makes of it.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // the vendor
		switch {
		case strings.HasSuffix(r.URL.Path, "/sessions") && r.Header.Get("X-Pet-Password") == "open sesame":
			w.Header().Set("X-Pet-Token", "0123456789abcdef")
		case r.Header.Get("X-Pet-Token") == "0123456789abcdef":
			fmt.Fprint(w, `{"pets":["cat","dog"]}`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	engine, err := session.New(&petstore{password: rest.NewSecret("open sesame")}, server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	list := engine.Client().NewRequest(&rest.Operation{ID: "listPets", Method: http.MethodGet, Path: "/pets", Session: true}, nil)
	list.Literal("/pets")
	answer, err := rest.Do[rest.Object](context.Background(), list) // signs in first
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string((*answer)["pets"]), engine.Status().State, engine.Close(context.Background()))
	// Output: ["cat","dog"] active <nil>
}
