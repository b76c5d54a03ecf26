// Package soaktest_test lets engines of package session run for a long time
// while everything around them goes wrong, and counts what must not happen.
//
//	go test ./wrappers/session/soaktest -run TestSoak -v -soak.duration 2m
//
// Without -soak.duration only a short run is made, always with the same seed.
package soaktest_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

var (
	soakDuration = flag.Duration("soak.duration", 0, "how long TestSoak runs; 0 skips it")
	soakUnclear  = flag.Bool("soak.unclear", true, "let refreshes be answered with 5xx, and stores fail, after they had their effect")
	soakSeed     = flag.Uint64("soak.seed", 0, "seed of chance in TestSoak; 0 takes another one each time")
)

// TestSoak makes worlds and lets them end until its time is over.
func TestSoak(t *testing.T) {
	if *soakDuration <= 0 {
		t.Skip("runs with -soak.duration")
	}
	seed := *soakSeed
	if seed == 0 {
		seed = rand.Uint64N(1 << 32)
	}
	t.Logf("seed %d", seed)
	r := newReport()
	defer finish(t, r)
	lifeInMemory(t, r, seed, 8, time.Hour) // what is needed once is there now
	lifeOnLoopback(t, r, seed, 100)
	r.before = now()
	for n := seed; time.Since(r.begun) < *soakDuration && !t.Failed(); n++ {
		lifeInMemory(t, r, n, 8, 6*time.Hour)
		lifeOnLoopback(t, r, n, 400)
	}
}

// TestShortSoak is a soak of few worlds, always the same ones as far as chance goes.
func TestShortSoak(t *testing.T) {
	r := newReport()
	defer finish(t, r)
	lifeOnLoopback(t, r, 1, 10)
	r.before = now()
	lifeInMemory(t, r, 1, 4, 2*time.Hour)
	lifeOnLoopback(t, r, 1, 50)
	if good := r.outcomes[succeeded]; good < r.totals.calls/2 {
		t.Errorf("%d of %d calls succeeded: too few to show anything", good, r.totals.calls)
	}
	for what, n := range map[string]int{
		"replays": r.events[session.EventReplay], "sign-ins refused": r.totals.refusals, "refreshes": r.totals.refreshes,
		"sessions taken over": r.events[session.EventAdopt], "back-offs": r.events[session.EventBackoff],
	} {
		if n == 0 {
			t.Errorf("there were no %s: nothing was shown about them", what)
		}
	}
}

// heapSlack is how much more memory than at the beginning may be in use at the
// end, in bytes.
const heapSlack = 2 << 20

// finish logs the report and looks for leaks.
func finish(t *testing.T, r *report) {
	t.Helper()
	after := now()
	for range 1000 { // connections on loopback end when the scheduler lets them
		if after.goroutines <= r.before.goroutines {
			break
		}
		runtime.Gosched()
		after = now()
	}
	r.log(t, after)
	if after.goroutines > r.before.goroutines {
		t.Errorf("%d goroutines before, %d after", r.before.goroutines, after.goroutines)
	}
	if after.heap > r.before.heap+heapSlack {
		t.Errorf("heap of %d bytes before, %d after", r.before.heap, after.heap)
	}
}

// accounts returns one account of each kind.
func accounts() []*account {
	return []*account{
		{user: "plain"},
		{user: "single", single: true, idle: 15 * time.Minute},
		{user: "inbody", inBody: true, idle: 15 * time.Minute},
		{user: "rotating", rotate: true, lifetime: 30 * time.Minute},
		{user: "flaky", rotate: true, lifetime: 10 * time.Minute},
	}
}

// sorted returns the accounts in the order of their names, so that a seed means
// the same every time.
func (v *vendor) sorted() []*account {
	var all []*account
	for _, a := range v.accounts {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *account) int { return strings.Compare(a.user, b.user) })
	return all
}

// engines returns the options of the engines for an account: two that share a
// store where that makes sense, else one.
func engines(f *front) func(*account) [][]session.Option {
	return func(a *account) [][]session.Option {
		var store session.Store = &session.MemoryStore{}
		switch a.user {
		case "plain", "inbody":
			return [][]session.Option{nil}
		case "flaky":
			store = &flaky{store, f}
		}
		shared := []session.Option{session.WithStore(store), session.WithRejectedMarker(0)}
		return [][]session.Option{shared, shared}
	}
}

// lifeInMemory runs a world with some workers for each engine, for a time by a
// clock that does not wait. At the end all trouble ends, and every engine must
// work again.
func lifeInMemory(t *testing.T, r *report, seed uint64, workers int, lives time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(accounts()...)
		v.origin = "https://api.acme.example"
		f := newFront(v, trouble{data: 30, login: 100, delay: 50 * time.Millisecond, hang: true, forbids: true, unclear: *soakUnclear}, seed)
		w, err := newWorld(f, r, seed, workers, engines(f))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), lives)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { w.operate(ctx) })
		for i, a := range v.sorted() {
			d := &demon{world: w, account: a, dice: rand.New(rand.NewPCG(seed, uint64(100+i))), restarts: a.user == "rotating"}
			wg.Go(func() { d.plague(ctx) })
		}
		w.work(func(one *worker) {
			for ctx.Err() == nil {
				one.call(t.Context())
				one.think(ctx)
			}
		})
		wg.Wait()
		w.makePeace()
		time.Sleep(20 * time.Minute)
		w.checkRecovery(t)
		for _, a := range v.accounts {
			if a.busiest > 1 && a.user != "flaky" {
				t.Errorf("%s: %d sign-ins at the same time", a.user, a.busiest)
			}
		}
		w.end(t)
		r.totals.simulated += lives
	})
}

// lifeOnLoopback runs a world over real connections, by the real clock, until
// each worker has made some calls. Sessions are revoked twice, and sign-ins
// meet no trouble, since the engines would wait then.
func lifeOnLoopback(t *testing.T, r *report, seed uint64, calls int) {
	t.Helper()
	v := newVendor(accounts()[:3]...)
	f := newFront(v, trouble{data: 30, delay: time.Millisecond}, seed)
	server := httptest.NewServer(f)
	defer server.Close()
	v.origin = server.URL
	transport := rest.NewTransport()
	defer transport.CloseIdleConnections()
	w, err := newWorld(f, r, seed, 8, func(a *account) [][]session.Option {
		opts := engines(f)(a)
		for i := range opts {
			opts[i] = append(slices.Clip(opts[i]), session.WithTransport(transport))
		}
		return opts
	})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	w.work(func(one *worker) {
		for i := range calls {
			if one.name == w.workers[0].name && (i == calls/3 || i == calls*2/3) {
				for _, a := range v.sorted() {
					v.revoke(a)
				}
			}
			one.call(t.Context())
		}
	})
	w.end(t)
	r.totals.simulated += time.Since(begun)
}
