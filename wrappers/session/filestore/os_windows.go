package filestore

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// noFollow is nothing here: links are looked for before a file is opened.
const noFollow = 0

// isOurs and isLoose have nothing to look at: access control lists decide.
func isOurs(fs.FileInfo) bool       { return true }
func isLoose(_, _ fs.FileMode) bool { return false }
func syncDir(string) error          { return nil }
func rename(from, to string) error  { return patiently(func() error { return os.Rename(from, to) }) }

// openFile opens a file to be read.
func openFile(path string) (file *os.File, err error) {
	err = patiently(func() error {
		file, err = os.Open(path) //nolint:gosec // the name is a hash in the user's directory
		return err
	})
	return file, err
}

// errSharing is ERROR_SHARING_VIOLATION of Windows: a file cannot be
// replaced while somebody reads it, nor be read while it is being replaced.
const errSharing = syscall.Errno(32)

// patiently calls do until nobody else uses the file, for a second at most.
func patiently(do func() error) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := do()
		inUse := errors.Is(err, errSharing) || errors.Is(err, fs.ErrPermission)
		if !inUse || wait > 512*time.Millisecond {
			return err
		}
		time.Sleep(wait)
	}
}
