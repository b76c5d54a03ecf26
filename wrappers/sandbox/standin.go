package sandbox

import (
	"sync"
	"time"
)

// Credentials that every stand-in accepts at first. They are made up and work
// nowhere else.
const (
	DemoLogin    = "demo@example.com"
	DemoPassword = "sandbox-password-1"
	DemoCode     = "123456"
)

// A Standin stands in for one vendor. Its methods are safe for concurrent use;
// those that change how it behaves take effect from the next request on.
type Standin struct {
	vendor Vendor
	server *Server
	rules  rules

	mu       sync.Mutex // guards what follows, and the state of rules
	settings settings
	table    table
	lockout  lockout
	faults   []*Fault
	counters counters

	listening sync.Mutex // guards listeners
	listeners []*func(Event)
	telling   sync.Mutex // held while listeners are called
}

// rules are what differs between the vendors. All are called with the mutex of
// the stand-in held.
type rules interface {
	// handlers returns what is done for an operation, by its key. Others answer
	// with their example.
	handlers() map[string]func(*call) *answer
	// parameters returns names of parameters that are taken besides those of
	// the description.
	parameters() []string
	// authenticate finds the session or the key of the caller.
	authenticate(c *call) bool
	// refuse answers a call without a live session or key.
	refuse(c *call) *answer
	// fail answers with an HTTP status, in the form of the vendor.
	fail(c *call, status int, message string) *answer
	// sign puts the session of the caller into an example.
	sign(c *call, example any)
}

// settings are the switches of a stand-in.
type settings struct {
	password        string
	secondFactor    bool
	acceptCode      func(code string, now time.Time) bool
	bindFactor      bool
	onePerUser      bool
	rotateRefresh   bool
	idle            time.Duration
	lifetime        time.Duration
	refreshLifetime time.Duration
	loginStatus     int
	lockStatus      int
	challengeStatus int
	deadStatus      string
	deadMessage     string
	keyHeader       string
	expiresInUnit   time.Duration
	omitDefaults    bool
}

// newStandin returns nil for a vendor that does not exist.
func newStandin(server *Server, vendor Vendor) *Standin {
	st := &Standin{vendor: vendor, server: server, counters: newCounters()}
	st.settings = settings{password: DemoPassword, bindFactor: true, rotateRefresh: true}
	st.settings.acceptCode = isDemoCode
	switch vendor {
	case Anomify:
		st.rules = newAnomify(st)
	case AlertSite:
		st.rules = newAlertSite(st)
	case Misaka:
		st.rules = newMisaka(st)
	case Babel:
		st.rules = newBabel(st)
	default:
		return nil
	}
	return st
}

// Name returns the vendor that is stood in for.
func (st *Standin) Name() Vendor {
	return st.vendor
}

// URL returns the base address of the API of the vendor, without a slash at its
// end.
func (st *Standin) URL() string {
	return st.server.URL + "/" + string(st.vendor)
}

// An Account is what a stand-in lets in.
type Account struct {
	Login    string
	Password string
	Code     string // second factor, where one is required and AcceptCode was not called
	APIKey   string // organisation token of Anomify, API token of Misaka, API key of Babel; "" for AlertSite
	Token    string // of Anomify: completes a login with Code from another client; "" for the others
}

// Account returns the credentials of the one user of the stand-in.
func (st *Standin) Account() Account {
	st.mu.Lock()
	defer st.mu.Unlock()
	account := Account{Login: DemoLogin, Password: st.settings.password, Code: DemoCode}
	switch st.vendor {
	case Anomify:
		account.APIKey, account.Token = anomifyAPIKey, anomifyToken
	case Misaka:
		account.APIKey = misakaAPIKey
	case Babel:
		account.APIKey = babelAPIKey
	case AlertSite:
	}
	return account
}

// Sessions returns the sessions that were opened, oldest first. Those that are
// over are forgotten when there are more than a thousand.
func (st *Standin) Sessions() []SessionInfo {
	st.mu.Lock()
	defer st.mu.Unlock()
	now := st.server.clock.Now()
	list := make([]SessionInfo, 0, len(st.table.sessions))
	for _, s := range st.table.sessions {
		list = append(list, SessionInfo{
			ID: s.id, Created: s.created, LastUsed: s.used, Expires: s.end(), State: s.stateAt(now),
		})
	}
	return list
}

// Revoke ends all live sessions, as a vendor does who suspects a theft.
func (st *Standin) Revoke() {
	st.mu.Lock()
	now := st.server.clock.Now()
	var events []Event
	for _, s := range st.table.endAll(now, Revoked) {
		events = append(events, Event{Time: now, Vendor: st.vendor, Kind: EventRevoked, Session: s.id})
	}
	st.mu.Unlock()
	st.tell(events...)
}
