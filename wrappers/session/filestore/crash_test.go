package filestore_test

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// steps are the steps of a write, with what is stored if it ends before them.
var steps = []struct {
	name, left string
}{
	{"create", "old"},
	{"chmod", "old"},
	{"write", "old"},
	{"sync", "old"},
	{"close", "old"},
	{"rename", "old"},
	{"sync directory", "new"},
	{"remove", "old"},
}

// Scenario 77: a process is killed at every step of a write.
func TestKilledAtEveryStep(t *testing.T) {
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			store, dir := newStore(t)
			put(t, store, "old")
			p := start(t, "die "+step.name, dir)
			if err := p.Wait(); err == nil || p.ProcessState.ExitCode() == 1 {
				t.Fatalf("the process was not killed: %v", err)
			}
			if got := token(t, store); got != step.left {
				t.Errorf("stored session %q, want %q", got, step.left)
			}
			put(t, store, "next") // the write lock is free
			put(t, openStore(t, dir), "last")
			if left := files(t, dir, ".tmp"); left != nil {
				t.Errorf("still there: %v", left)
			}
		})
	}
}

// Files that are being written are not taken for remains.
func TestNewLeavesWritersAlone(t *testing.T) {
	store, dir := newStore(t)
	var opened atomic.Int32
	store.SetStep(func(name string, _ *os.File) error {
		if name == "rename" {
			opened.Add(1)
			openStore(t, dir)
		}
		return nil
	})
	put(t, store, "one")
	if got := token(t, store); got != "one" || opened.Load() != 1 {
		t.Errorf("stored session %q", got)
	}
}

var errFull = errors.New("no space left")

// Row F29: the disk is full, or fails, at every step of a write.
func TestF29FailureAtEveryStep(t *testing.T) {
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			store, dir := newStore(t)
			version := put(t, store, "old")
			next := record("new")
			if step.name == "remove" {
				next = nil
			}
			store.SetStep(func(name string, _ *os.File) error {
				if name == step.name {
					return errFull
				}
				return nil
			})
			_, err := store.CompareAndSwap(t.Context(), key, version, next)
			wantIs(t, err, errFull)
			store.SetStep(nil)
			if got := token(t, store); got != step.left {
				t.Errorf("stored session %q, want %q", got, step.left)
			}
			if left := files(t, dir, ".tmp"); left != nil {
				t.Errorf("still there: %v", left)
			}
			if _, err = store.CompareAndSwap(t.Context(), key, "stale", next); !errors.Is(err, session.ErrConflict) {
				t.Errorf("the write lock is not free: %v", err)
			}
		})
	}
}

// Scenario 78: readers see one record or the other, never a part or nothing.
func TestReadersNeverSeeHalfARecord(t *testing.T) {
	store, dir := newStore(t)
	put(t, store, "a")
	done := make(chan struct{})
	reads := make(chan int)
	for range 2 {
		go func() {
			n := 0
			defer func() { reads <- n }()
			reader := openStore(t, dir)
			for ; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				found, version, err := reader.Load(t.Context(), key)
				if err != nil || version == "" || found.Subject != "me" {
					t.Errorf("read after %d: %v", n, err)
					return
				}
			}
		}()
	}
	for i := range 200 {
		put(t, store, string(rune('a'+i%26)))
	}
	close(done)
	if n := <-reads + <-reads; n < 200 {
		t.Logf("only %d reads", n)
	}
}
