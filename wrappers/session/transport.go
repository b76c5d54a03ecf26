package session

import (
	"errors"
	"io"
	"maps"
	"net/http"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// drainLimit is how much of a refusal is read so that its connection can be
// used again, in bytes.
const drainLimit = 64 << 10

// transport is an [Engine] as an [http.RoundTripper].
type transport Engine

// An attempt is one sending of a request, and the body of its answer.
type attempt struct {
	req  http.Request // the request as it is sent
	sent instant
	live *live
	body peeked
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	e := (*Engine)(t)
	switch {
	case e.closed.Load():
		closeBody(req)
		return nil, e.fail("call", ErrClosed, nil)
	case !e.onOrigin(req.URL):
		return e.set.transport.RoundTrip(e.strip(req))
	case !needsSession(req.Context()), e.hasSecret(req.Header):
		return e.set.transport.RoundTrip(req)
	}
	l, now, err := e.acquire(req.Context(), false)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, a, dead, err := e.send(req, req.Body, l, now)
	if err != nil || !dead {
		return resp, err
	}
	return e.again(req, resp, a)
}

// send sends a signed copy of req and judges the answer. It ends the lease of
// the session.
func (e *Engine) send(req *http.Request, body io.ReadCloser, l *live, now instant) (resp *http.Response, a *attempt, dead bool, err error) {
	defer e.leave(l)
	a = &attempt{req: *req, sent: now, live: l}
	a.req.Body = body
	if a.req.Header = maps.Clone(req.Header); a.req.Header == nil {
		a.req.Header = http.Header{}
	}
	for _, h := range l.headers() {
		a.req.Header[h.name] = h.values
	}
	rest.Conceal(req.Context(), &l.grant.Token)
	resp, err = e.set.transport.RoundTrip(&a.req)
	if err != nil {
		return resp, a, false, err
	}
	resp.Request = &a.req
	switch e.judge(resp, a) {
	case SessionDead:
		dead = true
	case Alive, Denied, Throttled:
		l.use(a.sent)
		if denied := l.denied.Load(); denied != nil && *denied == operationName(req) {
			l.denied.CompareAndSwap(denied, nil)
		}
		if l.shared && l.expiry.idle > 0 {
			e.noteUse(l)
		}
	case Unknown:
	}
	resp.Request = req // it must not show the session
	return resp, a, dead, nil
}

// judge asks the driver about an answer. A panic says nothing of the session.
func (e *Engine) judge(resp *http.Response, a *attempt) (verdict Verdict) {
	defer func() {
		if recover() != nil {
			verdict = Unknown
		}
	}()
	return e.driver.Judge(resp, e.peek(resp, a))
}

// again sends a request once more after the session was refused, if it may.
func (e *Engine) again(req *http.Request, resp *http.Response, a *attempt) (*http.Response, error) {
	ctx := req.Context()
	l, why := e.replacement(req, resp, a)
	if why != nil {
		return withReason(resp, req, why), nil
	}
	body, err := rewound(req)
	if err != nil {
		if l != nil {
			e.leave(l)
		}
		return withReason(resp, req, e.fail("call", ErrNotReplayable, err)), nil
	}
	drain(resp)
	now := e.set.now()
	if l == nil {
		var done func()
		if l, now, done, err = e.acquireAgain(ctx); err != nil {
			closeReader(body)
			return nil, err
		}
		defer done()
	}
	e.emit(ctx, Event{Kind: EventReplay, Generation: l.gen, Attempt: 2})
	next, b, dead, err := e.send(req, body, l, now)
	if err == nil && dead {
		return e.refusedAgain(req, next, b), nil
	}
	return next, err
}

// replacement drops the session that was refused. It returns why the request
// is not to be sent again, or the session to use if it is the same one.
func (e *Engine) replacement(req *http.Request, resp *http.Response, a *attempt) (*live, error) {
	same, err := e.refuse(req, a)
	switch {
	case err != nil:
		return nil, err
	case e.set.noReplay:
		err = errReplayOff
	case resp.StatusCode == http.StatusSwitchingProtocols:
		err = errUpgraded
	case req.Context().Err() != nil:
		err = contextError(req.Context())
	default:
		return same, nil
	}
	if same != nil {
		e.leave(same)
	}
	return nil, e.fail("call", ErrNotReplayable, err)
}

var (
	errReplayOff = errors.New("replay is switched off")
	errUpgraded  = errors.New("the connection has changed its protocol")
)

// drain reads what is left of an answer, within limits, and closes it.
func drain(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit)
	_ = resp.Body.Close()
}

func closeReader(body io.Closer) {
	if body != nil {
		_ = body.Close()
	}
}

// withReason notes in resp why it is what the vendor answered.
func withReason(resp *http.Response, req *http.Request, why error) *http.Response {
	resp.Request = req.WithContext(rest.WithReason(req.Context(), why))
	return resp
}

// Reason returns why the engine let the vendor's refusal of a session pass to
// the caller instead of renewing the session and sending the request again: an
// [*Error] with [ErrNotReplayable], [ErrBudget] or [ErrDenied]. It returns nil if there is no
// such reason. The [*rest.Error] of a call through [Engine.Client] has it in its chain.
func Reason(resp *http.Response) error {
	if resp == nil || resp.Request == nil {
		return nil
	}
	return rest.Reason(resp.Request.Context())
}

// operationName names what a request calls.
func operationName(req *http.Request) string {
	if op := rest.OperationFrom(req.Context()); op != nil {
		return op.ID
	}
	return req.Method + " " + req.URL.EscapedPath()
}
