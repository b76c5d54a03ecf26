package session

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// An Option changes how [New] builds an [Engine].
type Option func(*settings)

// settings are what the options say. They do not change once New has returned.
type settings struct {
	choices
	retry  func(http.RoundTripper) http.RoundTripper // nil: no layer
	clock  func() instant                            // nil: the clocks of the machine
	start  time.Time                                 // when the monotonic clock began
	peeks  *buffers
	common *common // of a pool; nil without one, or if an option came after the pool's
}

// choices are those settings that can be compared with what they were.
type choices struct {
	baseURL     string // empty: the vendor's
	transport   http.RoundTripper
	owned       *http.Transport // transport, if New made it
	timeout     time.Duration   // of a call by Client; 0 is none
	limit       int64
	logger      *slog.Logger
	observer    Observer
	challenger  Challenger
	deferred    time.Duration // how long a challenge may stay open; 0 is not at all
	store       Store
	storePolicy StorePolicy
	tenant      string
	marker      time.Duration // how long a refusal is remembered; 0 is not at all
	signOutAll  bool
	loginTime   time.Duration
	promptTime  time.Duration
	noReplay    bool
	insecure    bool
	touches     int
	burst       int
	every       time.Duration
	settle      time.Duration
	margin      time.Duration
}

func newSettings(opts []Option) *settings {
	s := &settings{choices: defaults(), start: time.Now(), peeks: &buffers{}}
	for _, opt := range opts {
		s.common = nil
		if opt != nil {
			opt(s)
		}
	}
	if s.transport == nil {
		s.owned = rest.NewTransport()
		s.transport = s.owned
	}
	if s.common != nil {
		return s.common.settle(s)
	}
	return s
}

func defaults() choices {
	return choices{
		timeout: rest.DefaultTimeout, limit: rest.DefaultBodyLimit,
		loginTime: 30 * time.Second, promptTime: 5 * time.Minute,
		burst: 3, every: 20 * time.Second,
	}
}

// WithBaseURL sends calls to another address than the vendor's usual one: a
// stand-in, a test system, a gateway. Plain http is accepted for this machine
// only; see [WithInsecureHTTP].
func WithBaseURL(url string) Option { return func(s *settings) { s.baseURL = url } }

// WithHTTPClient sends calls through the Transport of client, and gives a call
// up after its Timeout, if it has one. Its Jar and CheckRedirect are not used:
// the engine keeps no cookies and follows redirects within the origin only. A
// nil client changes nothing.
func WithHTTPClient(client *http.Client) Option {
	return func(s *settings) {
		if client == nil {
			return
		}
		s.timeout = client.Timeout
		s.transport = client.Transport
		if s.transport == nil {
			s.transport = http.DefaultTransport
		}
	}
}

// WithTransport sends calls through transport: a proxy, a TLS configuration,
// telemetry per attempt. The default is one from [rest.NewTransport], whose
// connections [Engine.Close] closes. A nil transport changes nothing.
//
// A transport must not follow redirects nor repeat requests: a password would
// be sent twice.
func WithTransport(transport http.RoundTripper) Option {
	return func(s *settings) {
		if transport != nil {
			s.transport = transport
		}
	}
}

// WithTimeout gives a call up after d, signing in and reading the answer
// included. The default is [rest.DefaultTimeout]; zero waits as long as the
// context of the call does.
func WithTimeout(d time.Duration) Option { return func(s *settings) { s.timeout = max(d, 0) } }

// WithBodyLimit reads at most limit bytes of an answer, after decompression.
// The default is [rest.DefaultBodyLimit].
func WithBodyLimit(limit int64) Option {
	return func(s *settings) {
		if limit > 0 {
			s.limit = limit
		}
	}
}

// WithLogger logs what becomes of the session. The default logs nothing.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithObserver tells observer what becomes of the session.
func WithObserver(observer Observer) Option { return func(s *settings) { s.observer = observer } }

// WithChallenger asks challenger for second factors. Without one, and without
// [WithDeferredChallenges], a sign-in that needs one fails at once with a
// [*ChallengeError].
func WithChallenger(challenger Challenger) Option {
	return func(s *settings) { s.challenger = challenger }
}

// WithDeferredChallenges keeps a sign-in that needs a second factor open for
// d: calls fail with a [*ChallengeError] meanwhile, and its Continue method
// takes the answer. It has no effect beside [WithChallenger]. A goroutine waits
// as long as a challenge is open.
func WithDeferredChallenges(d time.Duration) Option {
	return func(s *settings) { s.deferred = max(d, 0) }
}

// WithLoginTimeout gives up signing in, or refreshing, after d; the time that
// a [Challenger] takes does not count. The default is 30 s. It holds however
// long the callers that wait for it would wait.
func WithLoginTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d > 0 {
			s.loginTime = d
		}
	}
}

// WithChallengeTimeout gives a [Challenger] this long to answer. The default
// is 5 minutes.
func WithChallengeTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d > 0 {
			s.promptTime = d
		}
	}
}

// WithReplay says whether a request that the vendor refused for a dead session
// is sent once more in a new session. The default is true. If it is false, the
// caller gets the refusal, and the next call signs in.
func WithReplay(replay bool) Option { return func(s *settings) { s.noReplay = !replay } }

// WithInsecureHTTP accepts a base URL with plain http to another machine:
// everybody on the way can read the credentials.
func WithInsecureHTTP() Option { return func(s *settings) { s.insecure = true } }

// WithKeepalive extends an idle session by up to n calls of [Toucher] in a row
// between two calls of the program. The default is 0: an idle session ends. It
// has no effect on a driver that is no Toucher and on sessions without an idle
// limit.
func WithKeepalive(n int) Option { return func(s *settings) { s.touches = max(n, 0) } }

// WithReloginBudget limits how often dead sessions are replaced: burst times
// in a row, then once per interval. The default is 3 and 20 s. When it is used
// up, callers get the vendor's refusal; see [ErrBudget].
func WithReloginBudget(burst int, every time.Duration) Option {
	return func(s *settings) {
		if burst > 0 && every > 0 {
			s.burst, s.every = burst, every
		}
	}
}

// WithSettling is for vendors whose servers learn of a new session with delay:
// a refusal within d after a session was opened is answered by waiting for the
// end of d and sending the request once more, in the same session.
func WithSettling(d time.Duration) Option { return func(s *settings) { s.settle = max(d, 0) } }

// WithRenewalMargin renews a session this long before its end, but not before
// half of its lifetime. The default is a tenth of the lifetime, between 10 s
// and 5 minutes. A negative margin renews no session before its end.
func WithRenewalMargin(d time.Duration) Option { return func(s *settings) { s.margin = d } }
