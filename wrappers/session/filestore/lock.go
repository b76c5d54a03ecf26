package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Waits between two attempts to lock a file.
const (
	waitFirst = time.Millisecond
	waitMost  = 25 * time.Millisecond // doubled at random at most
)

// acquire waits for the lock on file, first for the other goroutines of this
// Store, then for everybody else.
func (s *Store) acquire(ctx context.Context, file string) (unlock func(), err error) {
	leave, err := s.turns.wait(ctx, file)
	if err != nil {
		return nil, err
	}
	if err := s.makeDir(); err != nil {
		leave()
		return nil, err
	}
	lock := s.flock(file)
	for wait := waitFirst; ; wait = min(2*wait, waitMost) {
		ok, err := s.try(lock)
		if err != nil {
			leave()
			return nil, err
		}
		if ok {
			return sync.OnceFunc(func() { _ = lock.Unlock(); leave() }), nil
		}
		select {
		case <-ctx.Done():
			leave()
			return nil, context.Cause(ctx)
		case <-time.After(wait + rand.N(wait)): //nolint:gosec // it spreads load, nobody gains by guessing it
		}
	}
}

// try tries to lock a file and reports whether it has. The lock does not count
// if the file is no longer the one of that name.
func (s *Store) try(lock *flock.Flock) (bool, error) {
	before, err := os.Lstat(lock.Path())
	if err == nil {
		err = private(lock.Path(), before, fileMode)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return false, err
	}
	ok, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("filestore: %w", err)
	}
	if !ok {
		return false, nil
	}
	ours, err := lock.Stat()
	if err == nil {
		var now fs.FileInfo
		if now, err = os.Lstat(lock.Path()); err == nil && os.SameFile(ours, now) {
			return true, nil
		}
	}
	_ = lock.Unlock()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("filestore: %w", err)
	}
	return false, nil
}

// turns lets goroutines of a Store have a lock one after the other: the locks
// of files are polled, which is neither fast nor fair.
type turns struct {
	mu    sync.Mutex
	files map[string]*turn
}

type turn struct {
	taken chan struct{} // holds one item while somebody has the turn
	users int           // that have it or wait for it
}

// wait waits for the turn of file.
func (t *turns) wait(ctx context.Context, file string) (leave func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	t.mu.Lock()
	if t.files == nil {
		t.files = map[string]*turn{}
	}
	if t.files[file] == nil {
		t.files[file] = &turn{taken: make(chan struct{}, 1)}
	}
	mine := t.files[file]
	mine.users++
	t.mu.Unlock()
	select {
	case mine.taken <- struct{}{}:
		return func() { <-mine.taken; t.drop(file) }, nil
	case <-ctx.Done():
		t.drop(file)
		return nil, context.Cause(ctx)
	}
}

// drop forgets a turn that nobody uses any more.
func (t *turns) drop(file string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.files[file].users--; t.files[file].users == 0 {
		delete(t.files, file)
	}
}
