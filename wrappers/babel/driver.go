package babel

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/latchkey-go/latchkey/generated/babelapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

type driver struct{ creds Credentials }

func (d *driver) Vendor() string { return "babel" }

func (d *driver) Subject() string { return d.creds.Username }

func (d *driver) CredentialVersion() string { return d.creds.Version }

func (d *driver) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	answer, err := babelapi.New(client).Login(ctx, &babelapi.LoginRequest{Username: d.creds.Username, Password: d.creds.Password})
	if refusal := (*rest.Error)(nil); errors.As(err, &refusal) && refusal.StatusCode < 300 && refusal.Err == nil {
		// success was false. No page says what that means for a login, and the
		// demo blocks a caller after five wrong passwords: take it for one.
		return nil, session.Rejected(err)
	}
	if err != nil {
		return nil, err
	}
	if answer.Token.IsZero() {
		return nil, errors.New("the answer to login has no token")
	}
	return &session.Grant{Token: answer.Token, Lifetime: d.lifetime(answer.ExpiresIn), Subject: d.creds.Username}, nil
}

// lifetime returns zero, which is unknown, for what does not fit.
func (d *driver) lifetime(expiresIn int64) time.Duration {
	if expiresIn <= 0 || expiresIn > math.MaxInt64/int64(d.creds.ExpiryUnit) {
		return 0
	}
	return time.Duration(expiresIn) * d.creds.ExpiryUnit
}

func (d *driver) SignOut(ctx context.Context, client *rest.Client, _ *session.Grant) error {
	_, err := babelapi.New(client).Logout(ctx, &babelapi.LogoutRequest{})
	return err
}

func (d *driver) Apply(header http.Header, grant *session.Grant) {
	header.Set("Authorization", "Bearer "+grant.Token.Reveal())
}

func (d *driver) SecretHeaders() []string {
	return []string{"Authorization", http.CanonicalHeaderKey(APIKeyHeader)}
}

// Judge goes by the HTTP status: success false is a failure of the call, not
// of the session. Both are inferred; only status 200 is documented.
func (d *driver) Judge(resp *http.Response, _ string) session.Verdict {
	return session.JudgeStatus(resp)
}
