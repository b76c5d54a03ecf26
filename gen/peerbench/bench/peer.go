// Package bench holds what all clients in the comparison are measured with:
// the answers, the transports that give them, and the benchmarks. A client
// takes part by an adapter, a [Peer].
package bench

import (
	"context"
	"net/http"
)

// A Peer is a client in the comparison.
type Peer struct {
	Name string
	// New returns a client for the API at baseURL that sends its requests
	// through client.
	New func(baseURL string, client *http.Client) (Client, error)
	// HTTPClient returns the client that users of the peer have who ask for
	// nothing in particular, with its transport replaced; nil leaves it.
	HTTPClient func(transport http.RoundTripper) *http.Client
	// Decoders decode a whole answer each.
	Decoders Decoders
}

// Decoders decode answers from memory, and return what the method of [Client]
// with the same name does.
type Decoders struct {
	Login, User, Users, Points func(data []byte) (int, error)
}

// A Client makes the calls of testdata/bench.yaml with fixed arguments. The
// number that a method returns depends on what it decoded, so that a client
// that loses something is found out; see [Payload].
type Client interface {
	Login(ctx context.Context) (int, error)  // the length of data.session.id
	User(ctx context.Context) (int, error)   // the rank of the user
	Users(ctx context.Context) (int, error)  // the number of users and the rank of the last
	Points(ctx context.Context) (int, error) // the number of points and the second value of the last
	Update(ctx context.Context) error        // sends a body, gets none
	Delete(ctx context.Context) error        // sends a query, gets no body
}

// Arguments of the calls, the same for all peers.
const (
	Username = "demo@example.com"
	Password = "not a password"
	UserID   = "00000000-0000-4000-8000-000000000007"
	Metric   = "servers.web-1.load"
	Limit    = 100
	Offset   = 200
	Search   = "Zoë & co"
	From     = 1657034872
	Until    = 1657121272
	Reason   = "asked for it"

	FirstName = "Zoë"
	LastName  = "Example"
	Email     = "zoe@example.com"
	Rank      = 7
	Notes     = "Prefers to be called in the afternoon."
	Locked    = false
)

// Roles returns the roles that [Client.Update] sends.
func Roles() []string { return []string{"reader", "writer"} }
