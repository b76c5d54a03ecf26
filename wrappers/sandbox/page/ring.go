package page

import "time"

// A record is an event as the page gets it.
type record struct {
	Seq       uint64    `json:"seq"`
	Time      time.Time `json:"time"` // by the clock of the sandbox
	Vendor    string    `json:"vendor"`
	Kind      string    `json:"kind"` // of [sandbox.EventKind], or "replay"
	Session   string    `json:"session,omitempty"`
	Operation string    `json:"operation,omitempty"`
	Status    int       `json:"status,omitempty"`
}

// A ring keeps the last records that were put into it.
type ring struct {
	records []record
	oldest  int
}

func newRing(size int) *ring { return &ring{records: make([]record, 0, size)} }

func (r *ring) put(rec record) {
	if len(r.records) < cap(r.records) {
		r.records = append(r.records, rec)
		return
	}
	r.records[r.oldest] = rec
	r.oldest = (r.oldest + 1) % len(r.records)
}

// since returns the records after a sequence number, oldest first.
func (r *ring) since(seq uint64) []record {
	var list []record
	for i := range r.records {
		if rec := r.records[(r.oldest+i)%len(r.records)]; rec.Seq > seq {
			list = append(list, rec)
		}
	}
	return list
}
