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
		{"the operation is refused in every session", nil, 0, 2, session.ErrDenied},
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
