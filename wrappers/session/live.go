package session

import (
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// A live session is one that calls are signed with. Apart from its counters it
// does not change; renewing makes another.
type live struct {
	gen     uint64 // differs between all sessions of an engine
	grant   *Grant
	headers func() []header // a closure, so that dumping a value does not show them
	sent    instant         // when the request for it was sent
	minted  instant         // when it was there
	expiry  expiry
	shared  bool // other engines may use it, through a store
	unsure  bool // the store failed to keep it, but may hold it
	adopted bool // another engine asked for it

	leases   atomic.Int64           // calls under way
	retired  atomic.Bool            // no further calls may begin
	good     atomic.Bool            // an answer has shown that the vendor knows it
	renewAt  atomic.Int64           // monotonic; when the next renewal ahead of expiry may begin
	usedAt   atomic.Int64           // monotonic; when the last call that counts was sent
	usedOn   atomic.Int64           // the same on the wall clock
	dead     atomic.Bool            // the vendor has refused it
	spent    atomic.Bool            // the refresh token must not be used any more
	savedAt  atomic.Int64           // monotonic; the last use that the store knows
	denied   atomic.Pointer[string] // an operation that was refused in the session when it was new
	deniedAt atomic.Int64           // when that was, on the monotonic clock

	ending bool        // to be signed out when the last call has ended; guarded by Engine.mu
	grace  *time.Timer // signs it out if calls go on for too long; guarded by Engine.mu
}

// A header is prepared once per session and shared by all calls in it.
type header struct {
	name   string
	values []string
}

// newLive prepares a session for use.
func newLive(grant *Grant, driver Driver, sent, now instant, margin time.Duration) *live {
	l := &live{grant: grant, sent: sent, minted: now, expiry: expiryOf(grant, sent, margin, spread())}
	l.usedAt.Store(sent.mono)
	l.usedOn.Store(sent.wall)
	l.savedAt.Store(sent.mono)
	h := http.Header{}
	driver.Apply(h, grant)
	headers := make([]header, 0, len(h))
	for name, values := range h {
		headers = append(headers, header{http.CanonicalHeaderKey(name), slices.Clip(values)})
	}
	l.headers = func() []header { return headers }
	return l
}

// enter counts a call in, unless the session is retired.
func (l *live) enter() bool {
	l.leases.Add(1)
	return !l.retired.Load()
}

// expired reports whether the session must not be used any more.
func (l *live) expired(now instant) bool {
	if l.expiry.hard.passed(now) {
		return true
	}
	return l.expiry.idle > 0 && l.lastUse().elapsed(now) >= l.expiry.idle
}

func (l *live) lastUseAfter(other *live) bool {
	return l.usedOn.Load()-other.usedOn.Load() > int64(time.Second)
}

func (l *live) lastUse() instant { return instant{wall: l.usedOn.Load(), mono: l.usedAt.Load()} }

// renewalDue reports whether it is time to renew the session, and whether this
// call is the one to begin.
func (l *live) renewalDue(now instant) bool {
	if !l.expiry.soft.passed(now) {
		return false
	}
	at := l.renewAt.Load()
	return now.mono >= at && l.renewAt.CompareAndSwap(at, never)
}

// use notes that a call sent at that moment has found the session alive. It
// writes at most once per second.
func (l *live) use(sent instant) {
	if !l.good.Load() {
		l.good.Store(true)
	}
	advance(&l.usedAt, sent.mono)
	if l.expiry.idle > 0 {
		advance(&l.usedOn, sent.wall)
	}
}

// advance moves v forward to at if that is a second or more.
func advance(v *atomic.Int64, at int64) {
	for {
		old := v.Load()
		if at < old+int64(time.Second) || v.CompareAndSwap(old, at) {
			return
		}
	}
}
