package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrUnsafe says that somebody else can read or replace what is stored, or that
// it is not what it should be. The error that has it names the file, the
// fault and the cure.
var ErrUnsafe = errors.New("not safe to keep sessions in")

// makeDir makes the directory, if there is none, and checks it.
func (s *Store) makeDir() error {
	err := s.checkDir()
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(s.dir, dirMode); err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return s.checkDir()
}

// checkDir returns an error if the directory is not private, or an
// [fs.ErrNotExist] if there is none.
func (s *Store) checkDir() error {
	info, err := os.Lstat(s.dir)
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return private(s.dir, info, fs.ModeDir|dirMode)
}

// private returns an error unless info is of a file of the type that want says,
// belongs to the user, and gives others no right that want does not give them.
func private(path string, info fs.FileInfo, want fs.FileMode) error {
	mode := info.Mode()
	switch {
	case mode&fs.ModeSymlink != 0:
		return refuse(path, "it is a symbolic link; name the place itself")
	case mode.Type() != want.Type() && want.IsDir():
		return refuse(path, "it is not a directory")
	case mode.Type() != want.Type():
		return refuse(path, "it is not a regular file; remove it")
	case !isOurs(info):
		return refuse(path, "it belongs to another user; choose another directory")
	case isLoose(mode, want):
		return refuse(path, fmt.Sprintf("its mode is %04o; chmod %04o it if nobody has read or changed it, else remove it", mode.Perm(), want.Perm()))
	}
	return nil
}

func refuse(path, why string) error { return fmt.Errorf("filestore: %s: %w: %s", path, ErrUnsafe, why) }
