// Package page shows a sandbox in a browser: what the vendors' APIs offer and
// how certain that is, a reference in which operations can be tried out, and a
// live picture of the sessions, with controls for the clock and for faults.
//
//	server := sandbox.NewUnstarted()
//	server.URL = "http://127.0.0.1:8080"
//	err := http.ListenAndServe("127.0.0.1:8080", page.Handler(server))
//
// The page is at /, what belongs to it below /_sandbox/, and the stand-ins where
// they are without it. It loads nothing from other hosts. Whatever changes the
// sandbox is a POST that only this page or a program may send: a request from
// another site is refused, and so is one under a host name that could have been
// made to lead here.
package page

import (
	"embed"
	"net/http"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

// assets holds the page. All of it is plain HTML, CSS and JavaScript.
//
//go:embed assets
var assets embed.FS

// prefix begins the paths of what belongs to the page.
const prefix = "/_sandbox/"

// Handler returns a handler that serves the page for server, and passes other
// requests on to it. It listens to the events of server as long as that exists,
// and needs no closing. Make one per server.
//
// A page that is open holds a request open for the events, which
// [http.Server.Shutdown] waits for; [http.Server.Close] does not.
func Handler(server *sandbox.Server) http.Handler {
	h := newHub(server)
	p := &page{server: server, hub: h, catalogue: newCatalogue(server), clients: newClients(server)}
	return p.guard(p.routes(), server)
}

// A page is all that a handler needs.
type page struct {
	server    *sandbox.Server
	hub       *hub
	catalogue *catalogue
	clients   *clients
}

// routes returns the handler of what belongs to the page.
func (p *page) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { serveAsset(w, r, "index.html") })
	mux.HandleFunc("GET "+prefix+"assets/{name}", func(w http.ResponseWriter, r *http.Request) { serveAsset(w, r, r.PathValue("name")) })
	mux.HandleFunc("GET "+prefix+"swagger/{name}", serveSwagger)
	mux.HandleFunc("GET "+prefix+"vendors", p.listVendors)
	mux.HandleFunc("GET "+prefix+"specs/{name}", p.serveSpec)
	mux.HandleFunc("GET "+prefix+"state", p.serveState)
	mux.HandleFunc("GET "+prefix+"events", p.hub.stream)
	mux.HandleFunc("POST "+prefix+"clock", p.moveClock)
	mux.HandleFunc("POST "+prefix+"counters/reset", p.resetCounters)
	mux.HandleFunc("POST "+prefix+"vendors/{vendor}/faults", p.addFault)
	mux.HandleFunc("POST "+prefix+"vendors/{vendor}/faults/clear", p.clearFaults)
	mux.HandleFunc("POST "+prefix+"vendors/{vendor}/rules", p.setRules)
	mux.HandleFunc("POST "+prefix+"vendors/{vendor}/revoke", p.revoke)
	mux.HandleFunc("POST "+prefix+"vendors/{vendor}/call", p.call)
	mux.HandleFunc("POST "+prefix+"vendors/{vendor}/close", p.closeClient)
	return mux
}
