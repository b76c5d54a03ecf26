package contract

import (
	"cmp"
	"slices"
	"strings"
)

// DefaultSource is the id of the source in patches, unless [WithSource] says
// another.
const DefaultSource = "traffic"

// A Report is what a [Checker] has found so far. It does not change any more.
type Report struct {
	Answers   int `json:"answers"`   // to described operations
	Compared  int `json:"compared"`  // of them, the bodies that were compared
	NotJSON   int `json:"notJSON"`   // bodies that are not JSON, or not as they are sent
	TooLarge  int `json:"tooLarge"`  // bodies larger than [BodyLimit]
	CutShort  int `json:"cutShort"`  // bodies that were not read, or not sent, to their end
	Unmatched int `json:"unmatched"` // answers to requests that no described operation fits
	Dropped   int `json:"dropped"`   // answers of which something was left out, to keep the memory bounded

	Findings  []Finding      `json:"findings"`  // in the order of path, method, status and place
	Confirmed []Confirmation `json:"confirmed"` // in the same order

	checker *Checker
}

// A Finding is something that answers of one operation with one status show and
// the description does not say.
type Finding struct {
	Kind      Kind     `json:"kind"`
	Operation string   `json:"operation"` // operationId
	Method    string   `json:"method"`
	Path      string   `json:"path"`                // template
	Status    int      `json:"status"`              // HTTP status
	Where     string   `json:"where"`               // in the body, such as data.users[].name; "" for the whole
	Pointer   string   `json:"pointer"`             // JSON pointer of the part of the description that does not say it
	Described string   `json:"described,omitempty"` // types, statuses or media types that are described
	Observed  []string `json:"observed,omitempty"`  // JSON types without null, or the media type
	Nullable  bool     `json:"nullable,omitempty"`  // null was seen
	Open      bool     `json:"open,omitempty"`      // the description expects members that it does not name
	Decision  string   `json:"decision,omitempty"`  // what somebody must decide before the description can say it
	Count     int      `json:"count"`               // answers

	steps path
	base  int
	types types
	media string
}

// A Confirmation is a part of the description that answers of one operation with
// one status agree with. Where is "" for the answer as a whole.
type Confirmation struct {
	Operation string   `json:"operation"` // operationId
	Method    string   `json:"method"`
	Path      string   `json:"path"`   // template
	Status    int      `json:"status"` // HTTP status
	Where     string   `json:"where"`
	Pointer   string   `json:"pointer"`            // JSON pointer into the description
	Certainty string   `json:"certainty"`          // until now: documented, observed, inferred, or "" if it has none
	Observed  []string `json:"observed,omitempty"` // JSON types without null
	Nullable  bool     `json:"nullable,omitempty"` // null was seen
	Count     int      `json:"count"`              // answers

	types types
	free  bool // nothing is described but that it is an object
}

// Report returns what was found so far. Answers count when their bodies have
// been read or closed.
func (c *Checker) Report() *Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := &Report{
		Answers: int(c.answers.Load()), Compared: int(c.compared.Load()), NotJSON: int(c.notJSON.Load()), TooLarge: int(c.tooLarge.Load()),
		CutShort: int(c.cutShort.Load()), Unmatched: int(c.unmatched.Load()), Dropped: c.tally.dropped,
		Findings: []Finding{}, Confirmed: []Confirmation{}, checker: c,
	}
	for key, e := range c.tally.entries {
		if key.kind == "" {
			r.Confirmed = append(r.Confirmed, newConfirmation(key, e))
		} else {
			r.Findings = append(r.Findings, newFinding(key, e))
		}
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method), a.Status-b.Status,
			strings.Compare(a.Where, b.Where), strings.Compare(string(a.Kind), string(b.Kind)), slices.Compare(a.Observed, b.Observed),
		)
	})
	for i, f := range r.Findings {
		if f.Kind == UnknownStatus {
			r.Findings[i].Decision = c.description.byKey[f.Method+" "+f.Path].failure.decision(f.Status, r.tree(&f))
		}
	}
	slices.SortFunc(r.Confirmed, func(a, b Confirmation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method), a.Status-b.Status, strings.Compare(a.Where, b.Where))
	})
	return r
}

func newFinding(key tallyKey, e *tallied) Finding {
	f := Finding{
		Kind: key.kind, Operation: key.op.id, Method: key.op.method, Path: key.op.path, Status: key.status,
		Where: key.where, Pointer: e.pointer, Described: e.described, Observed: e.types.names(), Nullable: e.types&null != 0,
		Open: e.open, Count: e.count, steps: e.at, base: e.base, types: e.types, media: e.media,
	}
	if key.kind == UnknownContentType {
		f.Observed, f.Nullable = []string{e.media}, false
	}
	return f
}

func newConfirmation(key tallyKey, e *tallied) Confirmation {
	return Confirmation{
		Operation: key.op.id, Method: key.op.method, Path: key.op.path, Status: key.status, Where: key.where, Pointer: e.pointer,
		Certainty: e.level, Observed: e.types.names(), Nullable: e.types&null != 0, Count: e.count, types: e.types,
		free: e.open,
	}
}
