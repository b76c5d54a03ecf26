package misaka

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkey-go/latchkey/generated/misakaapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

type driver struct{ creds Credentials }

func (d *driver) Vendor() string { return "misaka" }

func (d *driver) Subject() string { return d.creds.Email }

func (d *driver) CredentialVersion() string { return d.creds.Version }

func (d *driver) SignIn(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
	api := misakaapi.New(client)
	request := &misakaapi.LoginRequest{Email: rest.Value(d.creds.Email), Password: d.creds.Password}
	if d.creds.Sliding {
		request.Sliding = rest.Value(true)
	}
	login, err := api.Login(ctx, request)
	if wantsCode(login, err) {
		login, err = session.Ask(ctx, answer, session.Challenge{Kind: session.ChallengeTOTP}, func(code rest.Secret) (*misakaapi.LoginAnswer, error) {
			return api.LoginWithSecondFactor(ctx, d.withCode(request, code))
		})
	}
	if err != nil {
		return nil, err
	}
	return d.grant(login)
}

// wantsCode reports whether Misaka asks for a second factor. Inferred: how it
// asks is not published. A success without tokens can mean nothing else, and a
// refusal that speaks of a code probably means it.
func wantsCode(login *misakaapi.LoginAnswer, err error) bool {
	if err == nil {
		return accessToken(login).IsZero() && login.SlidingToken.IsZero()
	}
	refusal := (*rest.Error)(nil)
	return errors.As(err, &refusal) && refusal.StatusCode < 500 && contains(refusal.Message, "2fa", "two-factor", "two factor", "second factor", "one-time", "otp")
}

// withCode returns the request for the second step: the fields of the first
// and the code.
func (d *driver) withCode(login *misakaapi.LoginRequest, code rest.Secret) *misakaapi.LoginWithSecondFactorRequest {
	request := &misakaapi.LoginWithSecondFactorRequest{Email: login.Email, Password: &login.Password, Sliding: login.Sliding}
	if d.creds.CodeField == "" || d.creds.CodeField == "code" {
		request.Code = &code
		return request
	}
	// A text always encodes.
	encoded, _ := json.Marshal(code.Reveal())
	request.AdditionalProperties = rest.Object{d.creds.CodeField: encoded}
	return request
}

func (d *driver) grant(login *misakaapi.LoginAnswer) (*session.Grant, error) {
	token := accessToken(login)
	if d.creds.Sliding && !login.SlidingToken.IsZero() {
		token = login.SlidingToken
	}
	if token.IsZero() {
		return nil, errors.New("the answer to login has no token")
	}
	grant := newGrant(token, first(login.Refresh, login.RefreshToken, login.User.RefreshToken))
	grant.Subject = d.creds.Email
	return grant, nil
}

// accessToken returns the token wherever the answer has it: the document shows
// two places, an independent client a third.
func accessToken(login *misakaapi.LoginAnswer) rest.Secret {
	return first(login.Access, login.AccessToken, login.User.AccessToken)
}

func first(secrets ...rest.Secret) rest.Secret {
	i := slices.IndexFunc(secrets, func(s rest.Secret) bool { return !s.IsZero() })
	if i < 0 {
		return rest.Secret{}
	}
	return secrets[i]
}

// newGrant takes the lifetimes from the tokens themselves: no field has them.
func newGrant(token, refresh rest.Secret) *session.Grant {
	grant := &session.Grant{Token: token, Refresh: refresh}
	grant.Lifetime, _ = session.JWTLifetime(token.Reveal())
	grant.RefreshLifetime, _ = session.JWTLifetime(refresh.Reveal())
	return grant
}

// Refresh renews the access token. A refresh token is good for one use unless
// the answer brings no other, which is inferred.
func (d *driver) Refresh(ctx context.Context, client *rest.Client, old *session.Grant) (*session.Grant, error) {
	answer, err := misakaapi.New(client).RefreshUserToken(ctx, &misakaapi.RefreshRequest{Refresh: old.Refresh})
	if err != nil {
		return nil, err
	}
	if answer.Access.IsZero() {
		return nil, session.Rejected(errors.New("the answer to refresh has no token"))
	}
	grant := newGrant(answer.Access, first(answer.Refresh, old.Refresh))
	grant.Subject = old.Subject
	return grant, nil
}

// SignOut sends the refresh token, as an independent client suggests: it sends
// no other.
func (d *driver) SignOut(ctx context.Context, client *rest.Client, grant *session.Grant) error {
	request := &misakaapi.LogoutRequest{}
	if !grant.Refresh.IsZero() {
		request.Refresh = &grant.Refresh
	}
	_, err := misakaapi.New(client).Logout(ctx, request)
	return err
}

func (d *driver) Apply(header http.Header, grant *session.Grant) {
	header.Set("Authorization", "Bearer "+grant.Token.Reveal())
}

func (d *driver) SecretHeaders() []string { return []string{"Authorization"} }

// Judge takes 401 for a dead session, and 403 if the body speaks of the token.
// Observed in an independent client.
func (d *driver) Judge(resp *http.Response, body string) session.Verdict {
	if resp.StatusCode == http.StatusForbidden {
		code, _, _ := wire.Find(body, "code")
		detail, _, _ := wire.Find(body, "detail")
		if code == `"token_not_valid"` || contains(detail, "token", "authentication credentials") {
			return session.SessionDead
		}
	}
	return session.JudgeStatus(resp)
}

// contains reports whether text has one of the words, in lower or upper case.
func contains(text string, words ...string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}
