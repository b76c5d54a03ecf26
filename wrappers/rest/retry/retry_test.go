package retry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/retry"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

var errCut = errors.New("connection reset")

// A vendor answers with one outcome after the other, and keeps the last.
type vendor struct {
	outcomes []outcome
	at       []time.Time // of the requests
	bodies   []string
	open     int // answers whose body has not been closed
}

type outcome struct {
	status     int
	retryAfter string
	err        error
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	v.at = append(v.at, time.Now())
	if req.Body != nil {
		body, _ := io.ReadAll(req.Body)
		_ = req.Body.Close()
		v.bodies = append(v.bodies, string(body))
	}
	o := v.outcomes[min(len(v.at), len(v.outcomes))-1]
	if o.err != nil {
		return nil, o.err
	}
	v.open++
	return &http.Response{StatusCode: o.status, Header: http.Header{"Retry-After": {o.retryAfter}}, Body: &closer{strings.NewReader("x"), v}, Request: req}, nil
}

type closer struct {
	io.Reader
	v *vendor
}

func (c *closer) Close() error {
	c.v.open--
	return nil
}

func request(t *testing.T, method string, op *rest.Operation, body io.Reader) *http.Request {
	t.Helper()
	ctx := t.Context()
	if op != nil {
		ctx = rest.NewContext(ctx, op)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://127.0.0.1/", body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestWhatIsRepeated(t *testing.T) {
	idempotent, not := &rest.Operation{Idempotent: true}, &rest.Operation{}
	tests := []struct {
		name   string
		method string
		op     *rest.Operation
		first  outcome
		want   int // attempts
	}{
		{"success", http.MethodGet, nil, outcome{status: 200}, 1},
		{"503", http.MethodGet, nil, outcome{status: 503}, 2},
		{"408", http.MethodGet, nil, outcome{status: 408}, 2},
		{"429", http.MethodGet, nil, outcome{status: 429}, 2},
		{"502", http.MethodGet, nil, outcome{status: 502}, 2},
		{"504", http.MethodGet, nil, outcome{status: 504}, 2},
		{"500 is the vendor's word", http.MethodGet, nil, outcome{status: 500}, 1},
		{"404", http.MethodGet, nil, outcome{status: 404}, 1},
		{"no answer", http.MethodGet, nil, outcome{err: errCut}, 2},
		{"post", http.MethodPost, nil, outcome{status: 503}, 1},
		{"post that does no harm", http.MethodPost, idempotent, outcome{status: 503}, 2},
		{"get that does harm", http.MethodGet, not, outcome{status: 503}, 1},
		{"session refused", http.MethodGet, nil, outcome{err: &session.Error{Kind: session.ErrRejected}}, 1},
		{"caller gave up", http.MethodGet, nil, outcome{err: context.Canceled}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{outcomes: []outcome{tt.first, {status: 200}}}
				resp, err := retry.New(retry.Policy{})(v).RoundTrip(request(t, tt.method, tt.op, nil))
				if err == nil {
					defer resp.Body.Close()
				}
				if len(v.at) != tt.want {
					t.Errorf("%d attempts, want %d (%v)", len(v.at), tt.want, err)
				}
				if tt.want == 2 && (err != nil || resp.StatusCode != http.StatusOK) {
					t.Errorf("the second answer is lost: %v, %v", resp, err)
				}
			})
		})
	}
}

func TestTheLastOutcomeIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{outcomes: []outcome{{status: 503}, {err: errCut}, {status: 502}}}
		resp, err := retry.New(retry.Policy{})(v).RoundTrip(request(t, http.MethodGet, nil, nil))
		if err != nil || resp.StatusCode != http.StatusBadGateway {
			t.Fatalf("got %v, %v; want 502", resp, err)
		}
		if v.open != 1 {
			t.Errorf("%d bodies are open, want that of the last answer", v.open)
		}
		if body, _ := io.ReadAll(resp.Body); string(body) != "x" {
			t.Errorf("the body of the last answer is %q", body)
		}
		_ = resp.Body.Close()
		for i, least := range []time.Duration{187 * time.Millisecond, 375 * time.Millisecond} {
			if wait := v.at[i+1].Sub(v.at[i]); wait < least || wait > least*2 {
				t.Errorf("wait %d is %v, want about %v", i+1, wait, least*4/3)
			}
		}
		v = &vendor{outcomes: []outcome{{err: errCut}}}
		if _, err := retry.New(retry.Policy{Retries: 4})(v).RoundTrip(request(t, http.MethodGet, nil, nil)); !errors.Is(err, errCut) || len(v.at) != 5 { //nolint:bodyclose // there is no answer
			t.Errorf("%d attempts, %v; want 5 and the error itself", len(v.at), err)
		}
		v = &vendor{outcomes: []outcome{{status: 503}}}
		resp, err = retry.New(retry.Policy{Retries: -1})(v).RoundTrip(request(t, http.MethodGet, nil, nil))
		if err != nil || len(v.at) != 1 {
			t.Errorf("%d attempts without retries, %v", len(v.at), err)
		}
		_ = resp.Body.Close()
	})
}

func TestRetryAfterIsHeededUpToTheLongestDelay(t *testing.T) {
	for _, tt := range []struct {
		header string
		want   time.Duration
	}{
		{"3", 3 * time.Second}, {"0", 0}, {"86400", 30 * time.Second}, {"Sat, 01 Jan 2000 00:00:05 GMT", 5 * time.Second},
		{"Sat, 01 Jan 2050 00:00:00 GMT", 30 * time.Second}, {"-1", 250 * time.Millisecond}, {"soon", 250 * time.Millisecond},
	} {
		t.Run(tt.header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the clock begins at 2000-01-01
				v := &vendor{outcomes: []outcome{{status: 429, retryAfter: tt.header}, {status: 200}}}
				resp, err := retry.New(retry.Policy{})(v).RoundTrip(request(t, http.MethodGet, nil, nil))
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				var vary time.Duration // nobody asked, so the client may
				if tt.want < time.Second {
					vary = tt.want / 4
				}
				if wait := v.at[1].Sub(v.at[0]); wait < tt.want-vary || wait > tt.want+vary {
					t.Errorf("waited %v, want %v", wait, tt.want)
				}
			})
		})
	}
}

func TestNoDelayIsLongerThanTheLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{outcomes: []outcome{{err: errCut}}}
		policy := retry.Policy{Retries: 100, Delay: time.Second, MaxDelay: 5 * time.Second}
		if _, err := retry.New(policy)(v).RoundTrip(request(t, http.MethodGet, nil, nil)); !errors.Is(err, errCut) { //nolint:bodyclose // there is no answer
			t.Fatal(err)
		}
		for i, double := range []time.Duration{1, 2, 4, 5} {
			least := double * time.Second * 3 / 4
			if wait := v.at[i+1].Sub(v.at[i]); wait < least || wait > min(least*5/3, policy.MaxDelay) {
				t.Errorf("wait %d is %v, want about %v", i+1, wait, double*time.Second)
			}
		}
		for i := range 100 {
			if wait := v.at[i+1].Sub(v.at[i]); wait > policy.MaxDelay {
				t.Errorf("wait %d is %v, longer than %v", i+1, wait, policy.MaxDelay)
			}
		}
	})
}

func TestTheDeadlineIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		v := &vendor{outcomes: []outcome{{status: 429, retryAfter: "20"}}}
		start := time.Now()
		resp, err := retry.New(retry.Policy{})(v).RoundTrip(request(t, http.MethodGet, nil, nil).WithContext(ctx))
		if err != nil || resp.StatusCode != http.StatusTooManyRequests || time.Since(start) > 0 {
			t.Fatalf("got %v, %v after %v; want the 429 at once", resp, err, time.Since(start))
		}
		_ = resp.Body.Close()
	})
}

func TestACancelledWaitEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		v := &vendor{outcomes: []outcome{{status: 503, retryAfter: "20"}}}
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		resp, err := retry.New(retry.Policy{})(v).RoundTrip(request(t, http.MethodGet, nil, nil).WithContext(ctx))
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want the cancellation after 1 s", err, time.Since(start))
		}
	})
}

func TestTheBodyIsSentAgainWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := &rest.Operation{Idempotent: true}
		v := &vendor{outcomes: []outcome{{status: 503}, {status: 200}}}
		resp, err := retry.New(retry.Policy{})(v).RoundTrip(request(t, http.MethodPut, op, bytes.NewBufferString("body")))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if strings.Join(v.bodies, ",") != "body,body" {
			t.Errorf("bodies %q", v.bodies)
		}
		v = &vendor{outcomes: []outcome{{status: 503}, {status: 200}}}
		resp, err = retry.New(retry.Policy{})(v).RoundTrip(request(t, http.MethodPut, op, io.MultiReader(strings.NewReader("stream"))))
		if err != nil || len(v.at) != 1 {
			t.Errorf("%d attempts with a body that cannot be sent twice, %v", len(v.at), err)
		}
		_ = resp.Body.Close()
	})
}
