package page

import "github.com/latchkey-go/latchkey/wrappers/sandbox"

// A replayWatch finds calls that a client sent again in a new session: ones
// that went through after the same operation had been refused for want of a
// session, and a session had been opened or renewed since. The stand-ins do
// not know that; it is a guess where several clients are at work.
type replayWatch struct {
	refused  string          // operation of the call that is being told of, if it was refused
	renewing bool            // the call that is being told of opened or renewed a session
	waiting  map[string]bool // refused operations, and whether there was a new session since
}

// hear takes an event and reports whether it is a call that was sent again. The
// events of one call come together, the call itself last.
func (r *replayWatch) hear(e sandbox.Event) bool {
	switch e.Kind { //nolint:exhaustive // the others say nothing of it
	case sandbox.EventUnauthorized:
		r.refused = e.Operation
	case sandbox.EventLogin, sandbox.EventRefresh:
		r.renewing = true
		for operation := range r.waiting {
			r.waiting[operation] = true
		}
	case sandbox.EventCall:
		return r.call(e)
	}
	return false
}

func (r *replayWatch) call(e sandbox.Event) bool {
	refused, renewing := r.refused, r.renewing
	r.refused, r.renewing = "", false
	switch {
	case refused != "":
		if r.waiting == nil {
			r.waiting = make(map[string]bool)
		}
		r.waiting[refused] = false
		return false
	case renewing || e.Session == "" || !r.waiting[e.Operation]:
		return false
	}
	delete(r.waiting, e.Operation)
	return true
}
