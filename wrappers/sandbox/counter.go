package sandbox

import (
	"maps"
	"slices"
)

// counters say what has arrived at a stand-in.
type counters struct {
	requests   int
	operations map[string]int
	events     map[EventKind]int
	bugs       []string
}

// maxBugs is how many texts of client bugs are kept.
const maxBugs = 1000

func newCounters() counters {
	return counters{operations: make(map[string]int), events: make(map[EventKind]int)}
}

func (n *counters) addBug(text string) {
	if len(n.bugs) < maxBugs {
		n.bugs = append(n.bugs, text)
	}
}

// Requests returns how many requests have arrived, of whatever kind.
func (st *Standin) Requests() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.counters.requests
}

// Count returns how many requests to an operation have arrived, refused ones
// included.
func (st *Standin) Count(operationID string) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.counters.operations[operationID]
}

// Counts returns Count for each operation that was called.
func (st *Standin) Counts() map[string]int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return maps.Clone(st.counters.operations)
}

// Logins returns how many sessions were opened. A login that waits for its
// second factor has opened none.
func (st *Standin) Logins() int { return st.countEvents(EventLogin) }

// FailedLogins returns how many logins and second factors were refused, those
// during a lock-out included.
func (st *Standin) FailedLogins() int { return st.countEvents(EventRefused) }

// Refreshes returns how often tokens were renewed.
func (st *Standin) Refreshes() int { return st.countEvents(EventRefresh) }

// Logouts returns how many sessions were ended by their owner.
func (st *Standin) Logouts() int { return st.countEvents(EventLogout) }

func (st *Standin) countEvents(kind EventKind) int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.counters.events[kind]
}

// Mistakes returns the mistakes of clients: the texts of the answers with
// [StatusClientBug], oldest first, and one for each request to a path or method that the vendor does not
// have. The first thousand are kept.
func (st *Standin) Mistakes() []string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.Clone(st.counters.bugs)
}

// ResetCounts sets all counters to zero, and empties Mistakes.
func (st *Standin) ResetCounts() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.counters = newCounters()
}
