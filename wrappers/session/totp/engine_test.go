package totp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/totp"
)

// A vendor wants a code and signs in by the accepted one.
type vendor struct {
	accepts func(code string) bool
	codes   []string
	times   []time.Time
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
}

func (*vendor) Vendor() string                                      { return "acme" }
func (*vendor) SecretHeaders() []string                             { return []string{"Authorization"} }
func (*vendor) Apply(h http.Header, g *session.Grant)               { h.Set("Authorization", g.Token.Reveal()) }
func (*vendor) Judge(resp *http.Response, _ string) session.Verdict { return session.JudgeStatus(resp) }

func (v *vendor) SignIn(ctx context.Context, _ *rest.Client, answer session.Challenger) (*session.Grant, error) {
	return session.Ask(ctx, answer, session.Challenge{Kind: session.ChallengeTOTP}, func(code rest.Secret) (*session.Grant, error) {
		v.codes, v.times = append(v.codes, code.Reveal()), append(v.times, time.Now())
		if !v.accepts(code.Reveal()) {
			return nil, session.ChallengeFailed(errors.New("wrong code"))
		}
		return &session.Grant{Token: rest.NewSecret("token")}, nil
	})
}

func newEngine(t *testing.T, v *vendor) (*session.Engine, *totp.Challenger) {
	t.Helper()
	c := newChallenger(t)
	engine, err := session.New(v, "https://api.acme.example", session.WithTransport(v), session.WithChallenger(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close(context.Background()) })
	return engine, c
}

// Row F7: a refused code is tried once more, with that of the next step.
func TestF07WrongCodeIsFollowedByThatOfTheNextStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		engine, c := newEngine(t, v)
		v.accepts = func(code string) bool { return len(v.codes) == 2 && code == at(t, c, time.Now()) }
		if err := engine.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := v.times[1].Sub(v.times[0]); waited > 30*time.Second || v.times[1].Unix()%30 != 0 {
			t.Errorf("second code after %v, want it at the beginning of the next step", waited)
		}
	})
}

// Row F7: codes that are refused do not go on for ever.
func TestF07TwoWrongCodesAreTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{accepts: func(string) bool { return false }}
		engine, _ := newEngine(t, v)
		for range 3 {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.acme.example/data", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := engine.Transport().RoundTrip(req)
			if !errors.Is(err, session.ErrChallengeFailed) {
				t.Errorf("got error %v", err)
			}
			if err == nil {
				_ = resp.Body.Close()
			}
		}
		if len(v.codes) != 2 || slices.Contains(v.codes[1:], v.codes[0]) {
			t.Errorf("codes %v, want two different ones", v.codes)
		}
	})
}
