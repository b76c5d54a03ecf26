package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// Exit codes.
const (
	exitSuccess     = 0
	exitRefused     = 1 // the vendor said no, or something on this machine failed
	exitUsage       = 2
	exitSession     = 3   // not signed in, or not let in
	exitNetwork     = 4   // the vendor could not be reached
	exitInterrupted = 130 // as shells count ^C
	exitClosedPipe  = 141 // as shells count a write to a pipe that nobody reads
)

const exitHelp = `Exit codes:
  0    success
  1    the vendor said no, or something on this machine failed
  2    wrong usage, or a request that the description does not allow; nothing was sent
  3    not signed in, or the vendor refused the credentials or the session
  4    the vendor could not be reached
  130  interrupted
  141  nobody reads the output any more`

// Reasons why there is no session.
var (
	errNotSignedIn = errors.New("not signed in")
	errNoPassword  = errors.New("the session is over and there is no password to open another one with")
)

// A usageError says that the command was given something wrong.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// An unreachableError is a failure to get an answer.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string { return e.err.Error() }

func (e *unreachableError) Unwrap() error { return e.err }

// sent marks what came of sending a request: what is neither the vendor's
// answer nor about the session is a matter of the network.
func sent(err error) error {
	answer, about := (*rest.Error)(nil), (*session.Error)(nil)
	if err == nil || errors.As(err, &answer) || errors.As(err, &about) {
		return err
	}
	return &unreachableError{err}
}

// exitCode returns what the command exits with.
func exitCode(ctx context.Context, err error) int {
	usage, unreachable := (*usageError)(nil), (*unreachableError)(nil)
	answer, about := (*rest.Error)(nil), (*session.Error)(nil)
	switch {
	case err == nil:
		return exitSuccess
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &usage), errors.Is(err, session.ErrInsecure):
		return exitUsage
	case isRefusal(err):
		return exitSession
	case errors.As(err, &answer):
		return exitCodeOf(answer)
	case errors.Is(err, session.ErrStore):
		return exitRefused
	case errors.As(err, &about), errors.As(err, &unreachable):
		return exitNetwork
	default:
		return exitRefused
	}
}

// isRefusal reports whether err says that there is no session.
func isRefusal(err error) bool {
	for _, kind := range []error{
		errNotSignedIn, errNoPassword, session.ErrRejected, session.ErrLocked, session.ErrChallenge, session.ErrChallengeFailed,
		session.ErrBudget, session.ErrStolen,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

func exitCodeOf(answer *rest.Error) int {
	timeout := net.Error(nil)
	switch {
	case answer.StatusCode == http.StatusUnauthorized:
		return exitSession
	case errors.Is(answer, io.ErrUnexpectedEOF), errors.As(error(answer), &timeout):
		return exitNetwork // the answer was cut
	default:
		return exitRefused
	}
}

// explain returns what to tell of an error. The command makes one attempt, so
// it does not say when the next one comes, unless somebody has to wait for long.
func explain(err error) string {
	about, backoff := (*session.Error)(nil), (*session.BackoffError)(nil)
	if !errors.As(err, &about) || !errors.As(err, &backoff) {
		return err.Error()
	}
	text := (&session.Error{Vendor: about.Vendor, Op: about.Op, Kind: about.Kind, Err: backoff.Cause}).Error()
	if backoff.After >= 10*time.Second {
		text += "; try again in " + backoff.After.Round(time.Second).String()
	}
	return text
}
