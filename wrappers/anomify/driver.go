package anomify

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/latchkey-go/latchkey/generated/anomifyapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// sessionHeader carries the session id. Documented (general usage page).
const sessionHeader = "X-Session-Id"

type driver struct{ creds Credentials }

func (d *driver) Vendor() string { return "anomify" }

func (d *driver) Subject() string { return d.creds.Email }

func (d *driver) CredentialVersion() string { return d.creds.Version }

func (d *driver) SignIn(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
	api := anomifyapi.New(client)
	login, err := api.Login(ctx, &anomifyapi.LoginRequest{Email: d.creds.Email, Password: d.creds.Password})
	if err != nil {
		return nil, err
	}
	signedIn := login.Data.Session
	if login.Data.TwoFactorAuthRequired {
		// Until the code is accepted the id is good for that one call only.
		pending := rest.WithHeader(sessionHeader, login.Status.SessionID.Reveal())
		validated, err := session.Ask(ctx, answer, session.Challenge{Kind: session.ChallengeCode}, func(code rest.Secret) (*anomifyapi.ValidateClientAnswer, error) {
			return api.ValidateClient(ctx, d.validation(code), pending)
		})
		if err != nil {
			return nil, err
		}
		signedIn = validated.Data.Session
	}
	if signedIn.ID.IsZero() {
		return nil, errors.New("the answer to login has no session")
	}
	return &session.Grant{Token: signedIn.ID, Subject: d.creds.Email}, nil
}

func (d *driver) validation(code rest.Secret) *anomifyapi.ValidateClientRequest {
	request := &anomifyapi.ValidateClientRequest{Code: code}
	if !d.creds.ClientToken.IsZero() {
		request.Token = &d.creds.ClientToken
	}
	return request
}

func (d *driver) SignOut(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	_, err := anomifyapi.New(client).Logout(ctx)
	return err
}

// Touch asks for the time of day, which is all that user/ping does.
func (d *driver) Touch(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	_, err := anomifyapi.New(client).PingUser(ctx)
	return err
}

func (d *driver) Apply(header http.Header, grant *session.Grant) {
	header.Set(sessionHeader, grant.Token.Reveal())
}

func (d *driver) SecretHeaders() []string { return []string{sessionHeader, "X-Auth-Token"} }

// Judge goes by the status, in the header or in the body, and by the session
// id that Anomify names in every answer: it gives a request that it does not
// know a new one. That an answer in another session means the old one is dead
// is inferred from that.
func (d *driver) Judge(resp *http.Response, body string) session.Verdict {
	if raw, _, ok := wire.Find(body, "status", "code"); ok && raw == "401" {
		return session.SessionDead
	}
	id, kind, ok := wire.Find(body, "status", "session_id")
	if ok && kind == wire.String && resp.StatusCode < 500 && strings.Trim(id, `"`) != resp.Request.Header.Get(sessionHeader) {
		return session.SessionDead
	}
	return session.JudgeStatus(resp)
}
