package session

import (
	"context"
	"errors"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A ChallengeKind is a kind of second factor.
type ChallengeKind string

// Kinds of second factors.
const (
	ChallengeTOTP  ChallengeKind = "totp"  // a code from an authenticator, RFC 6238
	ChallengeSMS   ChallengeKind = "sms"   // a code from a short message
	ChallengeEmail ChallengeKind = "email" // a code from an e-mail
	ChallengeCode  ChallengeKind = "code"  // a code that arrives in a way the vendor does not tell
)

// A Challenge is what a vendor wants to know besides the password.
type Challenge struct {
	Kind    ChallengeKind
	Attempt int    // from 1; 2 after the first answer was refused
	Hint    string // for the person who answers, such as "ends in 42"; may be empty
}

// A Challenger answers challenges: it computes a code or asks somebody for it.
// It is called for one challenge at a time. An error of the kind
// [context.Canceled] says that the person asked does not want to answer now:
// the sign-in fails with it, and the next call asks again.
type Challenger interface {
	Answer(ctx context.Context, challenge Challenge) (rest.Secret, error)
}

// A ChallengerFunc is a function that is a [Challenger].
type ChallengerFunc func(ctx context.Context, challenge Challenge) (rest.Secret, error)

// Answer calls f.
func (f ChallengerFunc) Answer(ctx context.Context, challenge Challenge) (rest.Secret, error) {
	return f(ctx, challenge)
}

// A ChallengeError says that the vendor wants a second factor and the engine
// has nobody to ask. With [WithDeferredChallenges] the sign-in stays open, and
// [ChallengeError.Continue] goes on with it.
type ChallengeError struct {
	Challenge Challenge
	engine    *Engine // nil if the sign-in has ended
	flight    *flight
}

// Continue goes on with the sign-in that asked, and waits for its end. It
// returns an error of the kind that calls return, such as another
// [*ChallengeError] if the vendor refused the answer; one that wraps the error
// of ctx when that ends first; or one that says that the challenge is no longer
// open.
func (e *ChallengeError) Continue(ctx context.Context, code rest.Secret) error {
	if e.engine == nil {
		return errAnswered
	}
	if err := e.flight.inquiry.answer(e.engine, e, code); err != nil {
		return err
	}
	_, err := e.engine.await(ctx, e.flight)
	return err
}

// Error says which factor is wanted.
func (e *ChallengeError) Error() string {
	text := ErrChallenge.Error() + " (" + string(e.Challenge.Kind) + ")"
	if e.Challenge.Hint != "" {
		text += ": " + oneLine(e.Challenge.Hint)
	}
	return text
}

// Is reports whether target is [ErrChallenge].
func (e *ChallengeError) Is(target error) bool { return target == ErrChallenge }

// Ask gets the answer to a challenge and hands it to try. If try fails with an
// error that says the vendor refused the answer (a 4xx, or one made by
// [Rejected] or [ChallengeFailed]), Ask asks once more. It is for use in
// [Driver.SignIn].
func Ask[T any](ctx context.Context, answer Challenger, challenge Challenge, try func(code rest.Secret) (T, error)) (T, error) {
	var none T
	for challenge.Attempt = 1; ; challenge.Attempt++ {
		code, err := answer.Answer(ctx, challenge)
		if err != nil {
			return none, err
		}
		got, err := try(code)
		if err == nil {
			return got, nil
		}
		if !refused(err) {
			return none, err
		}
		if challenge.Attempt == 2 {
			return none, ChallengeFailed(err)
		}
	}
}

// refused reports whether err says that the vendor took and refused something.
func refused(err error) bool {
	if mark := (*declared)(nil); errors.As(err, &mark) {
		return errors.Is(mark.kind, ErrRejected) || errors.Is(mark.kind, ErrChallengeFailed)
	}
	answer := (*rest.Error)(nil)
	return errors.As(err, &answer) && isRefusal(statusOf(answer))
}
