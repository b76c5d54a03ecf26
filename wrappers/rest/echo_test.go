package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// vendorFailure is how the vendor of these tests reports a failure.
var vendorFailure = rest.Failure{Value: []string{"status"}, Success: []string{"0"}, Code: []string{"code"}, Message: []string{"message"}}

// secretCalls send a secret in every place where one can be.
var secretCalls = map[string]func(r *rest.Request, secret rest.Secret){
	"body": func(r *rest.Request, secret rest.Secret) {
		r.JSON("application/json", &Patch{Password: rest.Value(secret)})
	},
	"form":   func(r *rest.Request, secret rest.Secret) { r.Form(secretForm{secret}) },
	"header": func(r *rest.Request, secret rest.Secret) { r.HeaderSecret("X-Key", secret) },
	"query":  func(r *rest.Request, secret rest.Secret) { r.Query().Secret("key", secret) },
	"path": func(r *rest.Request, secret rest.Secret) {
		r.Literal("/keys/")
		r.PathSecret("key", secret)
	},
}

type secretForm struct{ password rest.Secret }

func (f secretForm) EncodeForm(v *rest.Values) { v.Secret("password", f.password) }

// call sends secret by one of secretCalls.
func callWithSecret(t *testing.T, client *rest.Client, place, secret string) error {
	t.Helper()
	op := rest.Operation{
		Vendor: "acme", ID: "login", Method: http.MethodPost, Path: "/keys/{key}", Failure: &vendorFailure, NewError: newFault,
	}
	r := client.NewRequest(&op, nil)
	secretCalls[place](r, rest.NewSecret(secret))
	_, err := rest.Do[Thing](t.Context(), r)
	return err
}

// TestAVendorThatRepeatsASecretDoesNotGetItIntoAnError sends secrets to a
// server that answers with all that it got.
func TestAVendorThatRepeatsASecretDoesNotGetItIntoAnError(t *testing.T) {
	for _, secret := range []string{"hunter2", "Correct Horse/Battery", "pässwörd-hunter2", "123456", "7!", strings.Repeat("token.", 500)} {
		for place := range secretCalls {
			for _, status := range []int{200, 401, 500} {
				client := serve(t, func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					form, _ := url.QueryUnescape(string(body))
					got := fmt.Sprintf("%s %s %s %s %s", body, form, r.URL.Path, r.URL.RawQuery, r.Header.Get("X-Key"))
					w.Header().Set("X-Request-Id", r.URL.RawQuery)
					w.WriteHeader(status)
					answer := map[string]any{"status": 7, "code": strings.ToUpper(got), "message": "rejected: " + got + secret, "reason": got}
					_ = json.NewEncoder(w).Encode(answer)
				})
				err := callWithSecret(t, client, place, secret)
				apiErr := wantError(t, err, status)
				shown := strings.ToLower(fmt.Sprintf("%v|%+v|%q|%s|%s|%+v|%s", err, apiErr.Value, apiErr.Body, apiErr.Path, apiErr.Code, apiErr.Message, apiErr.RequestID))
				for _, form := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret)} {
					if strings.Contains(shown, strings.ToLower(form)) {
						t.Errorf("%s, status %d: %.20q is in %.300s", place, status, secret, shown)
					}
				}
				if !strings.Contains(err.Error(), "[redacted]") {
					t.Errorf("%s, status %d: nothing says that something is left out: %v", place, status, err)
				}
			}
		}
	}
}

// The explanation says nothing, but what stands beside it does.
func TestAValueThatRepeatsASecretIsLeftOut(t *testing.T) {
	for _, reason := range []string{
		"no user with the password Hunter2/Söhne", `Hunter2\/S\u00f6hne`, "key=Hunter2%2FS%C3%B6hne", "HUNTER2/SÖHNE",
		strings.Repeat("x", 64<<10) + "Hunter2/Söhne", "",
	} {
		for place := range secretCalls {
			client := answer(t, http.StatusUnauthorized, "application/json", `{"status":7,"code":"40","message":"no","reason":"`+reason+`"}`)
			apiErr := wantError(t, callWithSecret(t, client, place, "Hunter2/Söhne"), http.StatusUnauthorized)
			if kept := apiErr.Value != nil; kept != (reason == "") || apiErr.Message != "no" {
				t.Errorf("%s, %.50q: %+v, %q", place, reason, apiErr.Value, apiErr.Message)
			}
		}
	}
}

func TestAnExplanationWithoutASecretIsKept(t *testing.T) {
	for place := range secretCalls {
		client := answer(t, http.StatusUnauthorized, "application/json", `{"status":7,"code":"40","message":"Login failed, user or password is wrong","reason":"x"}`)
		err := callWithSecret(t, client, place, "pass-hunter2")
		apiErr := wantError(t, err, http.StatusUnauthorized)
		if apiErr.Code != "40" || apiErr.Message != "Login failed, user or password is wrong" || apiErr.Value == nil {
			t.Errorf("%s: got %#v", place, apiErr)
		}
		if apiErr.Body != nil {
			t.Errorf("%s: the body is kept: %s", place, apiErr.Body)
		}
	}
}

func TestAnErrorShowsTheTemplateOfAPathWithASecret(t *testing.T) {
	err := callWithSecret(t, answer(t, http.StatusNotFound, "", ""), "path", "hunter2")
	if apiErr := wantError(t, err, http.StatusNotFound); apiErr.Path != "/v1/keys/{key}" {
		t.Errorf("the path is %q", apiErr.Path)
	}
	for _, secret := range []string{"", ".", ".."} {
		err := callWithSecret(t, answer(t, http.StatusOK, "", "{}"), "path", secret)
		wantText(t, err, []string{"path parameter key must not be"})
	}
}
