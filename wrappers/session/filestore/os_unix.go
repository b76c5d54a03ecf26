//go:build unix

package filestore

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// noFollow makes opening a symbolic link fail.
const noFollow = syscall.O_NOFOLLOW

// isOurs reports whether a file belongs to the user that runs the program.
func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// isLoose reports whether a file gives others a right that it should not.
func isLoose(mode, want fs.FileMode) bool { return mode.Perm()&^want.Perm()&0o077 != 0 }

// openFile opens a file to be read. It does not wait for the other end of a
// pipe.
func openFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0) //nolint:gosec // the name is a hash in the user's directory
}

func rename(from, to string) error { return os.Rename(from, to) }

// syncDir makes the names in a directory durable, on file systems that can.
func syncDir(dir string) error {
	file, err := os.Open(dir) //nolint:gosec // the directory is the caller's choice
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	err = file.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
