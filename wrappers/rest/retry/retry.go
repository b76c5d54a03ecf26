// Package retry repeats calls that failed for a reason that may pass, where a
// repetition cannot do harm.
//
// The wrappers of the vendors use it by default, as the outermost layer: a
// repeated call may use another session than the first.
// [session.WithRetry] tunes it or switches it off.
package retry

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A Policy says how often and how soon a call is repeated. The zero Policy is
// the default.
type Policy struct {
	// Retries is how often a call is repeated at most; zero means 2, a negative
	// number never.
	Retries int
	// Delay is the time before the first repetition; it doubles each time, and
	// varies by a quarter. Zero means 250 ms. If the vendor asks for a time in
	// Retry-After, that counts.
	Delay time.Duration
	// MaxDelay is the longest time between two attempts, also if the vendor
	// asks for more. Zero means 30 s, or Delay if that is longer.
	MaxDelay time.Duration
}

// statuses are those of answers that may be better the next time.
var statuses = []int{ //nolint:gochecknoglobals // never changed
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// New returns a function that puts policy in front of a transport. A request is
// repeated if its operation is idempotent, or its method is GET, HEAD or
// OPTIONS where the operation is not known, and if there was no answer or one
// with status 408, 429, 502, 503 or 504. What the session layer refuses is not
// repeated. If the next attempt would begin after the deadline of the context,
// the last outcome is returned at once.
func New(policy Policy) func(next http.RoundTripper) http.RoundTripper {
	if policy.Retries == 0 {
		policy.Retries = 2
	}
	if policy.Delay <= 0 {
		policy.Delay = 250 * time.Millisecond
	}
	if policy.MaxDelay <= 0 {
		policy.MaxDelay = 30 * time.Second
	}
	policy.MaxDelay = max(policy.MaxDelay, policy.Delay)
	return func(next http.RoundTripper) http.RoundTripper { return &transport{policy, next} }
}

// Default returns opts with the default policy in front of them, so that an
// option of the caller overrides it. The wrappers use it.
func Default(opts []session.Option) []session.Option {
	return slices.Insert(slices.Clone(opts), 0, session.WithRetry(New(Policy{})))
}

type transport struct {
	Policy
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if t.Retries < 0 || !mayRepeat(req) || !mayPass(resp, err) {
		return resp, err
	}
	return t.repeat(req, resp, err)
}

// repeat takes the outcome of the first attempt for that of the first
// execution under a retry policy.
func (t *transport) repeat(req *http.Request, resp *http.Response, err error) (*http.Response, error) {
	ctx := req.Context()
	policy := retrypolicy.NewBuilder[*http.Response]().
		WithMaxRetries(t.Retries).
		WithDelayFunc(t.wait).
		HandleIf(func(resp *http.Response, err error) bool { return mayPass(resp, err) && t.inTime(ctx, resp) }).
		OnRetryScheduled(func(e failsafe.ExecutionScheduledEvent[*http.Response]) { discard(e.LastResult()) }). //nolint:bodyclose // discard closes it
		ReturnLastFailure().
		Build()
	first := true
	return failsafe.With(policy).WithContext(ctx).Get(func() (*http.Response, error) {
		if first {
			first = false
			return resp, err
		}
		again := req.Clone(ctx)
		if req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			again.Body = body
		}
		return t.next.RoundTrip(again)
	})
}

// mayRepeat reports whether sending the request again can do no harm.
func mayRepeat(req *http.Request) bool {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	if op := rest.OperationFrom(req.Context()); op != nil {
		return op.Idempotent
	}
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, req.Method)
}

// mayPass reports whether the outcome may be better the next time.
func mayPass(resp *http.Response, err error) bool {
	if err == nil {
		return slices.Contains(statuses, resp.StatusCode)
	}
	refusal := (*session.Error)(nil)
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &refusal)
}

// inTime reports whether the earliest next attempt comes before the deadline.
func (t *transport) inTime(ctx context.Context, resp *http.Response) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Now().Add(max(t.asked(resp), t.Delay*3/4)).Before(deadline))
}

// wait returns how long to wait after an attempt. The library could do this,
// but would vary the time that the vendor asks for, too.
func (t *transport) wait(e failsafe.ExecutionAttempt[*http.Response]) time.Duration {
	if asked := t.asked(e.LastResult()); asked >= 0 { //nolint:bodyclose // looks at the header only
		return asked
	}
	delay := t.Delay
	for range e.Retries() {
		delay = min(2*delay, t.MaxDelay)
	}
	vary := 0.75 + rand.Float64()/2 //nolint:gosec // may be guessed
	return min(time.Duration(vary*float64(delay)), t.MaxDelay)
}

// asked returns how long the vendor asks to wait, in either form of
// Retry-After, cut to MaxDelay; or -1 if it does not ask.
func (t *transport) asked(resp *http.Response) time.Duration {
	if resp == nil {
		return -1
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int64(t.MaxDelay/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(at), 0), t.MaxDelay)
	}
	return -1
}

// discard lets the connection of an answer that nobody will read be used
// again.
func discard(resp *http.Response) {
	if resp == nil || resp.Body == nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	_ = resp.Body.Close()
}
