package session

import (
	"context"
	"net/http"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A Driver knows the login of one vendor. It holds the credentials, or a
// function that returns them; the [Engine] never sees them. An Engine calls at
// most one of SignIn, Refresh and SignOut at a time; Apply and Judge are called
// concurrently.
//
// A Driver may also be a [Refresher], a [Revoker], a [Toucher] and an
// [Identity].
type Driver interface {
	// Vendor returns the name that begins every error, such as "acme".
	Vendor() string
	// SignIn logs in and returns the session. The client sends to the vendor's
	// base URL only, below the session layer: it follows no redirect, repeats
	// nothing, signs nothing and reads at most [SignInLimit] bytes of an answer.
	//
	// An error is judged as [Rejected] describes. If the vendor wants a second
	// factor, SignIn gets it from answer, within the same call; see [Ask].
	SignIn(ctx context.Context, client *rest.Client, answer Challenger) (*Grant, error)
	// Apply writes the headers of a call in the session into header. It is
	// called once per session with an empty header, and what it wrote goes into
	// every call: it must depend on grant alone.
	Apply(header http.Header, grant *Grant)
	// SecretHeaders returns the canonical names of all headers that Apply may
	// write and of those that hold other credentials for the vendor. They are
	// removed from requests to any other origin. A request in which the caller
	// set one of them is left alone.
	SecretHeaders() []string
	// Judge tells what the answer to a call in the session says of the session.
	// In resp, Request is the request as it was sent, and Body must not be
	// read: body holds its first [PeekLimit] bytes if it is JSON and not
	// compressed, else nothing. See [JudgeStatus].
	Judge(resp *http.Response, body string) Verdict
}

// A Refresher is a [Driver] whose vendor renews a session without the
// password. Refresh is called for a grant with a Refresh secret only. The
// client signs the operations that need a session with grant.
//
// A 4xx other than 408, 425 and 429, or an error made by [Rejected], says that
// the refresh token is spent: the Engine then signs in. It does so too if it
// cannot know whether the vendor took the token.
type Refresher interface {
	Refresh(ctx context.Context, client *rest.Client, grant *Grant) (*Grant, error)
}

// A Revoker is a [Driver] whose vendor can end a session. The client signs the
// operations that need a session with grant.
type Revoker interface {
	SignOut(ctx context.Context, client *rest.Client, grant *Grant) error
}

// A Toucher is a [Driver] whose vendor has a call without effect that extends
// a session. See [WithKeepalive]. The client signs the operations that need a
// session with grant.
type Toucher interface {
	Touch(ctx context.Context, client *rest.Client, grant *Grant) error
}

// An Identity is a [Driver] that tells whose session it is. Both methods are
// called from several goroutines and must return at once.
type Identity interface {
	// Subject returns the name of the account, or another text that tells
	// accounts apart. It is not secret: it appears in logs, and hashed in the
	// key under which a [Store] keeps the session.
	Subject() string
	// CredentialVersion returns a text that changes when the credentials do.
	// It must not let anyone guess them: a counter or the modification time of
	// a file will do, a plain hash of a password will not. A change ends the
	// refusal to sign in that wrong credentials caused.
	CredentialVersion() string
}

// SignInLimit is how much of an answer is read during SignIn, Refresh, SignOut
// and Touch, in bytes.
const SignInLimit = 1 << 20

// PeekLimit is how much of the body of an answer Judge gets to see, in bytes.
const PeekLimit = 512

// A Verdict is what an answer says of the session it was asked for in.
type Verdict uint8

const (
	// Unknown says nothing: the answer may not even come from the vendor.
	Unknown Verdict = iota
	// Alive says that the session is good, whatever became of the call.
	Alive
	// SessionDead says that the vendor refused the call because it does not
	// know the session any more, and did nothing. The Engine then renews the
	// session and sends the call once more.
	SessionDead
	// Denied says that the session is good but does not permit this call.
	Denied
	// Throttled says that the session is good but calls too often.
	Throttled
)

// String returns the verdict in words.
func (v Verdict) String() string {
	names := [...]string{"unknown", "alive", "session dead", "denied", "throttled"}
	if int(v) < len(names) {
		return names[v]
	}
	return "invalid"
}

// JudgeStatus judges by the HTTP status alone: 401 is [SessionDead], 403
// [Denied], 429 [Throttled], any other below 500 [Alive], the rest [Unknown].
func JudgeStatus(resp *http.Response) Verdict {
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return SessionDead
	case resp.StatusCode == http.StatusForbidden:
		return Denied
	case resp.StatusCode == http.StatusTooManyRequests:
		return Throttled
	case resp.StatusCode >= http.StatusInternalServerError:
		return Unknown
	default:
		return Alive
	}
}
