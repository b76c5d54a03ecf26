//go:build unix

package filestore_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

// Whoever deletes the files while somebody holds the lock splits it; from then
// on it is one lock again.
func TestDeletedLockIsMadeAgain(t *testing.T) {
	store, dir := newStore(t)
	unlock, err := store.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	other := openStore(t, dir)
	again, err := other.Lock(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Lock(ctx, key); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two have the lock: %v", err)
	}
	again()
}

// A lock file that its holder deletes is no lock for those who have it open
// already; they notice.
func TestProcessesExcludeEachOtherWhenFilesAreDeleted(t *testing.T) {
	countTogether(t, "count and delete")
}
