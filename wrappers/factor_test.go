package wrappers_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A request is what went over the wire.
type request struct{ path, session, body string }

// A wiretap notes all requests.
type wiretap struct {
	mu   sync.Mutex
	seen []request
}

func (w *wiretap) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	w.seen = append(w.seen, request{req.URL.Path, req.Header.Get("X-Session-Id"), string(body)})
	w.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// to returns the requests to paths with that ending.
func (w *wiretap) to(ending string) []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []request
	for _, r := range w.seen {
		if strings.HasSuffix(r.path, ending) {
			found = append(found, r)
		}
	}
	return found
}

// answering gives codes, one after the other.
func answering(codes ...string) session.Challenger {
	var mu sync.Mutex
	return session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
		mu.Lock()
		defer mu.Unlock()
		code := codes[0]
		codes = codes[1:]
		return rest.NewSecret(code), nil
	})
}

// TestASessionThatWaitsForItsSecondFactorSignsNoCall goes through Anomify's
// login with calls under way, answered at once and later.
func TestASessionThatWaitsForItsSecondFactorSignsNoCall(t *testing.T) {
	for name, option := range map[string]session.Option{
		"at once":               session.WithChallenger(answering(sandbox.DemoCode)),
		"at the second attempt": session.WithChallenger(answering("000000", sandbox.DemoCode)),
		"later":                 session.WithDeferredChallenges(time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			server := sandbox.New(sandbox.WithVendors(sandbox.Anomify))
			defer server.Close()
			standin, wire := server.Vendor(sandbox.Anomify), &wiretap{}
			standin.RequireSecondFactor(true)
			c, err := openAnomify(
				anomify.Credentials{Email: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword), ClientToken: rest.NewSecret("optional-token")},
				[]session.Option{session.WithBaseURL(standin.URL()), session.WithTransport(wire), option},
			)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(context.Background())
			var calls sync.WaitGroup
			for range 16 {
				calls.Go(func() { callOrAnswer(t, c) })
			}
			calls.Wait()
			if err := c.call(t.Context()); err != nil {
				t.Error(err)
			}
			answers := wire.to("/login/validateclient")
			if len(answers) == 0 || answers[0].session == "" {
				t.Fatalf("the code was sent without the pending session: %v", answers)
			}
			for _, r := range wire.to("") {
				if r.session == answers[0].session && r.path != answers[0].path {
					t.Errorf("%s was sent in the session that waits for its code", r.path)
				}
			}
			for _, r := range answers {
				if !strings.Contains(r.body, "token=optional-token") {
					t.Error("the code was sent without the optional token")
				}
			}
			if n := len(wire.to("/login")); n != 1 {
				t.Errorf("%d sign-ins, want 1", n)
			}
		})
	}
}

// callOrAnswer makes a call, and answers the challenge if it meets one.
func callOrAnswer(t *testing.T, c client) {
	err := c.call(t.Context())
	if challenge := (*session.ChallengeError)(nil); errors.As(err, &challenge) {
		// One of all who try is the first.
		_ = challenge.Continue(t.Context(), rest.NewSecret(sandbox.DemoCode))
		err = c.call(t.Context())
	}
	if err != nil {
		t.Error(err)
	}
}

// TestMisakasInferredFieldsCanBeSet: the name of the field for the code is not
// published.
func TestMisakasInferredFieldsCanBeSet(t *testing.T) {
	for field, want := range map[string]string{"": `"code":"` + sandbox.DemoCode, "code": `"code":"` + sandbox.DemoCode, "otp_token": `"otp_token":"` + sandbox.DemoCode} {
		t.Run(field, func(t *testing.T) {
			server := sandbox.New(sandbox.WithVendors(sandbox.Misaka))
			defer server.Close()
			standin, wire := server.Vendor(sandbox.Misaka), &wiretap{}
			standin.RequireSecondFactor(true)
			c, err := misaka.New(
				misaka.Credentials{Email: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword), CodeField: field, Sliding: true},
				session.WithBaseURL(standin.URL()), session.WithTransport(wire), session.WithChallenger(answering(sandbox.DemoCode, sandbox.DemoCode)),
			)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(context.Background())
			err = c.SignIn(t.Context())
			if known := field != "otp_token"; known != (err == nil) {
				t.Errorf("signing in: %v", err) // the sandbox knows one name only
			}
			answers := wire.to("/login/2fa")
			if len(answers) == 0 {
				t.Fatal("no code was sent")
			}
			for _, r := range answers {
				if !strings.Contains(r.body, want) || !strings.Contains(r.body, `"sliding":true`) {
					t.Errorf("the request lacks %s or the wish for a sliding token", want)
				}
				if field == "otp_token" && strings.Contains(r.body, `"code"`) {
					t.Error("the code is in the other field, too")
				}
			}
		})
	}
}
