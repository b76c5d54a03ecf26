package session

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A class is how the engine treats a failure to sign in or to refresh.
type class uint8

const (
	ambiguous class = iota // the vendor may have counted it
	rejected
	locked
	challenged      // a second factor is wanted, nobody can give it
	challengeFailed // the second factor was refused
	canceled        // the person asked for a second factor gave up
	transient       // nothing was counted
	closing         // the engine is being closed
)

// String returns the class as logs name it.
func (c class) String() string {
	names := [...]string{"ambiguous", "rejected", "locked", "challenge", "challenge_failed", "canceled", "transient", "closed"}
	return names[c]
}

// A failure is a classified error.
type failure struct {
	class class
	kind  error         // for Error.Kind
	err   error         // the cause
	after time.Duration // what the vendor asks to wait; 0 if it did not
	until time.Time     // end of a lock-out; zero if not known
}

// classify judges an error of the driver. The wire tells what became of the
// requests.
func classify(err error, w *wire, now time.Time) failure {
	if needed := (*ChallengeError)(nil); errors.As(err, &needed) {
		return failure{class: challenged, kind: needed}
	}
	if mark := (*declared)(nil); errors.As(err, &mark) {
		return classifyMark(mark)
	}
	if w.gaveUp.Load() {
		return failure{class: canceled, err: err}
	}
	if answer := (*rest.Error)(nil); errors.As(err, &answer) {
		return classifyStatus(answer, w, now)
	}
	if !w.mayHaveSent(err) {
		return failure{class: transient, kind: ErrTransient, err: err}
	}
	return failure{class: ambiguous, kind: ErrTransient, err: err}
}

func classifyMark(mark *declared) failure {
	f := failure{class: rejected, kind: mark.kind, err: mark.err}
	if lock := (*LockedError)(nil); errors.As(mark.kind, &lock) {
		f.class, f.until = locked, lock.Until
	}
	switch {
	case errors.Is(mark.kind, ErrChallengeFailed):
		f.class = challengeFailed
	case errors.Is(mark.kind, ErrTransient):
		f.class, f.after = transient, min(mark.after, longestRetryAfter)
	}
	return f
}

func classifyStatus(answer *rest.Error, w *wire, now time.Time) failure {
	status := statusOf(answer)
	after := retryAfter(answer.Header, now)
	switch {
	case status == http.StatusLocked:
		f := failure{class: locked, err: answer}
		if after > 0 {
			f.until = now.Add(after)
		}
		f.kind = &LockedError{Until: f.until}
		return f
	case isRefusal(status) && w.answered.Load() > 0:
		return failure{class: challengeFailed, kind: ErrChallengeFailed, err: answer}
	case isRefusal(status):
		return failure{class: rejected, kind: ErrRejected, err: answer}
	case status >= 400:
		return failure{class: transient, kind: ErrTransient, err: answer, after: min(after, longestRetryAfter)}
	case status >= 300:
		return failure{class: ambiguous, kind: ErrRedirected, err: answer}
	default:
		return failure{class: ambiguous, kind: ErrTransient, err: answer}
	}
}

// statusOf returns the HTTP status of an answer. Some vendors answer failures
// with a success, and have the status in the body.
func statusOf(answer *rest.Error) int {
	if answer.StatusCode < 300 && answer.Err == nil {
		if code, err := strconv.Atoi(answer.Code); err == nil && code >= 400 && code < 600 {
			return code
		}
	}
	return answer.StatusCode
}

// isRefusal reports whether a status says that the vendor has understood the
// request and refuses it for good.
func isRefusal(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusLocked:
		return false
	default:
		return status >= 400 && status < 500
	}
}

// isDial reports whether err says that no connection came about.
func isDial(err error) bool {
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	dns := (*net.DNSError)(nil)
	return errors.As(err, &dns)
}

// isContext reports whether err comes from the end of a context.
func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
