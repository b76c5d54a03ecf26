package soaktest_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A report counts what happens in all worlds of a test. It is the observer of
// all engines.
type report struct {
	mu       sync.Mutex
	begun    time.Time
	outcomes map[outcome]int
	events   map[session.EventKind]int
	orders   map[string]outcome // of the world that is, by id
	totals   totals
	failures []string
	before   state
}

// totals are what vendors have counted.
type totals struct {
	worlds, calls, logins, refusals, refreshes      int
	lockouts, reused, leaks, lost, doubled, printed int
	simulated                                       time.Duration
}

// state is what a leak adds to.
type state struct {
	goroutines int
	heap       uint64
}

func newReport() *report {
	return &report{begun: time.Now(), outcomes: map[outcome]int{}, events: map[session.EventKind]int{}, orders: map[string]outcome{}, before: now()}
}

// now measures what is in use.
func now() state {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return state{runtime.NumGoroutine(), m.HeapAlloc}
}

// Observe implements [session.Observer].
func (r *report) Observe(_ context.Context, e session.Event) {
	r.inspect(e.Err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events[e.Kind]++
}

func (r *report) count(o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes[o]++
	r.totals.calls++
}

func (r *report) ordered(id string, o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders[id] = o
}

// inspect looks for secrets in an error.
func (r *report) inspect(err error) {
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, mark := range []string{passwordMark, tokenMark, refreshMark} {
		if strings.Contains(text, mark) {
			r.mu.Lock()
			r.totals.printed++
			r.mu.Unlock()
			r.fail(fmt.Errorf("a secret is in an error of type %T", err))
		}
	}
}

// fail notes something that must not be.
func (r *report) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, err.Error())
}

// reckon compares what the callers were told with what the vendor did, adds to
// the totals, and returns what must not be.
func (r *report) reckon(v *vendor) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	wrong := r.failures
	for id, o := range r.orders {
		least, most := o.times()
		done := v.effects[id]
		if done >= least && done <= most {
			continue
		}
		if done < least {
			r.totals.lost++
		} else {
			r.totals.doubled++
		}
		wrong = append(wrong, fmt.Sprintf("%s was carried out %d times, the caller was told: %s", id, done, o))
	}
	for _, a := range v.sorted() {
		r.totals.add(a)
		if a.lockouts > 0 || a.reused > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: locked %d times, refresh tokens used again %d times", a.user, a.lockouts, a.reused))
		}
	}
	r.totals.leaks += v.leaks
	if v.leaks > 0 {
		wrong = append(wrong, fmt.Sprintf("%d requests to another origin carried a session or a body", v.leaks))
	}
	r.failures, r.orders = nil, map[string]outcome{}
	r.totals.worlds++
	return wrong
}

// add adds what was counted for an account.
func (t *totals) add(a *account) {
	t.logins += a.logins
	t.refusals += a.refusals
	t.refreshes += a.refreshes
	t.lockouts += a.lockouts
	t.reused += a.reused
}

// log prints the report.
func (r *report) log(t *testing.T, after state) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "  %-44s %v\n", name, value) }
	line("worlds", r.totals.worlds)
	line("time", fmt.Sprintf("%v, in which the engines lived %v", time.Since(r.begun).Round(time.Millisecond), r.totals.simulated.Round(time.Second)))
	line("calls made", r.totals.calls)
	line("calls failed", r.totals.calls-r.outcomes[succeeded])
	for _, o := range slices.Sorted(maps.Keys(r.outcomes)) {
		if o != succeeded {
			line("  "+string(o), r.outcomes[o])
		}
	}
	line("sign-ins", fmt.Sprintf("%d, and %d refused", r.totals.logins, r.totals.refusals))
	line("refreshes", r.totals.refreshes)
	line("sessions taken over from a store", r.events[session.EventAdopt])
	line("replays", r.events[session.EventReplay])
	line("lock-outs", r.totals.lockouts)
	line("calls lost", r.totals.lost)
	line("calls carried out twice", r.totals.doubled)
	line("refresh tokens used twice", r.totals.reused)
	line("secrets sent elsewhere", r.totals.leaks)
	line("secrets in errors", r.totals.printed)
	line("goroutines before and after", fmt.Sprintf("%d, %d", r.before.goroutines, after.goroutines))
	line("heap before and after", fmt.Sprintf("%d KiB, %d KiB", r.before.heap>>10, after.heap>>10))
	t.Logf("\n%s", b.String())
}
