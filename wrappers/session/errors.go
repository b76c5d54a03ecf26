package session

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// Errors that an [*Error] matches with [errors.Is].
var (
	// ErrRejected: the vendor refused the credentials. The engine does not sign
	// in again until [Engine.Reset], [Engine.SignIn] or other credentials.
	ErrRejected = errors.New("credentials refused")
	// ErrLocked: the vendor has locked the account. See [*LockedError].
	ErrLocked = errors.New("account locked")
	// ErrChallenge: the vendor wants a second factor and there is nobody to
	// ask. See [*ChallengeError].
	ErrChallenge = errors.New("second factor wanted")
	// ErrChallengeFailed: the vendor refused the second factor.
	ErrChallengeFailed = errors.New("second factor refused")
	// ErrTransient: signing in failed for a reason that may pass by itself. See
	// [*BackoffError].
	ErrTransient = errors.New("failed for now")
	// ErrInsecure: the base URL is plain http to another machine.
	ErrInsecure = errors.New("plain http would show the credentials to the network")
	// ErrRedirected: the vendor answered a sign-in with a redirect, which is
	// not followed.
	ErrRedirected = errors.New("redirected")
	// ErrNotReplayable: the session was dead and has been dropped, but the
	// request could not be sent again. See [Reason].
	ErrNotReplayable = errors.New("not sent again")
	// ErrBudget: the vendor refused the session, but the engine has renewed it
	// too often lately. See [Reason] and [WithReloginBudget].
	ErrBudget = errors.New("session renewed too often")
	// ErrDenied: the vendor refused the call as if the session were dead, but
	// it is the call that it does not permit. See [Reason].
	ErrDenied = errors.New("call refused, not the session")
	// ErrStolen: sessions die again and again soon after they were opened, as
	// if somebody else signs in to the same account all the time.
	ErrStolen = errors.New("session ended early again and again, is the account in use elsewhere?")
	// ErrClosed: the engine is closed.
	ErrClosed = errors.New("closed")
	// ErrStore: the store failed and the engine was told to stop then. See
	// [FailClosed].
	ErrStore = errors.New("session store failed")
	// ErrDriver: the driver panicked or broke its contract.
	ErrDriver = errors.New("driver failed")
)

// An Error says what became of a session. Its text names the vendor, what was
// tried, and what happened; it has no secret, no body and no query in it.
// Callers that waited for the same sign-in get the same Error.
type Error struct {
	Vendor string // such as "acme"
	Op     string // "sign in", "refresh", "sign out" or "call"
	Kind   error  // one of the errors above, or nil
	Err    error  // what led to it, or nil
}

// Error returns one line, such as
//
//	acme: sign in: credentials refused: 401 Unauthorized
func (e *Error) Error() string {
	text := e.Vendor + ": " + e.Op
	if e.Kind != nil {
		text += ": " + e.Kind.Error()
	}
	if e.Err != nil {
		text += ": " + causeText(e.Err)
	}
	return text
}

// MarshalText implements [encoding.TextMarshaler]: whoever encodes an Error
// gets its text, not what is inside the errors that led to it.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Unwrap returns Kind and Err, as far as they are set.
func (e *Error) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// A BackoffError says when the engine will sign in again after failures that
// may pass by themselves.
type BackoffError struct {
	After time.Duration // from now
	Cause error         // the failure
}

// Error says how long to wait, and why.
func (e *BackoffError) Error() string {
	return "next attempt in " + e.After.Round(time.Millisecond).String() + ": " + causeText(e.Cause)
}

// MarshalText implements [encoding.TextMarshaler] like that of [Error].
func (e *BackoffError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Unwrap returns the failure.
func (e *BackoffError) Unwrap() error { return e.Cause }

// A LockedError says that the vendor has locked the account.
type LockedError struct {
	Until time.Time // zero if the vendor did not tell
}

// Error says until when, if that is known.
func (e *LockedError) Error() string {
	if e.Until.IsZero() {
		return ErrLocked.Error()
	}
	return ErrLocked.Error() + " until " + e.Until.UTC().Format(time.RFC3339)
}

// Is reports whether target is [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// Rejected marks err as a refusal of the credentials, for a [Driver] whose
// vendor says so otherwise than by an HTTP status. Without a mark, the error of
// SignIn or Refresh is judged like this:
//
//   - [*rest.Error] with 401, 403 or another 4xx: refused, [ErrRejected], or
//     [ErrChallengeFailed] once a second factor has been given
//   - 423: [ErrLocked]
//   - 408, 425, 429 and 5xx: [ErrTransient], with a wait that grows, and that
//     the vendor's Retry-After may lengthen
//   - 3xx: [ErrRedirected]
//   - anything else, if nothing of a request has left the machine: [ErrTransient]
//   - anything else: [ErrTransient] too, but the vendor may have counted it as
//     a failed attempt: not sooner than 30 s later, and after three within 15
//     minutes it counts as refused.
//
// If the status is 2xx but the vendor's code in the body is a number from 400 to
// 599, that counts as the status.
func Rejected(err error) error { return &declared{kind: ErrRejected, err: err} }

// Locked marks err as the vendor's word that the account is locked until the
// given time, or until nobody knows when if that is zero.
func Locked(until time.Time, err error) error {
	return &declared{kind: &LockedError{Until: until}, err: err}
}

// ChallengeFailed marks err as a refusal of the second factor.
func ChallengeFailed(err error) error { return &declared{kind: ErrChallengeFailed, err: err} }

// Busy marks err as one that passes by itself, and that the vendor does not
// count as a failed attempt. The next attempt is made after the given time at
// the earliest; zero leaves it to the engine.
func Busy(after time.Duration, err error) error {
	return &declared{kind: ErrTransient, err: err, after: after}
}

// declared is an error that the driver has judged.
type declared struct {
	kind  error
	err   error
	after time.Duration
}

func (d *declared) Error() string {
	if d.err == nil {
		return d.kind.Error()
	}
	return causeText(d.err)
}

func (d *declared) Unwrap() []error {
	if d.err == nil {
		return []error{d.kind}
	}
	return []error{d.kind, d.err}
}

// causeText returns the text of err for use in an error or a log. Of answers it
// takes the status and the vendor's code only, since the vendor's explanation
// may repeat what was sent; of network errors it leaves out the URL.
func causeText(err error) string {
	if err == nil {
		return "unknown"
	}
	if answer := (*rest.Error)(nil); errors.As(err, &answer) {
		return statusText(answer)
	}
	for network := (*url.Error)(nil); errors.As(err, &network) && network.Err != nil; {
		err = network.Err // which may have another one inside
	}
	return oneLine(err.Error())
}

func statusText(answer *rest.Error) string {
	text := answer.Operation + ": " + strconv.Itoa(answer.StatusCode)
	if answer.Operation == "" {
		text = strconv.Itoa(answer.StatusCode)
	}
	if isWord(answer.Code) {
		text += ": code " + answer.Code
	}
	if answer.Err != nil {
		text += ": " + oneLine(answer.Err.Error())
	}
	return text
}

// isWord reports whether a vendor's code is short and plain enough to print.
func isWord(code string) bool {
	if code == "" || len(code) > 40 {
		return false
	}
	return strings.IndexFunc(code, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '.'
	}) < 0
}

// oneLine returns text without line breaks, cut after 200 bytes.
func oneLine(text string) string {
	const limit = 200
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// panicError describes a panic of the driver without repeating its value, in
// which there may be a secret.
func panicError(value any) error {
	if err, ok := value.(interface {
		error
		RuntimeError()
	}); ok {
		return fmt.Errorf("panic: %w", error(err))
	}
	return fmt.Errorf("panic with a %T", value)
}
