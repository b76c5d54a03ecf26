// Package fleettest tests a [session.Store] with a fleet: processes that share
// an account at a vendor whose refresh tokens are good for one use. The
// processes are killed at random.
package fleettest

import (
	"os"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// Variables of the environment of a process of a fleet.
const (
	vendorVariable = "FLEETTEST_VENDOR" // its address; says that this is such a process
	whereVariable  = "FLEETTEST_WHERE"
	nameVariable   = "FLEETTEST_NAME"
)

// A Fleet says what to test, and how much of it.
type Fleet struct {
	// Open opens the store; it is called in every process. Where says where
	// the store is, such as a directory or an address: Open gets the same text
	// in all processes.
	Open  func(where string) (session.Store, error)
	Where string
	// Options are for the engine of every process, besides the store.
	Options []session.Option

	Processes int // 8 if it is zero
	Renewals  int // how often the session ends before the test does; 500 if it is zero
	// Calm kills no process.
	Calm bool
	// Disturb is called once, when half of the renewals are done, while the
	// calls go on. It may take the store away and give it back. Processes may
	// sign in one by one then; Run checks the rest.
	Disturb func()
}

// A Report says what a fleet has done.
type Report struct {
	Calls       int      // that were answered well
	Failed      []string // what was wrong with the others
	SignIns     int
	Refreshes   int
	Reused      int // refresh tokens that were sent a second time; the vendor ends the session
	Superfluous int // sign-ins and refreshes while there was a session
	Killed      int // processes
}

// Run runs the fleet and reports to t unless
//
//   - every call got its answer, those of killed processes aside,
//   - no refresh token was used twice,
//   - one process renewed the session when it ended, by its refresh token; a
//     process that was killed may have cost one sign-in.
//
// The processes are this test program, started to run the same test alone: it
// must call Run in the same way there, where Run does not return. See [Member].
func (f Fleet) Run(t *testing.T) Report {
	t.Helper()
	if f.Processes == 0 {
		f.Processes = 8
	}
	if f.Renewals == 0 {
		f.Renewals = 500
	}
	if Member() {
		f.work(t)
		t.SkipNow()
	}
	return f.lead(t)
}

// Member reports whether this process was started by [Fleet.Run]. A test needs
// it if it prepares more than Run is given: there is no need to do so again.
func Member() bool { return os.Getenv(vendorVariable) != "" }

// check compares what was done with what should have been.
func (f Fleet) check(t *testing.T, r Report) {
	t.Helper()
	for i, failed := range r.Failed {
		if i == 10 {
			t.Errorf("and %d more", len(r.Failed)-i)
			break
		}
		t.Errorf("a call failed: %s", failed)
	}
	if r.Reused > 0 {
		t.Errorf("%d refresh tokens were used twice", r.Reused)
	}
	if f.Disturb != nil {
		return
	}
	if most := 1 + r.Killed; r.SignIns > most {
		t.Errorf("%d sign-ins, want no more than %d", r.SignIns, most)
	}
	if r.Superfluous > r.Killed {
		t.Errorf("%d times a session was replaced that had not ended, want no more than %d", r.Superfluous, r.Killed)
	}
}
