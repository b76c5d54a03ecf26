package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// petstore is a driver for an invented vendor: POST /sessions takes an e-mail
// address and a password, and answers with a token that is good for some
// minutes. Calls carry it in a header.
type petstore struct {
	email    string
	password rest.Secret
}

func (p *petstore) Vendor() string { return "petstore" }

// SignIn is usually two lines around a generated operation.
func (p *petstore) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	signIn := client.NewRequest(&rest.Operation{ID: "openSession", Method: http.MethodPost, Path: "/sessions", Sensitive: true}, nil)
	signIn.Literal("/sessions")
	var form rest.Values
	form.String("email", p.email)
	form.String("password", p.password.Reveal())
	signIn.Form(&formOf{form})
	answer, err := rest.Do[rest.Object](ctx, signIn)
	if err != nil {
		return nil, err // 401 means that the password is wrong, and so on; see session.Rejected
	}
	var token string
	var minutes int
	if err := errors.Join(json.Unmarshal((*answer)["token"], &token), json.Unmarshal((*answer)["minutes"], &minutes)); err != nil {
		return nil, errors.New("the answer has no token")
	}
	return &session.Grant{Token: rest.NewSecret(token), Lifetime: time.Duration(minutes) * time.Minute, Subject: p.email}, nil
}

func (p *petstore) Apply(header http.Header, grant *session.Grant) {
	header.Set("X-Pet-Token", grant.Token.Reveal())
}

func (p *petstore) SecretHeaders() []string { return []string{"X-Pet-Token"} }

// Judge: 401 is a dead session. Another vendor may want a look into body.
func (p *petstore) Judge(resp *http.Response, _ string) session.Verdict {
	return session.JudgeStatus(resp)
}

// SignOut is optional: it makes the driver a session.Revoker.
func (p *petstore) SignOut(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	signOut := client.NewRequest(&rest.Operation{ID: "endSession", Method: http.MethodDelete, Path: "/sessions", Session: true}, nil)
	signOut.Literal("/sessions")
	return rest.DoEmpty(ctx, signOut)
}

// A complete driver, and what an engine makes of it.
func Example() {
	server := httptest.NewServer(petServer())
	defer server.Close()
	ctx := context.Background()

	engine, err := session.New(&petstore{email: "demo@example.com", password: rest.NewSecret("open sesame")}, server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	pets := engine.Client().NewRequest(&rest.Operation{ID: "listPets", Method: http.MethodGet, Path: "/pets", Session: true}, nil)
	pets.Literal("/pets")
	answer, err := rest.Do[rest.Object](ctx, pets) // signs in first
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string((*answer)["pets"]))
	fmt.Println(engine.Status().State, engine.Close(ctx), engine.Status().State)
	// Output:
	// ["cat","dog"]
	// active <nil> closed
}

// formOf is what generated types are: a form that writes itself.
type formOf struct{ rest.Values }

func (f *formOf) EncodeForm(v *rest.Values) { *v = f.Values }

// petServer is the vendor.
func petServer() http.Handler {
	const token = "0123456789abcdef"
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sessions", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("password") != "open sesame" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"token":%q,"minutes":30}`, token)
	})
	mux.HandleFunc("DELETE /sessions", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /pets", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Pet-Token") != token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprint(w, `{"pets":["cat","dog"]}`)
	})
	return mux
}
