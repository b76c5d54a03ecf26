package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// An Engine keeps one account signed in: it signs calls, signs in before the
// first one, renews the session and ends it. It is safe for concurrent use, has
// no goroutine while it is idle, and must not be copied.
type Engine struct {
	driver  Driver
	set     *settings
	base    string // the base URL
	scheme  string
	host    string
	secrets []string // canonical header names

	live   atomic.Pointer[live] // the session; nil if there is none
	rest   atomic.Pointer[rest.Client]
	closed atomic.Bool

	mu      sync.Mutex // for all below; never held during a call of the driver
	flight  *flight    // the sign-in under way, or nil
	gate    *gate      // nil is open
	last    *live      // whose refresh token may still be good; may be e.live
	retired []*live    // replaced, with calls under way
	keep    *keeper    // nil without keepalive
	gen     uint64     // sessions so far
	flights uint64     // sign-ins so far
	budget  budget
	stolen  int           // sessions in a row that died early
	forget  bool          // the next sign-in ignores refusals noted in the store
	proving chan struct{} // closed when the call that tries a session taken over has ended; nil if there is none
	running int           // goroutines
	closing chan struct{} // closed when Close has ended; nil before it began
	quiet   chan struct{} // closed when nothing runs any more; nil unless Close waits
}

// New returns an Engine that signs in with driver at baseURL. It sends
// nothing: the first call signs in.
//
// New returns an error if the base URL is not an absolute http or https URL, an
// [*Error] with [ErrInsecure] if it is plain http to another machine, and an
// error if the driver lacks what an option needs.
func New(driver Driver, baseURL string, opts ...Option) (*Engine, error) {
	set := newSettings(opts)
	vendor := driver.Vendor()
	if set.baseURL != "" {
		baseURL = set.baseURL
	}
	base, err := rest.ParseBaseURL(baseURL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", vendor, err)
	}
	if base.Scheme != "https" && !set.insecure && !isLoopback(base.Hostname()) {
		return nil, &Error{Vendor: vendor, Op: "call", Kind: ErrInsecure}
	}
	if _, fixed := driver.(*key); fixed && set.store != nil {
		own := *set // a key is no session: there is nothing to keep
		own.store, set = nil, &own
	}
	if _, ok := driver.(Identity); set.store != nil && !ok {
		return nil, fmt.Errorf("%s: a store needs a driver that is a session.Identity", vendor)
	}
	e := &Engine{driver: driver, set: set, base: base.String(), scheme: base.Scheme, host: base.Host}
	if e.base == baseURL {
		e.base = baseURL // for many accounts, one text
	}
	for _, name := range driver.SecretHeaders() {
		e.secrets = append(e.secrets, http.CanonicalHeaderKey(name))
	}
	return e, nil
}

// Client returns the client for generated code, whose calls are signed. They
// fail with an [*Error] if there is no session to be had.
func (e *Engine) Client() *rest.Client {
	if client := e.rest.Load(); client != nil {
		return client
	}
	httpClient := rest.NewHTTPClient(e.outer())
	httpClient.Timeout = e.set.timeout
	client, err := rest.NewClient(e.driver.Vendor(), e.base, httpClient)
	if err != nil { // cannot be: New has parsed the URL
		return nil
	}
	e.rest.CompareAndSwap(nil, client.WithLimit(e.set.limit))
	return e.rest.Load()
}

// Transport returns what signs requests, for programs that make their own. A
// request in the context of a [rest.Operation] that needs no session is left as
// it is, any other to the vendor's origin is signed. Requests to any other
// origin lose the secret headers.
//
// An [http.Client] with it must not follow redirects to other origins, which
// the one inside [Engine.Client] does not: the body would go there.
func (e *Engine) Transport() http.RoundTripper { return (*transport)(e) }

// SignIn opens a session now, unless there is one. The first call does the
// same; use SignIn to learn early that the credentials are wrong, and to try
// again after the vendor refused them: it is let through where calls are not,
// but at most three times in 15 minutes, and not before a lock-out or a
// back-off ends. Use [Engine.Reset] for new credentials.
//
// SignIn returns an [*Error], or one that wraps the error of ctx when that ends
// first; the sign-in then goes on for those who wait.
func (e *Engine) SignIn(ctx context.Context) error {
	l, _, err := e.acquire(ctx, true)
	if err != nil {
		return err
	}
	e.leave(l)
	return nil
}

// Reset forgets refusals, lock-outs and back-offs: the next call signs in. Call
// it when the credentials have been put right, never in a loop: it is what
// keeps the vendor from locking the account. A session that is open stays.
func (e *Engine) Reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gate, e.budget, e.stolen = nil, budget{}, 0
	if l := e.live.Load(); l != nil {
		l.renewAt.Store(0)
	}
	e.forget = true
}

// Format implements [fmt.Formatter], for every verb: it writes the vendor and
// the base URL, and nothing of the session or the credentials.
func (e *Engine) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, e.driver.Vendor()+" at "+e.base)
}

// fail returns an Error about this vendor.
func (e *Engine) fail(op string, kind, cause error) *Error {
	return &Error{Vendor: e.driver.Vendor(), Op: op, Kind: kind, Err: cause}
}

// acquire returns a session to sign a call with, and what time it is; the caller
// has to leave the session. An explicit call begins a sign-in where others are
// refused.
func (e *Engine) acquire(ctx context.Context, explicit bool) (*live, instant, error) {
	for {
		now := e.set.now()
		l := e.live.Load()
		if l == nil || explicit || l.expired(now) {
			l, err := e.acquireSlow(ctx, explicit)
			return l, e.set.now(), err
		}
		if l.enter() {
			if l.renewalDue(now) {
				e.renewAhead(l)
			}
			return l, now, nil
		}
		e.leave(l)
	}
}

// leave ends a call in a session.
func (e *Engine) leave(l *live) {
	if l.leases.Add(-1) == 0 && l.retired.Load() {
		e.drained(l)
	}
}

// acquireSlow waits for a session.
func (e *Engine) acquireSlow(ctx context.Context, explicit bool) (*live, error) {
	for {
		if ctx.Err() != nil {
			return nil, e.fail("call", nil, contextError(ctx))
		}
		l, f, err := e.join(explicit)
		if err != nil {
			return nil, err
		}
		if f != nil {
			if l, err = e.await(ctx, f); err != nil {
				return nil, err
			}
		}
		if l.enter() {
			return l, nil
		}
		e.leave(l)
	}
}

// join returns a session that is good, or the sign-in to wait for; it begins
// one if there is none.
func (e *Engine) join(explicit bool) (*live, *flight, error) {
	version := e.credentialVersion()
	now := e.set.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed.Load() {
		return nil, nil, e.fail("call", ErrClosed, nil)
	}
	if l := e.live.Load(); l != nil && !l.expired(now) && (!explicit || !e.gate.latched()) {
		return l, nil, nil
	}
	if e.flight == nil {
		e.gate = e.gate.forCredentials(version)
		if err := e.gate.check(now, explicit); err != nil {
			return nil, nil, err
		}
		e.begin(&flight{explicit: explicit, version: version})
	}
	e.flight.waiters.Add(1) // here, since the flight may be over at any time
	return nil, e.flight, nil
}

// renewAhead begins to renew a session that is still good.
func (e *Engine) renewAhead(l *live) {
	version := e.credentialVersion()
	now := e.set.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed.Load() || e.flight != nil || e.live.Load() != l {
		return
	}
	e.gate = e.gate.forCredentials(version)
	if err := e.gate.check(now, false); err != nil {
		if e.gate.latch == nil || e.gate.until != 0 {
			l.renewAt.Store(e.gate.until)
		}
		return
	}
	e.begin(&flight{ahead: l, version: version})
}

// credentialVersion returns what the driver tells of its credentials.
func (e *Engine) credentialVersion() string {
	if who, ok := e.driver.(Identity); ok {
		return who.CredentialVersion()
	}
	return ""
}

// contextError returns the cause of the end of ctx, in a form that matches the
// error of ctx too.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return errors.Join(err, cause)
}
