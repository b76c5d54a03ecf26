package wrappers_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/generated/alertsiteapi"
	"github.com/latchkey-go/latchkey/generated/anomifyapi"
	"github.com/latchkey-go/latchkey/generated/babelapi"
	"github.com/latchkey-go/latchkey/generated/misakaapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/exercise"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// rules lists the operations that the sandbox answers by the rules of the
// vendor's sessions, or from its state, and not with the example.
var rules = []string{
	"login", "logout", "validateClient", "verifySignup", "pingUser", "loginWithSecondFactor", "refreshUserToken", "changePassword",
	"addMonitor", "editMonitor", "deleteMonitor", "getMonitors", "updateUserSettings", "getLoggedInUser",
}

// generatedClient returns the generated client of a vendor on c.
func generatedClient(v sandbox.Vendor, c *rest.Client) any {
	switch v {
	case sandbox.Anomify:
		return anomifyapi.New(c)
	case sandbox.AlertSite:
		return alertsiteapi.New(c)
	case sandbox.Misaka:
		return misakaapi.New(c)
	default:
		return babelapi.New(c)
	}
}

// TestEveryOperationReadsItsExampleWithoutLoss calls each operation of each
// description through the generated client and compares what it returns with
// the example.
func TestEveryOperationReadsItsExampleWithoutLoss(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		signed := open(t, v, standin)
		defer signed.Close(context.Background())
		api := generatedClient(v.Vendor, signed.Client())
		operations, err := exercise.Operations(string(v.Vendor))
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			if slices.Contains(rules, op.ID) {
				continue
			}
			got, err := op.Call(t.Context(), api, nil)
			if err != nil {
				t.Error(err)
				continue
			}
			answer, ok := got.(rest.Encodable)
			if !ok {
				continue // a live body
			}
			encoded, err := rest.Encode(answer)
			if err != nil {
				t.Errorf("%s: %v", op.ID, err)
				continue
			}
			decoded, example := withoutSession(value(t, encoded)), withoutSession(value(t, op.Answer()))
			if !reflect.DeepEqual(decoded, example) {
				t.Errorf("%s\n got %v\nwant %v", op.ID, decoded, example)
			}
		}
	})
}

// withoutSession drops what Anomify and AlertSite say of the session in every
// answer: it is the sandbox's own.
func withoutSession(v any) any {
	members, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for envelope, own := range map[string][]string{"metadata": {"session", "login"}, "status": {"session_id", "created_timestamp", "created_string", "api_host"}} {
		if inner, ok := members[envelope].(map[string]any); ok {
			for _, name := range own {
				delete(inner, name)
			}
		}
	}
	return v
}

// A recorder keeps the body of the last answer.
type recorder struct {
	next http.RoundTripper
	body []byte
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if r.body, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(r.body))
	return resp, nil
}

// TestAnswersAreEncodedAsTheyCame records what the sandbox answers to each
// operation, failures too, and compares it with what the client makes of it.
func TestAnswersAreEncodedAsTheyCame(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		transport := rest.NewTransport()
		defer transport.CloseIdleConnections()
		recorded := &recorder{next: transport}
		signed, err := v.password(sandbox.DemoLogin, sandbox.DemoPassword, session.WithBaseURL(standin.URL()), session.WithTransport(recorded))
		if err != nil {
			t.Fatal(err)
		}
		defer signed.Close(context.Background())
		operations, err := exercise.Operations(string(v.Vendor))
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, op := range operations {
			got, err := op.Call(t.Context(), generatedClient(v.Vendor, signed.Client()), nil)
			if refusal := (*rest.Error)(nil); errors.As(err, &refusal) {
				got = refusal.Value
			}
			answer, ok := got.(rest.Encodable)
			if !ok {
				continue // a live body, or none
			}
			encoded, err := rest.Encode(answer)
			if err != nil {
				t.Errorf("%s: %v", op.ID, err)
				continue
			}
			compared++
			if have, want := value(t, encoded), value(t, recorded.body); !reflect.DeepEqual(have, want) {
				t.Errorf("%s\n got %v\nwant %v", op.ID, have, want)
			}
		}
		if compared < len(operations)/2 {
			t.Errorf("%d of %d operations compared", compared, len(operations))
		}
	})
}

// TestOperationsDemandASessionWhereTheDescriptionSaysSo calls each operation
// without a session.
func TestOperationsDemandASessionWhereTheDescriptionSaysSo(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		unsigned, err := rest.NewClient(string(v.Vendor), standin.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		api := generatedClient(v.Vendor, unsigned)
		operations, err := exercise.Operations(string(v.Vendor))
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			_, err := op.Call(t.Context(), api, nil)
			refusal := (*rest.Error)(nil)
			switch {
			case !op.Session:
				if err != nil && !slices.Contains(rules, op.ID) {
					t.Errorf("%s needs no session, but: %v", op.ID, err)
				}
			case !errors.As(err, &refusal):
				t.Errorf("%s needs a session, but without one: %v", op.ID, err)
			case refusal.StatusCode != http.StatusUnauthorized && (refusal.Code == "" || refusal.Code == "0"):
				t.Errorf("%s without a session: %v", op.ID, err)
			}
			if err != nil && !strings.Contains(err.Error(), op.ID) {
				t.Errorf("the error does not name %s: %v", op.ID, err)
			}
		}
	})
}
