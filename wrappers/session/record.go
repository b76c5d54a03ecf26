package session

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A Record is a session as a [Store] keeps it. Times are to the millisecond.
type Record struct {
	Vendor          string
	Subject         string
	Token           rest.Secret // empty if there is no session, only a refusal
	Refresh         rest.Secret
	Extra           map[string]rest.Secret
	Obtained        time.Time // when the request for it was sent
	Lifetime        time.Duration
	RefreshLifetime time.Duration
	Idle            time.Duration
	LastUse         time.Time   // to the minute
	Rejected        time.Time   // when the vendor refused the credentials; zero if it did not
	Attempts        []time.Time // when attempts to sign in were refused or came to no clear end, the last three
	Credentials     string      // version of the credentials that Rejected and the last of Attempts are about
}

// recordVersion is the version of the stored form.
const recordVersion = 1

// stored is the stored form of a Record; it is kept short, since some key rings
// take 2560 bytes only.
type stored struct {
	V               int               `json:"v"`
	Vendor          string            `json:"d,omitempty"`
	Subject         string            `json:"s,omitempty"`
	Token           string            `json:"t,omitempty"`
	Refresh         string            `json:"r,omitempty"`
	Extra           map[string]string `json:"x,omitempty"`
	Obtained        int64             `json:"o,omitempty"`
	Lifetime        int64             `json:"l,omitempty"`
	RefreshLifetime int64             `json:"rl,omitempty"`
	Idle            int64             `json:"i,omitempty"`
	LastUse         int64             `json:"u,omitempty"`
	Rejected        int64             `json:"rj,omitempty"`
	Attempts        []int64           `json:"un,omitempty"`
	Credentials     string            `json:"c,omitempty"`
}

// Encode returns the record with its secrets in clear, for a [Store] to keep.
func (r *Record) Encode() ([]byte, error) {
	s := stored{
		V: recordVersion, Vendor: r.Vendor, Subject: r.Subject,
		Token: r.Token.Reveal(), Refresh: r.Refresh.Reveal(),
		Obtained: millis(r.Obtained), Lifetime: r.Lifetime.Milliseconds(),
		RefreshLifetime: r.RefreshLifetime.Milliseconds(), Idle: r.Idle.Milliseconds(),
		LastUse: millis(r.LastUse), Rejected: millis(r.Rejected), Credentials: r.Credentials,
	}
	for _, at := range r.Attempts {
		s.Attempts = append(s.Attempts, millis(at))
	}
	for name, secret := range r.Extra {
		if s.Extra == nil {
			s.Extra = make(map[string]string, len(r.Extra))
		}
		s.Extra[name] = secret.Reveal()
	}
	return json.Marshal(s)
}

// DecodeRecord reads what [Record.Encode] wrote. It returns an error with
// [ErrCorrupt] if data is anything else; the error does not repeat it.
func DecodeRecord(data []byte) (*Record, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%w: not JSON of the right form", ErrCorrupt)
	}
	if s.V != recordVersion {
		return nil, fmt.Errorf("%w: version %d instead of %d", ErrCorrupt, s.V, recordVersion)
	}
	r := &Record{
		Vendor: s.Vendor, Subject: s.Subject, Token: rest.NewSecret(s.Token), Refresh: rest.NewSecret(s.Refresh),
		Obtained: fromMillis(s.Obtained), Lifetime: duration(s.Lifetime),
		RefreshLifetime: duration(s.RefreshLifetime), Idle: duration(s.Idle),
		LastUse: fromMillis(s.LastUse), Rejected: fromMillis(s.Rejected), Credentials: s.Credentials,
	}
	for _, at := range s.Attempts[max(0, len(s.Attempts)-attemptLimit):] {
		r.Attempts = append(r.Attempts, fromMillis(at))
	}
	for name, text := range s.Extra {
		if r.Extra == nil {
			r.Extra = make(map[string]rest.Secret, len(s.Extra))
		}
		r.Extra[name] = rest.NewSecret(text)
	}
	return r, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// duration returns ms milliseconds, or zero for more than a [time.Duration]
// holds.
func duration(ms int64) time.Duration {
	const most = int64(longest / time.Millisecond)
	if ms < 0 || ms > most {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// record returns the session as a store keeps it.
func (e *Engine) record(l *live) *Record {
	g := l.grant
	return &Record{
		Vendor: e.driver.Vendor(), Subject: g.Subject, Token: g.Token, Refresh: g.Refresh, Extra: g.Extra,
		Obtained: l.sent.time(), Lifetime: plausible(g.Lifetime), RefreshLifetime: plausible(g.RefreshLifetime),
		Idle: plausibleIdle(g.Idle), LastUse: l.lastUse().time(),
	}
}

// restore returns the session in a record, or nil if there is none.
func (e *Engine) restore(r *Record, now instant) (l *live, err error) {
	if r == nil || r.Token.IsZero() {
		return nil, nil
	}
	defer recoverTo(&err)
	g := &Grant{
		Token: r.Token, Refresh: r.Refresh, Extra: r.Extra, Subject: r.Subject,
		Lifetime: r.Lifetime, RefreshLifetime: r.RefreshLifetime, Idle: r.Idle,
	}
	l = newLive(g, e.driver, remembered(r.Obtained, now), now, e.set.margin)
	if !l.sendable() {
		return nil, nil
	}
	used := remembered(r.LastUse, now)
	l.usedAt.Store(used.mono)
	l.usedOn.Store(used.wall)
	l.adopted, l.shared = true, true
	return l, nil
}

// remembered places a time of the wall clock on both clocks. A time that is
// yet to come is taken for now: clocks differ.
func remembered(t time.Time, now instant) instant {
	ago := max(now.wall-millis(t)*int64(time.Millisecond), 0)
	return instant{wall: now.wall - ago, mono: now.mono - ago}
}
