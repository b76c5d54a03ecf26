package page

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// clients are the page's own clients of the stand-ins, one per vendor, so that
// there is something to see without another program.
type clients struct {
	server *sandbox.Server

	mu       sync.Mutex
	byVendor map[sandbox.Vendor]*client
}

// A client calls one operation that needs a session.
type client struct {
	operation string // operationId
	engine    engine
	call      func(ctx context.Context) error
}

// An engine is what the clients of all vendors have in common.
type engine interface {
	Reset()
	Close(ctx context.Context) error
}

func newClients(server *sandbox.Server) *clients {
	return &clients{server: server, byVendor: make(map[sandbox.Vendor]*client)}
}

// get returns the client of a vendor, and makes it if there is none.
func (c *clients) get(v sandbox.Vendor) (*client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byVendor[v] == nil {
		made, err := newClient(c.server, v)
		if err != nil {
			return nil, err
		}
		c.byVendor[v] = made
	}
	return c.byVendor[v], nil
}

// take returns the client of a vendor, which is forgotten; nil if there is none.
func (c *clients) take(v sandbox.Vendor) *client {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.byVendor[v]
	delete(c.byVendor, v)
	return taken
}

// reset tells all clients that time has passed.
func (c *clients) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, client := range c.byVendor {
		client.engine.Reset()
	}
}

// newClient returns a client that reaches its stand-in without a network.
func newClient(server *sandbox.Server, v sandbox.Vendor) (*client, error) {
	account := server.Vendor(v).Account()
	password := rest.NewSecret(account.Password)
	opts := []session.Option{
		session.WithBaseURL("http://localhost/" + string(v)), session.WithTransport(direct{server}),
		session.WithChallenger(session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
			return rest.NewSecret(account.Code), nil
		})),
	}
	switch v {
	case sandbox.Anomify:
		c, err := anomify.New(anomify.Credentials{Email: account.Login, Password: password}, opts...)
		if err != nil {
			return nil, err
		}
		return &client{"getUserInfo", c, func(ctx context.Context) error { _, err := c.GetUserInfo(ctx); return err }}, nil
	case sandbox.AlertSite:
		c, err := alertsite.New(alertsite.Credentials{Login: account.Login, Password: password}, opts...)
		if err != nil {
			return nil, err
		}
		return &client{"getLocations", c, func(ctx context.Context) error { _, err := c.GetLocations(ctx); return err }}, nil
	case sandbox.Misaka:
		c, err := misaka.New(misaka.Credentials{Email: account.Login, Password: password}, opts...)
		if err != nil {
			return nil, err
		}
		return &client{"listDevices", c, func(ctx context.Context) error { _, err := c.ListDevices(ctx); return err }}, nil
	default:
		c, err := babel.New(babel.Credentials{Username: account.Login, Password: password}, opts...)
		if err != nil {
			return nil, err
		}
		return &client{"getLoggedInUser", c, func(ctx context.Context) error { _, err := c.GetLoggedInUser(ctx); return err }}, nil
	}
}

// A result says how calls of a client went.
type result struct {
	Operation string   `json:"operation"`
	Calls     int      `json:"calls"`
	Failed    int      `json:"failed"`
	Errors    []string `json:"errors"` // different ones, three at most
}

// run calls the operation so many times at once.
func (c *client) run(ctx context.Context, times int) result {
	res := result{Operation: c.operation, Calls: times, Errors: []string{}}
	var mu sync.Mutex
	var group sync.WaitGroup
	for range times {
		group.Go(func() {
			err := c.call(ctx)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			res.add(err.Error())
		})
	}
	group.Wait()
	return res
}

func (r *result) add(text string) {
	r.Failed++
	if len(r.Errors) < 3 && !slices.Contains(r.Errors, text) {
		r.Errors = append(r.Errors, text)
	}
}

func (p *page) call(w http.ResponseWriter, r *http.Request) {
	watch := p.watch(w, r)
	var ask struct {
		Times int `json:"times"`
	}
	if watch == nil || !receive(w, r, &ask) {
		return
	}
	if ask.Times < 1 || ask.Times > 50 {
		fail(w, http.StatusBadRequest, "times must be from 1 to 50")
		return
	}
	client, err := p.clients.get(watch.standin.Name())
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	send(w, client.run(r.Context(), ask.Times))
}

// closeClient signs the client of a vendor out and forgets it.
func (p *page) closeClient(w http.ResponseWriter, r *http.Request) {
	watch := p.watch(w, r)
	if watch == nil {
		return
	}
	if client := p.clients.take(watch.standin.Name()); client != nil {
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		if err := client.engine.Close(ctx); err != nil {
			fail(w, http.StatusBadGateway, err.Error())
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
