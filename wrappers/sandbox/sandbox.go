// Package sandbox stands in for the four vendors, so that a program can be
// tested and shown without an account and without a network.
//
// A [Server] listens on a loopback port and serves Anomify under /anomify,
// AlertSite under /alertsite, Misaka under /misaka and Babel under /babel. It
// reads the descriptions of package specs: every operation answers with its
// example, and a request that breaks the description is answered with status
// [StatusClientBug] and a text that names the operation and what is wrong.
// [Standin.Mistakes] lists those texts, so that a test can say that there were
// none. [HeaderExample] asks for another example than the first by name.
//
// The session rules of each vendor are real: what is not signed in is refused
// in the vendor's own way, sessions expire by the [Clock] of the server, which
// a test moves, and [Standin] has a method for each thing that can be switched:
// second factor, lock-out, one session per user, single-use refresh tokens.
// [Standin.Fault] makes calls go wrong, and counters tell what has arrived.
//
// # What the vendors do not publish
//
// Where the documents are silent, the stand-in makes a choice of its own. Each
// such choice is marked "the sandbox's own" where it is made, and most can be
// changed. A test that depends on one says nothing about the vendor.
package sandbox

// A Vendor names one of the stand-ins.
type Vendor string

// The vendors of this package. Each is served under its own name as the first
// segment of the path.
const (
	Anomify   Vendor = "anomify"
	AlertSite Vendor = "alertsite"
	Misaka    Vendor = "misaka"
	Babel     Vendor = "babel"
)

// StatusClientBug is the HTTP status of the answer to a request that breaks
// the description of the vendor: a mistake of the client, not of its user. It is
// also sent where the stand-in's own answer would break the description. No
// vendor uses it. What is wrong stands in the body, a JSON object, where the
// x-failure of the description has the vendor's explanation, so that the error
// that a client makes of it says so; and in [Standin.Mistakes].
const StatusClientBug = 599

// HeaderExample is the request header that asks for an example by its name in
// the description, instead of the first by name. It only changes answers that
// come from an example.
const HeaderExample = "X-Sandbox-Example"

// Vendors returns all vendors of this package, in the order in which they are
// documented.
func Vendors() []Vendor {
	return []Vendor{Anomify, AlertSite, Misaka, Babel}
}
