//go:build unix && !solaris && !aix

package filestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
)

// umask sets the umask of the process for the time of the test.
func umask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

// Scenario 79: modes do not depend on the umask.
func TestModes(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o077} {
		umask(t, mask)
		dir := filepath.Join(t.TempDir(), "parent", "sessions")
		store := openStore(t, dir)
		put(t, store, "one")
		put(t, store, "two")
		unlock, err := store.Lock(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		want := map[string]fs.FileMode{dir: fs.ModeDir | 0o700, filepath.Dir(dir): fs.ModeDir | 0o700}
		for _, name := range files(t, dir, "") {
			want[filepath.Join(dir, name)] = 0o600
		}
		if len(want) != 5 {
			t.Errorf("%d files, want a record and two locks", len(want)-2)
		}
		for path, mode := range want {
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode() != mode {
				t.Errorf("umask %03o: %s has mode %v, want %v", mask, path, info.Mode(), mode)
			}
		}
	}
}

// spoil makes a file unsafe in one way.
var spoils = map[string]struct {
	spoil func(t *testing.T, path string)
	want  string // in the text of the error
}{
	"mode":     {func(t *testing.T, path string) { must(t, os.Chmod(path, 0o750)) }, "mode is 0750"},
	"writable": {func(t *testing.T, path string) { must(t, os.Chmod(path, 0o702)) }, "mode is 0702"},
	"link": {func(t *testing.T, path string) {
		must(t, os.Rename(path, path+".aside"))
		must(t, os.Symlink(path+".aside", path))
	}, "symbolic link"},
	"owner": {func(t *testing.T, path string) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give files away")
		}
		must(t, os.Chown(path, 12345, 12345))
	}, "another user"},
	"type": {func(t *testing.T, path string) {
		must(t, os.RemoveAll(path))
		must(t, syscall.Mkfifo(path, 0o600))
	}, "it is not a"},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// says wants an error that explains what is wrong with path, and no more.
func says(t *testing.T, err error, path, why string) {
	t.Helper()
	wantIs(t, err, filestore.ErrUnsafe)
	if err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error does not explain that of %s it is the %s: %v", path, why, err)
	}
}

// fails wants Load and CompareAndSwap to be refused, and returns what Load says.
func fails(t *testing.T, store session.Store, target error) error {
	t.Helper()
	_, _, err := store.Load(t.Context(), key)
	wantIs(t, err, target)
	_, swap := store.CompareAndSwap(t.Context(), key, "", record("other"))
	wantIs(t, swap, target)
	return err
}

func TestUnsafeDirectoryIsRefused(t *testing.T) {
	for name, tt := range spoils {
		t.Run(name, func(t *testing.T) {
			store, dir := newStore(t)
			put(t, store, "sesame")
			tt.spoil(t, dir)
			_, err := filestore.New(dir)
			says(t, err, dir, tt.want)
			says(t, fails(t, store, filestore.ErrUnsafe), dir, tt.want)
			_, err = store.Lock(t.Context(), key)
			says(t, err, dir, tt.want)
		})
	}
}

func TestUnsafeRecordIsRefused(t *testing.T) {
	for name, tt := range spoils {
		t.Run(name, func(t *testing.T) {
			store, dir := newStore(t)
			put(t, store, "sesame")
			path, _, _ := store.Files(key)
			tt.spoil(t, path)
			before, err := os.Lstat(path)
			must(t, err)
			says(t, fails(t, openStore(t, dir), filestore.ErrUnsafe), path, tt.want)
			if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
				t.Errorf("the file has been replaced: %v", err)
			}
		})
	}
}

func TestUnsafeLockIsRefused(t *testing.T) {
	for name, tt := range spoils {
		t.Run(name, func(t *testing.T) {
			store, _ := newStore(t)
			put(t, store, "sesame")
			unlock, err := store.Lock(t.Context(), key)
			must(t, err)
			unlock()
			_, path, write := store.Files(key)
			tt.spoil(t, path)
			_, err = store.Lock(t.Context(), key)
			says(t, err, path, tt.want)
			tt.spoil(t, write)
			_, err = store.CompareAndSwap(t.Context(), key, "", record("other"))
			says(t, err, write, tt.want)
		})
	}
}

// A link that leads nowhere is refused before anything is made where it points.
func TestLinkToNothingIsRefused(t *testing.T) {
	store, dir := newStore(t)
	target := filepath.Join(filepath.Dir(dir), "elsewhere")
	for _, path := range three(store.Files(key)) {
		must(t, os.Symlink(target, path))
	}
	says(t, fails(t, store, filestore.ErrUnsafe), "", "symbolic link")
	if _, err := store.Lock(t.Context(), key); !errors.Is(err, filestore.ErrUnsafe) {
		t.Errorf("got error %v", err)
	}
	link := filepath.Join(filepath.Dir(dir), "link")
	must(t, os.Symlink(target, link))
	_, err := filestore.New(link)
	says(t, err, link, "symbolic link")
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made at the end of the link: %v", err)
	}
}

func three(a, b, c string) []string { return []string{a, b, c} }

// Parents of the directory may be links, as /tmp is on some systems.
func TestParentMayBeALink(t *testing.T) {
	parent := t.TempDir()
	real := filepath.Join(parent, "real")
	must(t, os.Mkdir(real, 0o755))
	must(t, os.Symlink(real, filepath.Join(parent, "link")))
	store := openStore(t, filepath.Join(parent, "link", "sessions"))
	put(t, store, "one")
	if got := token(t, store); got != "one" {
		t.Errorf("token %q, want one", got)
	}
}
