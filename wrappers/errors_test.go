package wrappers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// TestARefusalThatIsPassedOnSaysWhy refuses calls with the vendor's answer to
// a session that is over.
func TestARefusalThatIsPassedOnSaysWhy(t *testing.T) {
	tests := []struct {
		name  string
		opts  []session.Option
		times int // refusals by call; 0 for all
		calls int
		want  error // of the last call
	}{
		{"replay is off", []session.Option{session.WithReplay(false)}, 1, 1, session.ErrNotReplayable},
		{"the operation is refused in a new session, too", nil, 0, 1, session.ErrDenied},
		{"the operation was refused a short while ago", nil, 0, 2, session.ErrDenied},
		{"a session dies again and again", []session.Option{session.WithReloginBudget(1, time.Hour)}, 1, 2, session.ErrBudget},
	}
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		for _, tt := range tests {
			c, err := v.password(sandbox.DemoLogin, sandbox.DemoPassword, append(tt.opts, session.WithBaseURL(standin.URL()))...)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.call(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range tt.calls {
				standin.Fault(sandbox.Fault{Operation: v.operation, Times: tt.times, Refuse: true})
				err = c.call(t.Context())
				standin.ClearFaults()
			}
			answer, about := (*rest.Error)(nil), (*session.Error)(nil)
			if !errors.As(err, &answer) || !errors.As(err, &about) || !errors.Is(err, tt.want) {
				t.Errorf("%s: got %v, want a *rest.Error with %q in its chain", tt.name, err, tt.want)
				continue
			}
			if text := err.Error(); !strings.Contains(text, tt.want.Error()) || answer.Operation != v.operation {
				t.Errorf("%s: got %q", tt.name, text)
			}
			if err := c.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestErrorsHaveTheRequestIDOfTheVendor(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		c := open(t, v, standin)
		defer c.Close(context.Background())
		standin.Fault(sandbox.Fault{Operation: v.operation, Status: http.StatusInternalServerError, Header: http.Header{"X-Request-Id": {"r-42"}}})
		err := c.call(t.Context())
		if answer := (*rest.Error)(nil); !errors.As(err, &answer) || answer.RequestID != "r-42" || !strings.HasSuffix(err.Error(), " (request r-42)") {
			t.Errorf("got %v", err)
		}
	})
}

// TestTheErrorSaysWhatBreaksTheDescription asks the sandbox for an example that
// there is not.
func TestTheErrorSaysWhatBreaksTheDescription(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		c, err := v.password(sandbox.DemoLogin, sandbox.DemoPassword, session.WithBaseURL(standin.URL()), session.WithTransport(mistaken{v.operation}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		err = c.call(t.Context())
		answer := new(rest.Error)
		if !errors.As(err, &answer) || answer.StatusCode != sandbox.StatusClientBug {
			t.Fatalf("got %v", err)
		}
		mistakes := standin.Mistakes()
		standin.ResetCounts()
		if len(mistakes) == 0 || answer.Message != mistakes[0] || !strings.Contains(err.Error(), "there is no example of that name") {
			t.Errorf("got %v with the message %q, want %q", err, answer.Message, mistakes)
		}
	})
}

// mistaken is a transport that breaks the requests to an operation.
type mistaken struct{ operation string }

func (m mistaken) RoundTrip(req *http.Request) (*http.Response, error) {
	if rest.OperationFrom(req.Context()).ID == m.operation {
		req = req.Clone(req.Context())
		req.Header.Set(sandbox.HeaderExample, "nothing")
	}
	return http.DefaultTransport.RoundTrip(req)
}

// TestAVendorThatRepeatsThePasswordDoesNotGetItIntoAnError signs in to a
// server that puts all that it gets into all that it answers.
func TestAVendorThatRepeatsThePasswordDoesNotGetItIntoAnError(t *testing.T) {
	const password = "Hunter2 & Söhne"
	for _, v := range vendors {
		for _, status := range []int{200, 400, 401, 403, 429, 500} {
			got := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				form, _ := url.QueryUnescape(string(body))
				got = fmt.Sprintf("%s %s %s", r.RequestURI, body, form)
				w.Header().Set("X-Request-Id", strings.ReplaceAll(url.QueryEscape(got), "+", "%20"))
				w.WriteHeader(status)
				_ = json.NewEncoder(w).Encode(map[string]any{ // a failure for all of them
					"success": false, "code": 7, "message": got, "error": got, "detail": got,
					"metadata": map[string]any{"status": got, "message": got},
					"status":   map[string]any{"code": 444, "text": got, "message": got, "error": got},
				})
			}))
			c, err := v.password("demo@example.com", password, session.WithBaseURL(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			err = c.SignIn(t.Context())
			if !strings.Contains(got, password) {
				t.Errorf("%s: the server did not get the password: %s", v.Vendor, got)
			}
			_ = c.Close(context.Background())
			server.Close()
			answer := new(rest.Error)
			if err == nil || !errors.As(err, &answer) && !errors.Is(err, session.ErrChallenge) { // which is how misaka reads any success
				t.Errorf("%s, status %d: got %v", v.Vendor, status, err)
			}
			shown := fmt.Sprintf("%v %+v %s %s %s %+v", err, answer.Value, answer.Code, answer.Message, answer.RequestID, answer.Body)
			if strings.Contains(strings.ToLower(shown), "hunter2") {
				t.Errorf("%s, status %d: the password is in %s", v.Vendor, status, shown)
			}
		}
	}
}

// An echo is a transport that answers an operation with a failure that repeats
// the header of the request.
type echo struct {
	http.RoundTripper
	operation string
	status    int
	header    http.Header // of the last request to the operation
}

func (e *echo) RoundTrip(req *http.Request) (*http.Response, error) {
	if rest.OperationFrom(req.Context()).ID != e.operation {
		return e.RoundTripper.RoundTrip(req)
	}
	e.header = req.Header
	got := fmt.Sprint(req.Header)
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // a failure for all vendors
		"success": false, "code": 7, "message": got, "error": got, "detail": got,
		"metadata": map[string]any{"status": 400, "message": got},
		"status":   map[string]any{"code": 444, "text": got, "message": got, "error": got},
	})
	return w.Result(), nil
}

// TestAVendorThatRepeatsTheSessionDoesNotGetItIntoAnError calls a vendor that
// answers with what the session has put into the header.
func TestAVendorThatRepeatsTheSessionDoesNotGetItIntoAnError(t *testing.T) {
	each(t, func(t *testing.T, v vendor, _ *sandbox.Server, standin *sandbox.Standin) {
		for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusInternalServerError} {
			transport := &echo{RoundTripper: http.DefaultTransport, operation: v.operation, status: status}
			c, err := v.password(sandbox.DemoLogin, sandbox.DemoPassword, session.WithBaseURL(standin.URL()), session.WithTransport(transport))
			if err != nil {
				t.Fatal(err)
			}
			err = c.call(t.Context())
			answer := (*rest.Error)(nil)
			if !errors.As(err, &answer) {
				if err == nil && status == http.StatusOK && v.Vendor == sandbox.Misaka {
					continue // it reports no failure with 200
				}
				t.Fatalf("status %d: got %v", status, err)
			}
			shown := fmt.Sprintf("%v %+v %s", err, answer.Value, answer.Body)
			for name, values := range transport.header {
				token := strings.TrimPrefix(values[0], "Bearer ")
				if len(token) > 16 && strings.Contains(shown, token) && !strings.Contains("Accept Accept-Encoding User-Agent", name) {
					t.Errorf("status %d: the session in %s is in %s", status, name, shown)
				}
			}
			if err := c.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}
