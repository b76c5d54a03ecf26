package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// maxBody is how many bytes of a request body are read.
const maxBody = 1 << 20

// A call is one request on its way through a stand-in.
type call struct {
	st      *Standin
	op      *operation // nil for a path or method that is not described
	req     *http.Request
	params  map[string]string // of the path
	query   url.Values
	body    []byte
	fields  map[string]any // members of a JSON body, or fields of a form
	now     time.Time
	session *session // the caller's, nil without one
	events  []Event
}

func newCall(st *Standin, req *http.Request, body []byte) *call {
	c := &call{st: st, req: req, query: req.URL.Query(), body: body}
	mediaType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err == nil && mediaType == "application/x-www-form-urlencoded" {
		c.fields = formFields(body)
		return c
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	_ = dec.Decode(&c.fields) // what is no object has no fields
	return c
}

func formFields(body []byte) map[string]any {
	fields := make(map[string]any)
	values, _ := url.ParseQuery(string(body)) // as far as it is readable
	for name := range values {
		fields[name] = values.Get(name)
	}
	return fields
}

func (c *call) newBody() io.ReadCloser {
	if len(c.body) == 0 {
		return http.NoBody
	}
	return io.NopCloser(bytes.NewReader(c.body))
}

// field returns a string of the body, "" if there is none of that name.
func (c *call) field(name string) string {
	s, _ := c.fields[name].(string)
	return s
}

// is tells whether a member of the body is true.
func (c *call) is(name string) bool {
	b, _ := c.fields[name].(bool)
	return b
}

// event counts something that happened, and notes it to be told to the listeners
// when the call is answered. The mutex of the stand-in must be held.
func (c *call) event(kind EventKind, s *session) {
	e := Event{Time: c.now, Vendor: c.st.vendor, Kind: kind}
	if s != nil {
		e.Session = s.id
	}
	if c.op != nil {
		e.Operation = c.op.id
	}
	c.events = append(c.events, e)
	c.st.counters.events[kind]++
}
