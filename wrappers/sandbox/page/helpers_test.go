package page_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/page"
)

// serve starts a sandbox with its page.
func serve(t *testing.T) *sandbox.Server {
	t.Helper()
	server := sandbox.NewUnstarted()
	web := httptest.NewServer(page.Handler(server))
	server.URL = web.URL
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		server.Close()
	})
	return server
}

// An answer is what the page answered.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; header has names and values in turn.
func ask(t *testing.T, method, url, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

func get(t *testing.T, url string, header ...string) answer {
	t.Helper()
	return ask(t, http.MethodGet, url, "", header...)
}

// post changes something as the page does, which must go well.
func post(t *testing.T, url, body string) answer {
	t.Helper()
	a := ask(t, http.MethodPost, url, body)
	if a.status >= 300 {
		t.Fatalf("POST %s: %d %s", url, a.status, a.body)
	}
	return a
}

// A state is what the page is told, as far as tests look at it.
type state struct {
	Seq     uint64
	Ahead   int
	Missed  int
	Vendors []struct {
		Name                                                                  string
		Requests, Logins, Failed, Refreshes, Logouts, Refused, Replays, Total int
		Bugs                                                                  []string
		Sessions                                                              []struct{ ID, State string }
		Faults                                                                []struct {
			Kind, Operation string
			Times           int
		}
		Rules struct{ OneSession, SecondFactor bool }
	}
	Events []struct {
		Vendor, Kind, Operation, Session string
		Status                           int
	}
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

func stateOf(t *testing.T, server *sandbox.Server) state {
	t.Helper()
	return decode[state](t, get(t, server.URL+"/_sandbox/state").body)
}

// kinds returns the kinds of the events of a vendor, oldest first.
func (s *state) kinds(vendor string) []string {
	var list []string
	for _, e := range s.Events {
		if e.Vendor == vendor {
			list = append(list, e.Kind)
		}
	}
	return list
}

// follow opens the stream of events, and returns what reads the next state.
func follow(t *testing.T, server *sandbox.Server) (next func() state) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/_sandbox/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("status %d, type %s", resp.StatusCode, got)
	}
	lines := bufio.NewReader(resp.Body)
	return func() state {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				return decode[state](t, data)
			}
		}
	}
}

// newWeb serves a handler and returns its address.
func newWeb(t *testing.T, handler http.Handler) string {
	t.Helper()
	web := httptest.NewServer(handler)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return web.URL
}
