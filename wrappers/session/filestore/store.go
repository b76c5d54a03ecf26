package filestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// Endings of the names of files.
const (
	recordFile = ".json"
	lockFile   = ".lock"       // of the renewal of a session
	writeFile  = ".write.lock" // of the record, held while it is compared and replaced
	tempFile   = ".tmp"
)

// A Store is a [session.Store] in a directory. It is safe for concurrent use,
// by any number of processes and of Stores for the same directory.
type Store struct {
	dir   string
	turns turns
	step  func(name string, file *os.File) error // tests: before each step of a write
}

// New returns a Store that keeps its files in dir, which is made if it does not
// exist. Files that a crash left behind half written are removed.
//
// New returns an error with [ErrUnsafe] if others may have access to dir or if
// dir is a symbolic link, and that of the operating system if it cannot be
// made.
func New(dir string) (*Store, error) {
	if dir == "" {
		return nil, errors.New("filestore: no directory given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("filestore: %w", err)
	}
	s := &Store{dir: dir}
	if err := s.makeDir(); err != nil {
		return nil, err
	}
	s.sweep()
	return s, nil
}

// Load implements [session.Store]. It waits for nobody. It returns an error
// with [ErrUnsafe] if others may have access to what is stored, or that of the
// operating system.
func (s *Store) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if ctx.Err() != nil {
		return nil, "", context.Cause(ctx)
	}
	found, err := s.read(fileName(key))
	if err != nil {
		return nil, "", err
	}
	if found.version == "" {
		return nil, "", session.ErrNotFound
	}
	record, err := session.DecodeRecord(found.record)
	if err != nil {
		return nil, found.version, fmt.Errorf("filestore: %s: %w", s.path(fileName(key)+recordFile), err)
	}
	return record, found.version, nil
}

// CompareAndSwap implements [session.Store]. It waits for others that are
// writing the same record, which takes them milliseconds. If it returns an
// error other than [session.ErrConflict], the old record is there, or, if the
// operating system failed at the very end, the new one.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old session.Version, record *session.Record) (session.Version, error) {
	name := fileName(key)
	version, data, err := encode(record)
	if err != nil {
		return "", err
	}
	unlock, err := s.acquire(ctx, name+writeFile)
	if err != nil {
		return "", err
	}
	defer unlock()
	found, err := s.read(name)
	if err != nil {
		return "", err
	}
	switch {
	case found.version != old:
		return "", session.ErrConflict
	case record != nil:
		err = s.write(name, data)
	case old != "":
		err = s.remove(name)
	}
	if err != nil {
		return "", err
	}
	return version, nil
}

// Lock implements [session.Store]. Goroutines of one Store get the lock in the
// order in which they asked for it. Processes try again and again, every few
// milliseconds at first and at least every 50 milliseconds.
func (s *Store) Lock(ctx context.Context, key string) (unlock func(), err error) {
	return s.acquire(ctx, fileName(key)+lockFile)
}

// fileName returns the beginning of the names of the files for key.
func fileName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func (s *Store) path(file string) string { return filepath.Join(s.dir, file) }
