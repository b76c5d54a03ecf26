package page

import (
	"encoding/json"
	"net/http"
	"time"
)

// How often a page is told.
const (
	restBetween = 100 * time.Millisecond // at most
	heartbeat   = 15 * time.Second       // at least
	patience    = 10 * time.Second       // for one that does not read
)

// stream sends the state, and sends it again whenever something happened, as
// server-sent events. A reader that does not keep up gets fewer, larger parts;
// one that does not read at all is cut off, and begins anew when it comes back.
func (h *hub) stream(w http.ResponseWriter, r *http.Request) {
	reader := h.subscribe()
	if reader == nil {
		fail(w, http.StatusServiceUnavailable, "too many pages are open")
		return
	}
	defer h.unsubscribe(reader)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for seq := uint64(0); ; {
		s := h.state(seq)
		data, err := json.Marshal(s)
		if err != nil {
			return
		}
		seq = s.Seq
		_ = out.SetWriteDeadline(time.Now().Add(patience)) // not all connections have one
		if _, err := w.Write([]byte("data: " + string(data) + "\n\n")); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		if !pause(r, reader, beat.C) {
			return
		}
	}
}

// pause waits until there is something to tell; false if the reader is gone.
func pause(r *http.Request, reader <-chan struct{}, beat <-chan time.Time) bool {
	rest := time.NewTimer(restBetween)
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-r.Context().Done():
		return false
	}
	select {
	case <-reader:
	case <-beat:
	case <-r.Context().Done():
		return false
	}
	return true
}

// serveState sends the state once.
func (p *page) serveState(w http.ResponseWriter, _ *http.Request) { send(w, p.hub.state(0)) }

// send answers with JSON.
func send(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value) // whoever asked is gone, if it fails
}

// fail answers with an error.
func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text})
}
