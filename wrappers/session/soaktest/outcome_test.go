package soaktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// An outcome is what became of a call, in words.
type outcome string

// Outcomes after which it is known how often the call was carried out.
const (
	succeeded outcome = "succeeded"
	noSession outcome = "no session: " // followed by why
	refused   outcome = "refused: "    // followed by why it was not sent again
)

// Outcomes after which it is not: the vendor may have carried the call out,
// but not twice.
const (
	vendorFailed  outcome = "vendor: 5xx"
	vendorBusy    outcome = "vendor: 429"
	redirected    outcome = "vendor: redirected elsewhere"
	unreadable    outcome = "vendor: not the JSON expected"
	networkFailed outcome = "network"
	canceled      outcome = "caller gave up"
)

// times returns how often a call with this outcome may have been carried out.
func (o outcome) times() (least, most int) {
	switch {
	case o == succeeded:
		return 1, 1
	case strings.HasPrefix(string(o), string(noSession)), strings.HasPrefix(string(o), string(refused)):
		return 0, 0
	default:
		return 0, 1
	}
}

// outcomeOf tells what became of a call from its answer.
func outcomeOf(resp *http.Response) outcome {
	data, err := io.ReadAll(resp.Body)
	var body struct {
		Metadata struct{ Status string }
		Done     *string
	}
	switch {
	case err != nil:
		return outcomeOfError(err)
	case resp.StatusCode == http.StatusUnauthorized:
		return refused + reason(resp)
	case resp.StatusCode == http.StatusTooManyRequests:
		return vendorBusy
	case resp.StatusCode >= http.StatusInternalServerError:
		return vendorFailed
	case resp.StatusCode >= http.StatusMultipleChoices:
		return redirected
	case json.Unmarshal(data, &body) != nil:
		return unreadable
	case body.Metadata.Status == "40":
		return refused + reason(resp)
	case body.Done == nil:
		return unreadable
	default:
		return succeeded
	}
}

// outcomeOfError tells what an error means. One of the engine says that the
// call was not sent in a session that is alive.
func outcomeOfError(err error) outcome {
	if ours := (*session.Error)(nil); errors.As(err, &ours) {
		return noSession + outcome(kind(ours))
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return canceled
	}
	return networkFailed
}

// kind names what is wrong with a session.
func kind(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "caller gave up"
	case errors.Is(err, session.ErrLocked):
		return "account locked"
	case errors.Is(err, session.ErrRejected):
		return "credentials refused"
	case errors.Is(err, session.ErrStolen):
		return "sessions end too early"
	case errors.Is(err, session.ErrRedirected):
		return "sign-in redirected"
	case errors.Is(err, session.ErrTransient):
		return "sign-in failed for now"
	case errors.Is(err, session.ErrClosed):
		return "engine closed"
	default:
		return "other"
	}
}

// reason names why a refused call was not sent again.
func reason(resp *http.Response) outcome {
	switch err := session.Reason(resp); {
	case err == nil:
		return "twice"
	case errors.Is(err, session.ErrBudget):
		return "renewed too often"
	case errors.Is(err, session.ErrDenied):
		return "taken for a lack of permission"
	case errors.Is(err, session.ErrNotReplayable):
		return "cannot be sent again"
	default:
		return "other"
	}
}
