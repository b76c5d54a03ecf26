package redisstore_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/fleettest"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
)

// fleetLease is how long the lock of a killed process stays: the test waits for
// it again and again. It must be longer than the machine makes a process wait.
const fleetLease = 250 * time.Millisecond

// where tells the processes of a fleet how to open the store.
type where struct{ Addr, Prefix, Key string }

func (w where) String() string {
	text, _ := json.Marshal(w)
	return string(text)
}

func openFleet(text string) (session.Store, error) {
	var w where
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(w.Key)
	if err != nil {
		return nil, err
	}
	return redisstore.New(newClient(w.Addr), []rest.Secret{rest.NewSecret(string(key))}, redisstore.WithPrefix(w.Prefix), redisstore.WithLease(fleetLease))
}

// newFleet returns a fleet with a store at addr.
func newFleet(addr, prefix string) fleettest.Fleet {
	key := base64.StdEncoding.EncodeToString([]byte(newKey().Reveal()))
	f := fleettest.Fleet{Open: openFleet, Where: where{Addr: addr, Prefix: prefix, Key: key}.String(), Renewals: 500}
	if testing.Short() {
		f.Renewals = 50
	}
	return f
}

// TestFleet is scenario 76 with one Redis: processes that share it are killed
// at random.
func TestFleet(t *testing.T) {
	if fleettest.Member() {
		newFleet("", "").Run(t)
	}
	b := realBackend(t)
	r := newFleet(shared.addr, b.prefix).Run(t)
	t.Logf("%d calls, %d sign-ins, %d refreshes, %d processes killed", r.Calls, r.SignIns, r.Refreshes, r.Killed)
}

// TestFleetInCalm: without accidents there is one sign-in, and one refresh each
// time the session ends.
func TestFleetInCalm(t *testing.T) {
	if fleettest.Member() {
		newFleet("", "").Run(t)
	}
	b := realBackend(t)
	f := newFleet(shared.addr, b.prefix)
	f.Renewals, f.Calm = 50, true
	r := f.Run(t)
	t.Logf("%d calls, %d sign-ins, %d refreshes", r.Calls, r.SignIns, r.Refreshes)
}

// TestFleetWhileRedisIsAway: Redis is stopped in the middle and started again,
// without and with what it knew.
func TestFleetWhileRedisIsAway(t *testing.T) {
	for name, args := range map[string][]string{
		"forgets":   {"--appendonly", "no"},
		"remembers": {"--appendonly", "yes", "--appendfsync", "always"},
	} {
		t.Run(name, func(t *testing.T) {
			if fleettest.Member() {
				newFleet("", "").Run(t)
			}
			s := ownServer(t, args...)
			f := newFleet(s.addr, "fleet:")
			f.Renewals = min(f.Renewals, 100)
			f.Disturb = func() {
				s.stop()
				time.Sleep(50 * time.Millisecond)
				if err := s.start(); err != nil {
					t.Error(err)
				}
			}
			r := f.Run(t)
			t.Logf("%d calls, %d sign-ins, %d refreshes, %d processes killed", r.Calls, r.SignIns, r.Refreshes, r.Killed)
		})
	}
}
