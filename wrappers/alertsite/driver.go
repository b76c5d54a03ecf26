package alertsite

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/generated/alertsiteapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// idle is how long a session lives after its last use. Documented (Login page).
const idle = 15 * time.Minute

// rejected is the status of a login with wrong credentials. Documented (Login
// page).
const rejected = "40"

// dead lists the statuses of a data call that say the session is gone.
// Inferred: no page of the JSON API names one. 20 and 30 mean it in the XML API
// of the same product, and 40 can only be about the session where no password
// was sent.
var dead = []string{"20", "30", rejected} //nolint:gochecknoglobals // never changed

type driver struct{ creds Credentials }

func (d *driver) Vendor() string { return "alertsite" }

func (d *driver) Subject() string { return d.creds.Login }

func (d *driver) CredentialVersion() string { return d.creds.Version }

func (d *driver) SignIn(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
	answer, err := alertsiteapi.New(client).Login(ctx, &alertsiteapi.LoginRequest{Login: d.creds.Login, Password: d.creds.Password})
	if refusal := (*rest.Error)(nil); errors.As(err, &refusal) && refusal.Code == rejected {
		return nil, session.Rejected(err)
	}
	if err != nil {
		return nil, err
	}
	if answer.Metadata.Session.IsZero() {
		return nil, errors.New("the answer to login has no session")
	}
	return &session.Grant{Token: token(d.creds.Login, answer.Metadata.Session), Idle: idle, Subject: d.creds.Login}, nil
}

// token returns the bearer token of a session: login and session id, joined by
// a colon, in Base64. Documented (sample code of the Delete Monitor page).
func token(login string, id rest.Secret) rest.Secret {
	return rest.NewSecret(base64.StdEncoding.EncodeToString([]byte(login + ":" + id.Reveal())))
}

func (d *driver) Apply(header http.Header, grant *session.Grant) {
	header.Set("Authorization", "Bearer "+grant.Token.Reveal())
}

func (d *driver) SecretHeaders() []string { return []string{"Authorization"} }

// Judge looks at the status in the body; AlertSite's pages state no HTTP
// status.
func (d *driver) Judge(resp *http.Response, body string) session.Verdict {
	raw, kind, ok := wire.Find(body, "metadata", "status")
	if !ok || kind != wire.String {
		return session.JudgeStatus(resp)
	}
	if slices.Contains(dead, strings.Trim(raw, `"`)) {
		return session.SessionDead
	}
	return session.Alive
}
