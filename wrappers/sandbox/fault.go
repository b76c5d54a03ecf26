package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// A Fault makes calls go wrong. Its zero value does nothing but take its turn.
//
// Status, Redirect, HTML, Garbage, Body and Refuse replace the answer: the
// operation is not carried out unless AfterEffect is set. With the other faults
// it is.
type Fault struct {
	Operation string // operationId; "" for every operation
	Times     int    // how many calls go wrong; 0 for all until ClearFaults

	Delay            time.Duration // waits before the operation is carried out
	DelayAfterEffect bool          // waits after that instead

	Status      int         // HTTP status; alone it brings the vendor's own error body
	RetryAfter  string      // value of that header, sent as it is; status 503 unless given
	Redirect    string      // Location; status 307 unless given
	HTML        bool        // a page such as a captive portal sends; status 200 unless given
	Garbage     bool        // bytes that are no JSON, said to be JSON; status 200 unless given
	Body        string      // this body; status 200 unless given
	ContentType string      // of Body; application/json unless given
	Header      http.Header // added to the answer, replaced or not
	Refuse      bool        // the vendor's answer to a session that is over, though it is not
	AfterEffect bool        // carries the operation out before its answer is replaced

	DropBeforeEffect bool // closes the connection and does nothing else
	Drop             bool // carries the operation out, then closes the connection without an answer
	CutAfter         int  // sends that many bytes of the body under its full length, then closes; negative: none
}

// Fault adds a fault. Faults are looked through in the order in which they were
// added; the first that fits a call is applied, and no other. A request with
// a client bug takes no fault. Drop and CutAfter need a connection of HTTP/1.
//
// The transport of net/http sends GET and other repeatable requests again by
// itself when a connection that was used before is dropped: a single drop then
// shows in the counters only.
func (st *Standin) Fault(f Fault) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.faults = append(st.faults, &f)
}

// ClearFaults removes all faults.
func (st *Standin) ClearFaults() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.faults = nil
}

// takeFault returns the fault for a call, and whether there is one.
func (st *Standin) takeFault(c *call) (Fault, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	i := slices.IndexFunc(st.faults, func(f *Fault) bool {
		return f.Operation == "" || f.Operation == c.op.id
	})
	if i < 0 {
		return Fault{}, false
	}
	c.event(EventFault, nil)
	f := *st.faults[i]
	switch f.Times {
	case 0:
	case 1:
		st.faults = slices.Delete(st.faults, i, i+1)
	default:
		st.faults[i].Times--
	}
	return f, true
}

// replaces tells whether the answer is another than that of the operation.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.RetryAfter != "" || f.Redirect != "" || f.HTML || f.Garbage || f.Body != "" || f.Refuse
}

// carriesOut tells whether the operation takes effect.
func (f *Fault) carriesOut() bool {
	return !f.DropBeforeEffect && (!f.replaces() || f.AfterEffect || f.Drop)
}

// answer returns the answer that replaces that of the operation.
func (f *Fault) answer(c *call) *answer {
	c.st.mu.Lock()
	defer c.st.mu.Unlock()
	var a *answer
	switch {
	case f.Refuse:
		a = c.st.rules.refuse(c)
		a.status = cmp.Or(f.Status, a.status)
	case f.Redirect != "":
		a = textAnswer(cmp.Or(f.Status, http.StatusTemporaryRedirect), "Moved.")
		a.addHeader("Location", f.Redirect)
	case f.HTML:
		a = textAnswer(cmp.Or(f.Status, http.StatusOK),
			"<!doctype html>\n<html><head><title>Sign in to the network</title></head><body>Please accept the terms.</body></html>")
		a.contentType = "text/html; charset=utf-8"
	case f.Garbage:
		a = textAnswer(cmp.Or(f.Status, http.StatusOK), "{\x00\xff]garbage")
		a.contentType = "application/json"
	case f.Body != "":
		a = &answer{status: cmp.Or(f.Status, http.StatusOK), body: []byte(f.Body)}
		a.contentType = cmp.Or(f.ContentType, "application/json")
	default:
		a = f.statusAnswer(c, cmp.Or(f.Status, http.StatusServiceUnavailable))
	}
	if f.RetryAfter != "" {
		a.addHeader("Retry-After", f.RetryAfter)
	}
	return a
}

// statusAnswer is an answer of which only the status was asked for.
func (f *Fault) statusAnswer(c *call, status int) *answer {
	if status < http.StatusBadRequest {
		return &answer{status: status}
	}
	return c.st.rules.fail(c, status, cmp.Or(http.StatusText(status), "Error"))
}
