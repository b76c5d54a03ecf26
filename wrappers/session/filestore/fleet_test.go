package filestore_test

import (
	"path/filepath"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
	"github.com/latchkey-go/latchkey/wrappers/session/fleettest"
)

// Scenario 76: processes that share one directory.
func TestFleet(t *testing.T) {
	fleet := fleettest.Fleet{
		Open:  func(where string) (session.Store, error) { return filestore.New(where) },
		Where: filepath.Join(t.TempDir(), "sessions"),
	}
	if testing.Short() {
		fleet.Renewals = 50
	}
	r := fleet.Run(t)
	t.Logf("%d calls, %d sign-ins, %d refreshes, %d processes killed", r.Calls, r.SignIns, r.Refreshes, r.Killed)
}

// Without accidents there is one sign-in, and one refresh each time the session
// ends.
func TestFleetInCalm(t *testing.T) {
	fleet := fleettest.Fleet{
		Open:     func(where string) (session.Store, error) { return filestore.New(where) },
		Where:    filepath.Join(t.TempDir(), "sessions"),
		Renewals: 50,
		Calm:     true,
	}
	r := fleet.Run(t)
	t.Logf("%d calls, %d sign-ins, %d refreshes", r.Calls, r.SignIns, r.Refreshes)
}
