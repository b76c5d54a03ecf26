package filestore_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
)

// mount mounts a file system of 64 KiB in a new directory.
func mount(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	must(t, os.Mkdir(dir, 0o700))
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=64k,mode=700"); err != nil {
		t.Skipf("file systems cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// Row F29, with a disk that is full.
func TestF29FullDisk(t *testing.T) {
	dir := mount(t)
	store := openStore(t, filepath.Join(dir, "sessions"))
	version := put(t, store, "old")
	must(t, os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 40<<10), 0o600))
	large := record("new")
	large.Extra = map[string]rest.Secret{"large": rest.NewSecret(strings.Repeat("x", 60<<10))}
	_, err := store.CompareAndSwap(t.Context(), key, version, large)
	wantIs(t, err, syscall.ENOSPC)
	if got := token(t, store); got != "old" {
		t.Errorf("token %q, want old", got)
	}
	if left := files(t, filepath.Join(dir, "sessions"), ".tmp"); left != nil {
		t.Errorf("still there: %v", left)
	}
	must(t, os.Remove(filepath.Join(dir, "ballast")))
	if _, err = store.CompareAndSwap(t.Context(), key, version, record("new")); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

// Row F29, with a disk that must not be written to. What is there can be read.
func TestF29ReadOnlyDisk(t *testing.T) {
	dir := mount(t)
	path := filepath.Join(dir, "sessions")
	store := openStore(t, path)
	version := put(t, store, "old")
	must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	if got := token(t, openStore(t, path)); got != "old" {
		t.Errorf("token %q, want old", got)
	}
	_, err := store.CompareAndSwap(t.Context(), key, version, record("new"))
	wantIs(t, err, syscall.EROFS)
	_, err = store.Lock(t.Context(), "other")
	wantIs(t, err, syscall.EROFS)
	_, err = filestore.New(filepath.Join(dir, "more"))
	wantIs(t, err, syscall.EROFS)
}
