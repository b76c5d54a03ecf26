package page

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// watch returns what is known of the vendor in the path. If there is none it
// answers and returns nil.
func (p *page) watch(w http.ResponseWriter, r *http.Request) *watch {
	watch := p.hub.vendors[sandbox.Vendor(r.PathValue("vendor"))]
	if watch == nil {
		fail(w, http.StatusNotFound, "there is no such vendor")
	}
	return watch
}

// receive reads the body of a request. If it cannot be read it answers and
// returns false.
func receive(w http.ResponseWriter, r *http.Request, value any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
	dec.DisallowUnknownFields()
	if err := dec.Decode(value); err != nil {
		fail(w, http.StatusBadRequest, "the body: "+err.Error())
		return false
	}
	return true
}

// moveClock moves the clock of the sandbox. The page's own clients are told that
// time has passed, which their own clock does not show.
func (p *page) moveClock(w http.ResponseWriter, r *http.Request) {
	var move struct {
		Minutes int `json:"minutes"`
	}
	if !receive(w, r, &move) {
		return
	}
	if move.Minutes < 1 || move.Minutes > 100_000 {
		fail(w, http.StatusBadRequest, "minutes must be from 1 to 100000")
		return
	}
	p.hub.change(func() { p.server.Clock().Advance(time.Duration(move.Minutes) * time.Minute) })
	p.clients.reset()
	w.WriteHeader(http.StatusNoContent)
}

func (p *page) resetCounters(w http.ResponseWriter, _ *http.Request) {
	p.hub.change(func() {
		for _, watch := range p.hub.vendors {
			watch.refused, watch.replays = 0, 0
			watch.standin.ResetCounts()
		}
	})
	w.WriteHeader(http.StatusNoContent)
}

// rules are the session rules that can be switched on the page, as they were
// last set there.
type rules struct {
	OneSession   bool `json:"oneSession"`   // a login ends the sessions before it
	SecondFactor bool `json:"secondFactor"` // a login needs one, where the vendor has it
}

func (p *page) setRules(w http.ResponseWriter, r *http.Request) {
	watch := p.watch(w, r)
	var set rules
	if watch == nil || !receive(w, r, &set) {
		return
	}
	p.hub.change(func() {
		watch.rules = set
		watch.standin.OneSessionPerUser(set.OneSession)
		watch.standin.RequireSecondFactor(set.SecondFactor)
	})
	w.WriteHeader(http.StatusNoContent)
}

// revoke ends all sessions of a vendor. The stand-in tells of it by itself.
func (p *page) revoke(w http.ResponseWriter, r *http.Request) {
	if watch := p.watch(w, r); watch != nil {
		watch.standin.Revoke()
		w.WriteHeader(http.StatusNoContent)
	}
}
