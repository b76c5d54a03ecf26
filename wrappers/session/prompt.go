package session

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// promptMost is how many answers a driver may ask for in one sign-in.
const promptMost = 3

var (
	errPrompts  = errors.New("the vendor does not stop asking for second factors")
	errAnswered = errors.New("the challenge is no longer open")
)

// A prompter is the [Challenger] that a driver gets. It asks the one of the
// program, if there is one, and keeps the time.
type prompter struct {
	engine *Engine
	flight *flight
	wire   *wire
	limit  *limit
	asked  int
}

// Answer implements [Challenger].
func (p *prompter) Answer(ctx context.Context, challenge Challenge) (code rest.Secret, err error) {
	if p.asked++; p.asked > promptMost {
		return rest.Secret{}, ChallengeFailed(errPrompts)
	}
	if challenge.Attempt == 0 {
		challenge.Attempt = p.asked
	}
	set := p.engine.set
	begun := time.Now()
	defer func() {
		p.engine.emit(ctx, Event{
			Kind: EventChallenge, Flight: p.flight.id, Attempt: challenge.Attempt,
			Duration: time.Since(begun), Reason: string(challenge.Kind), Err: err,
		})
	}()
	defer p.limit.restart(set.loginTime)
	switch {
	case set.challenger != nil:
		p.limit.restart(set.promptTime)
		code, err = p.ask(ctx, challenge)
	case set.deferred > 0:
		p.limit.restart(set.deferred)
		code, err = p.flight.inquiry.wait(ctx, p.engine, p.flight, challenge)
	default:
		return rest.Secret{}, &ChallengeError{Challenge: challenge}
	}
	if err != nil {
		return rest.Secret{}, err
	}
	p.wire.answered.Add(1)
	p.wire.sentMono.Store(0)
	return code, nil
}

// ask asks the program's challenger; a panic becomes an error.
func (p *prompter) ask(ctx context.Context, challenge Challenge) (code rest.Secret, err error) {
	defer recoverTo(&err)
	code, err = p.engine.set.challenger.Answer(ctx, challenge)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.Canceled) {
		p.wire.gaveUp.Store(true)
	}
	return code, err
}

// An inquiry is where a flight waits for an answer that comes later. Its
// fields are guarded by Engine.mu.
type inquiry struct {
	open    chan struct{} // closed while err is set
	err     *ChallengeError
	answers chan rest.Secret
}

// asked returns a channel that is closed while a challenge is open.
func (q *inquiry) asked(e *Engine) <-chan struct{} {
	if e.set.deferred == 0 {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.open == nil {
		q.open = make(chan struct{})
	}
	return q.open
}

// error returns the error for those who wait while a challenge is open, or nil
// if none is.
func (q *inquiry) error(e *Engine) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.err == nil {
		return nil
	}
	return e.fail("sign in", q.err, nil)
}

// wait opens a challenge and waits for [ChallengeError.Continue].
func (q *inquiry) wait(ctx context.Context, e *Engine, f *flight, challenge Challenge) (rest.Secret, error) {
	answers := make(chan rest.Secret, 1)
	e.mu.Lock()
	if q.open == nil {
		q.open = make(chan struct{})
	}
	q.err, q.answers = &ChallengeError{Challenge: challenge, engine: e, flight: f}, answers
	close(q.open)
	e.mu.Unlock()
	select {
	case code := <-answers:
		return code, nil
	case <-ctx.Done():
		return rest.Secret{}, &ChallengeError{Challenge: challenge}
	}
}

// answer hands the answer to the flight.
func (q *inquiry) answer(e *Engine, asked *ChallengeError, code rest.Secret) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if q.err != asked || asked.flight.over {
		return e.fail("sign in", nil, errAnswered)
	}
	q.err, q.open = nil, make(chan struct{})
	asked.flight.waiters.Add(1) // who answers, waits
	q.answers <- code
	return nil
}
