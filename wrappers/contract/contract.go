// Package contract compares the answers of a vendor with the description of its
// API, and tells what the description does not say. With it a user who has an
// account turns a description that was reconstructed from documents into one
// that is confirmed by traffic.
//
//	spec, err := specs.FS.ReadFile("anomify.yaml")
//	…
//	checker, err := contract.New(spec, contract.WithFile("specs/anomify.yaml"))
//	…
//	client, err := anomify.New(creds, session.WithTransport(checker.Transport(rest.NewTransport())))
//	… // calls
//	report := checker.Report()
//	fmt.Print(report)                // what differs, as text
//	fmt.Print(report.Patch().Diff)   // a change of the description, for git apply
//
// # What is kept
//
// Shapes, never values: names of members, JSON types, HTTP statuses, media types
// and counts. A name that is more likely a value, such as an id or an address
// that serves as a key, is kept as *. Indices of arrays are folded to []. A
// value outside an enumeration is reported as such, without the value. Requests
// and headers other than the type and encoding of an answer are not looked at.
// How much is kept is bounded, however much traffic there is.
//
// # What is looked at
//
// Bodies reach the program byte by byte as they came. While the program reads a
// JSON body of up to [BodyLimit] bytes, it is copied, compared when its end
// has been read or it is closed, and dropped. Nothing else is copied: other
// types, larger bodies, bodies under a Content-Encoding, streams of events. A
// body that the program does not read to the end of its JSON is not compared.
package contract

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// BodyLimit is the length of the largest body that is compared, in bytes.
const BodyLimit = 1 << 20

// An Option changes how [New] builds a Checker.
type Option func(*settings)

type settings struct {
	file, source, vendor string
	bases                []string
}

// WithFile sets the name of the description in patches, as seen from where they
// are applied. The default is spec.yaml.
func WithFile(name string) Option {
	return func(s *settings) {
		if name != "" {
			s.file = name
		}
	}
}

// WithSource sets the id that patches write into x-source. The default is
// [DefaultSource]. A patch adds it to x-sources if it is not there, with the
// address of the API and today's date.
func WithSource(id string) Option {
	return func(s *settings) {
		if id != "" {
			s.source = id
		}
	}
}

// WithVendor leaves out calls that the generated client of another vendor made,
// for a transport that several clients share.
func WithVendor(name string) Option {
	return func(s *settings) { s.vendor = name }
}

// WithBaseURL says where the API is, such as http://127.0.0.1:8080/anomify, if
// not at one of the servers of the description. It matters only for requests
// that no generated client made, of which the operation is found by the path.
func WithBaseURL(url string) Option {
	return func(s *settings) { s.bases = append(s.bases, url) }
}

// A Checker compares answers with a description. It is safe for concurrent use.
type Checker struct {
	description *description
	settings    settings

	mu    sync.Mutex
	tally tally

	answers, compared, unmatched, notJSON, tooLarge, cutShort atomic.Int64
}

// New returns a Checker for a description, OpenAPI 3.0 in YAML. It returns an
// error if spec cannot be read.
func New(spec []byte, opts ...Option) (*Checker, error) {
	set := settings{file: "spec.yaml", source: DefaultSource}
	for _, opt := range opts {
		if opt != nil {
			opt(&set)
		}
	}
	d, err := load(spec, set.bases)
	if err != nil {
		return nil, err
	}
	return &Checker{description: d, settings: set, tally: newTally()}, nil
}

// Transport returns a RoundTripper that sends requests through base and
// compares the answers. Neither requests nor answers are changed. With a nil
// base it is [http.DefaultTransport]. A Checker may have any number of
// transports.
func (c *Checker) Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{checker: c, base: base}
}

// Reset forgets everything that was found and counted.
func (c *Checker) Reset() {
	c.mu.Lock()
	c.tally = newTally()
	c.mu.Unlock()
	for _, n := range []*atomic.Int64{&c.answers, &c.compared, &c.unmatched, &c.notJSON, &c.tooLarge, &c.cutShort} {
		n.Store(0)
	}
}

// add takes over what was found in one answer.
func (c *Checker) add(op *operation, status int, f *facts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tally.add(op, status, f)
}

// shorten cuts a text that came from outside.
func shorten(text string, limit int) string {
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "")
	}
	return text
}
