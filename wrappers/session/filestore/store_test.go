package filestore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
	"github.com/latchkey-go/latchkey/wrappers/session/storetest"
)

func TestStore(t *testing.T) {
	storetest.Test(t, func(t *testing.T) (one, other session.Store) {
		store, dir := newStore(t)
		return store, openStore(t, dir)
	})
}

func TestNewRefusesNoDirectory(t *testing.T) {
	if _, err := filestore.New(""); err == nil {
		t.Error("no error")
	}
}

func TestSessionOutlivesTheStore(t *testing.T) {
	store, dir := newStore(t)
	version := put(t, store, "one")
	found, got, err := openStore(t, dir).Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if got != version || found.Token.Reveal() != "one" || found.Vendor != "acme" || found.Subject != "me" {
		t.Errorf("got version %q and %v, want version %q", got, found, version)
	}
}

func TestDirectoryThatIsGoneIsMadeAgain(t *testing.T) {
	store, dir := newStore(t)
	put(t, store, "one")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got := token(t, store); got != "" {
		t.Errorf("token %q out of nowhere", got)
	}
	put(t, store, "two")
	if got := token(t, store); got != "two" {
		t.Errorf("token %q, want two", got)
	}
}

// Keys that differ have files that differ, all of them in the directory.
func TestKeysAreNoPaths(t *testing.T) {
	store, dir := newStore(t)
	names := []string{"", ".", "..", "a", "A", "../a", "a/b", `a\b`, "a.json", "a:b", "nul", "\x00", strings.Repeat("k", 5000)}
	for _, name := range names {
		if _, err := store.CompareAndSwap(t.Context(), name, "", record(name)); err != nil {
			t.Fatalf("key %q: %v", name, err)
		}
	}
	for _, name := range names {
		found, _, err := store.Load(t.Context(), name)
		if err != nil || found.Token.Reveal() != name {
			t.Errorf("key %q: got %v, %v", name, found, err)
		}
	}
	if got := files(t, dir, ".json"); len(got) != len(names) {
		t.Errorf("%d files for %d keys", len(got), len(names))
	}
	if around := files(t, filepath.Dir(dir), ""); len(around) != 1 {
		t.Errorf("files beside the directory: %v", around)
	}
}

// Scenario 80: what cannot be read can be replaced, by those who have seen it.
func TestDamagedFilesCanBeReplaced(t *testing.T) {
	tests := map[string]string{
		"empty":            "",
		"half":             `{"version":"V","record":{"v":1,"t":"ab`,
		"not JSON":         "token=abc",
		"no version":       `{"record":{"v":1}}`,
		"no record":        `{"version":"V"}`,
		"other types":      `{"version":1,"record":[]}`,
		"record is a list": `{"version":"V","record":[]}`,
		"newer record":     `{"version":"V","record":{"v":99,"t":"abc"}}`,
		"two values":       `{"version":"V","record":{"v":1}} {}`,
		"huge":             `{"version":"V","record":{"v":1,"t":"` + strings.Repeat("x", 2<<20) + `"}}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			store, _ := newStore(t)
			path, _, _ := store.Files(key)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, version, err := store.Load(t.Context(), key)
			wantIs(t, err, session.ErrCorrupt)
			if version == "" {
				t.Fatal("no version")
			}
			if strings.Contains(err.Error(), "abc") {
				t.Errorf("the error repeats what is stored: %v", err)
			}
			_, err = store.CompareAndSwap(t.Context(), key, "", record("new"))
			wantIs(t, err, session.ErrConflict)
			if _, err = store.CompareAndSwap(t.Context(), key, version, record("new")); err != nil {
				t.Fatal(err)
			}
			if got := token(t, store); got != "new" {
				t.Errorf("token %q, want new", got)
			}
			_, err = store.CompareAndSwap(t.Context(), key, version, nil)
			wantIs(t, err, session.ErrConflict)
		})
	}
}

// Scenario 81: whoever knows an old session only does not remove the new one.
func TestClearIsCompareAndClear(t *testing.T) {
	store, dir := newStore(t)
	old := put(t, store, "old")
	current := put(t, openStore(t, dir), "new")
	_, err := store.CompareAndSwap(t.Context(), key, old, nil)
	wantIs(t, err, session.ErrConflict)
	if got := token(t, store); got != "new" {
		t.Errorf("token %q, want new", got)
	}
	if version, err := store.CompareAndSwap(t.Context(), key, current, nil); err != nil || version != "" {
		t.Errorf("got version %q, %v", version, err)
	}
	if got := token(t, store); got != "" {
		t.Errorf("token %q after it was removed", got)
	}
	if _, err := store.CompareAndSwap(t.Context(), key, "", nil); err != nil {
		t.Errorf("removing nothing: %v", err)
	}
}

// Lock files stay: a lock on a file that was deleted excludes nobody.
func TestLockFilesStay(t *testing.T) {
	store, dir := newStore(t)
	unlock, err := store.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	version := put(t, store, "one")
	if _, err := store.CompareAndSwap(t.Context(), key, version, nil); err != nil {
		t.Fatal(err)
	}
	openStore(t, dir)
	if left := files(t, dir, ".json", ".lock"); len(left) != 2 {
		t.Errorf("files %v, want two locks", left)
	}
}

func TestEndedContext(t *testing.T) {
	store, _ := newStore(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	_, _, err := store.Load(ctx, key)
	wantIs(t, err, why)
	_, err = store.CompareAndSwap(ctx, key, "", record("one"))
	wantIs(t, err, why)
	if got := token(t, store); got != "" {
		t.Errorf("token %q stored after the context has ended", got)
	}
}
