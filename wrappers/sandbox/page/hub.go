package page

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// Bounds on what is kept and sent. Plain calls are kept apart, so that many of
// them do not push out what became of sessions.
const (
	keptEvents   = 1000
	keptCalls    = 1000
	sentSessions = 40 // per vendor, the latest
	maxReaders   = 32 // pages that are open at once
)

// A hub hears all events of a server, and tells the pages that are open.
type hub struct {
	server *sandbox.Server
	run    string // tells one run of the program from another
	order  []sandbox.Vendor

	mu      sync.Mutex
	seq     uint64
	events  *ring
	calls   *ring
	vendors map[sandbox.Vendor]*watch
	readers map[chan struct{}]struct{}
}

// A watch is what a hub knows of one vendor.
type watch struct {
	standin *sandbox.Standin
	refused int // calls for want of a session
	replays int
	faults  []*fault
	rules   rules
	replay  replayWatch
}

func newHub(server *sandbox.Server) *hub {
	h := &hub{
		server: server, run: strconv.FormatInt(time.Now().UnixNano(), 36), events: newRing(keptEvents), calls: newRing(keptCalls),
		vendors: make(map[sandbox.Vendor]*watch), readers: make(map[chan struct{}]struct{}),
	}
	for _, v := range sandbox.Vendors() {
		if st := server.Vendor(v); st != nil {
			h.order = append(h.order, v)
			h.vendors[v] = &watch{standin: st}
		}
	}
	server.On(h.hear)
	return h
}

// hear takes an event. It is called while the request waits, so it only notes.
func (h *hub) hear(e sandbox.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.vendors[e.Vendor]
	if w == nil {
		return
	}
	switch e.Kind { //nolint:exhaustive // the others are only passed on
	case sandbox.EventUnauthorized:
		w.refused++
	case sandbox.EventFault:
		w.useFault(e.Operation)
	}
	rec := record{
		Time: e.Time, Vendor: string(e.Vendor), Kind: string(e.Kind), Session: e.Session, Operation: e.Operation, Status: e.Status,
	}
	h.put(rec)
	if w.replay.hear(e) {
		w.replays++
		rec.Kind = "replay"
		h.put(rec)
	}
	h.wake()
}

func (h *hub) put(rec record) {
	h.seq++
	rec.Seq = h.seq
	if rec.Kind == string(sandbox.EventCall) {
		h.calls.put(rec)
	} else {
		h.events.put(rec)
	}
}

// wake tells the readers that there is something new. It does not wait for
// them.
func (h *hub) wake() {
	for reader := range h.readers {
		select {
		case reader <- struct{}{}:
		default: // knows already
		}
	}
}

// change carries out a change of what the hub knows, and tells the readers.
func (h *hub) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	h.wake()
}

// subscribe registers a reader; nil if there are too many.
func (h *hub) subscribe() chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.readers) >= maxReaders {
		return nil
	}
	reader := make(chan struct{}, 1)
	h.readers[reader] = struct{}{}
	return reader
}

func (h *hub) unsubscribe(reader chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, reader)
}

// A state is what pages are told: all of how things stand, and the events since
// they were last told.
type state struct {
	Run     string        `json:"run"`
	Seq     uint64        `json:"seq"`
	Now     time.Time     `json:"now"`   // by the clock of the sandbox
	Ahead   int64         `json:"ahead"` // of the clock of the machine, in seconds
	Vendors []vendorState `json:"vendors"`
	Events  []record      `json:"events"` // oldest first
	Missed  uint64        `json:"missed"` // events that came and went since
}

type vendorState struct {
	Name     string         `json:"name"`
	Requests int            `json:"requests"`
	Logins   int            `json:"logins"`
	Failed   int            `json:"failed"` // logins
	Refresh  int            `json:"refreshes"`
	Logouts  int            `json:"logouts"`
	Refused  int            `json:"refused"` // calls for want of a session
	Replays  int            `json:"replays"`
	Bugs     []string       `json:"bugs"`  // requests that broke the description, the latest
	Live     int            `json:"live"`  // sessions
	Total    int            `json:"total"` // sessions that are remembered
	Sessions []sessionState `json:"sessions"`
	Faults   []fault        `json:"faults"` // set on the page and not used up
	Rules    rules          `json:"rules"`
}

type sessionState struct {
	ID      string     `json:"id"`
	Created time.Time  `json:"created"`
	Used    time.Time  `json:"used"`
	Expires *time.Time `json:"expires"` // if it is not used again; null for never
	State   string     `json:"state"`
}

// state returns how things stand, and the events after a sequence number.
func (h *hub) state(after uint64) state {
	h.mu.Lock()
	s := state{Run: h.run, Seq: h.seq, Now: h.server.Clock().Now(), Vendors: []vendorState{}, Events: []record{}}
	s.Events = append(append(s.Events, h.events.since(after)...), h.calls.since(after)...)
	slices.SortFunc(s.Events, func(a, b record) int { return cmp.Compare(a.Seq, b.Seq) })
	s.Missed = h.seq - after - uint64(len(s.Events))
	for _, v := range h.order {
		w := h.vendors[v]
		vendor := vendorState{Name: string(v), Refused: w.refused, Replays: w.replays, Rules: w.rules, Faults: []fault{}}
		for _, f := range w.faults {
			vendor.Faults = append(vendor.Faults, *f)
		}
		s.Vendors = append(s.Vendors, vendor)
	}
	h.mu.Unlock()
	s.Ahead = int64(time.Until(s.Now).Round(time.Second) / time.Second)
	for i, v := range h.order {
		s.Vendors[i].read(h.vendors[v].standin)
	}
	return s
}

// read adds what the stand-in itself knows.
func (s *vendorState) read(st *sandbox.Standin) {
	s.Requests, s.Logins, s.Failed, s.Refresh, s.Logouts = st.Requests(), st.Logins(), st.FailedLogins(), st.Refreshes(), st.Logouts()
	s.Bugs = append([]string{}, last(st.Mistakes(), 5)...)
	sessions := st.Sessions()
	s.Total = len(sessions)
	for _, info := range sessions {
		if info.State == sandbox.Live {
			s.Live++
		}
	}
	s.Sessions = []sessionState{}
	for _, info := range last(sessions, sentSessions) {
		session := sessionState{ID: info.ID, Created: info.Created, Used: info.LastUsed, State: string(info.State)}
		if !info.Expires.IsZero() {
			session.Expires = &info.Expires
		}
		s.Sessions = append(s.Sessions, session)
	}
}

func last[T any](list []T, n int) []T { return list[max(len(list)-n, 0):] }
