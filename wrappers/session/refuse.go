package session

import (
	"errors"
	"net/http"
	"time"
)

var (
	errLaterCall = errors.New("a later call in the same session went well")
	errTwice     = errors.New("it was sent twice already")
	errFresh     = errors.New("it was refused in a new session, too")
	errDenied    = errors.New("this operation was refused when the session was new")
)

const (
	// deniedFor is how long a refusal in a new session is taken for one of the
	// operation. The session may as well have died just before.
	deniedFor  = 5 * time.Minute
	earlyDeath = 30 * time.Second // a session that dies sooner may have been replaced by somebody
	stolenMost = 3                // sessions in a row that may die early
)

// refuse handles the vendor's refusal of a session: it drops the session if it
// is the current one and the refusal is about the session. It returns an error
// if the caller is to see the refusal, and the session to use again if it has
// only to settle.
func (e *Engine) refuse(req *http.Request, a *attempt) (*live, error) {
	l := a.live
	if e.live.Load() != l {
		return nil, nil // it has been replaced: the refusal says nothing of the new one
	}
	if l.usedAt.Load() > a.sent.mono && l.good.Load() {
		return nil, e.fail("call", ErrDenied, errLaterCall)
	}
	name := operationName(req)
	if denied := l.denied.Load(); denied != nil && *denied == name && e.set.now().mono-l.deniedAt.Load() < int64(deniedFor) {
		return nil, e.fail("call", ErrDenied, errDenied)
	}
	if same := e.waitToSettle(req, a); same != nil {
		return same, nil
	}
	event, err := e.invalidate(l)
	if event.Kind != "" {
		e.emit(req.Context(), event)
	}
	return nil, err
}

// invalidate drops a session unless it has been replaced already, or too many
// were dropped lately.
func (e *Engine) invalidate(l *live) (event Event, err error) {
	version := e.credentialVersion()
	now := e.set.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.live.Load() != l {
		return Event{}, nil
	}
	age := l.minted.elapsed(now)
	event = Event{Kind: EventInvalidate, Subject: l.grant.Subject, Generation: l.gen, Duration: age, Reason: "refused"}
	renewing := e.flight != nil && e.flight.ahead == l // which may be what has ended it
	if !renewing && !e.budget.take(now.mono, e.set.burst, e.set.every) {
		event.Kind = EventBudget
		return event, e.fail("call", ErrBudget, nil)
	}
	e.live.Store(nil)
	l.dead.Store(true)
	e.retire(l, false)
	e.stopKeepalive()
	if l.good.Load() && !renewing {
		if age < earlyDeath {
			e.stolen++
		} else {
			e.stolen = 0
		}
	}
	if e.stolen >= stolenMost {
		event.Kind = EventStolen
		if e.gate == nil {
			e.gate = &gate{version: version}
		}
		wait := min(earlyDeath<<min(e.stolen-stolenMost, 5), backoffMost)
		_ = e.gate.wait(e.fail("sign in", ErrTransient, ErrStolen), wait+backoff(3), now)
	}
	return event, nil
}

// refusedAgain handles the refusal of a request that was sent again. In a new
// session it is not about the session, which is kept. One that was taken over
// from the store and has never been good may be as dead as the one before.
func (e *Engine) refusedAgain(req *http.Request, resp *http.Response, a *attempt) *http.Response {
	if a.live.adopted && !a.live.good.Load() {
		event, err := e.invalidate(a.live)
		if event.Kind != "" {
			e.emit(req.Context(), event)
		}
		if err == nil {
			err = e.fail("call", ErrNotReplayable, errTwice)
		}
		return withReason(resp, req, err)
	}
	e.noteDenied(req, a)
	return withReason(resp, req, e.fail("call", ErrDenied, errFresh))
}

// noteDenied notes that the vendor refuses this operation whatever the session.
func (e *Engine) noteDenied(req *http.Request, a *attempt) {
	name := operationName(req)
	now := e.set.now()
	a.live.deniedAt.Store(now.mono)
	if known := a.live.denied.Swap(&name); known != nil && *known == name {
		return // calls that were under way together count once
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.budget.take(now.mono, e.set.burst, e.set.every)
}

// waitToSettle waits until the session has settled if it is so new that a
// refusal says nothing, and returns it to be used again.
func (e *Engine) waitToSettle(req *http.Request, a *attempt) *live {
	left := e.set.settle - a.live.minted.elapsed(e.set.now())
	if e.set.settle == 0 || left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-req.Context().Done():
		return nil
	}
	if a.live.enter() {
		return a.live
	}
	e.leave(a.live)
	return nil
}
