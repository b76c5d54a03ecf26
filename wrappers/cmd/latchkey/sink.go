package main

import (
	"errors"
	"io"
	"sync/atomic"
	"syscall"
)

// A sink is standard output or standard error. It remembers the first error, so
// that one place can tell of output that got lost, and writes nothing after it.
type sink struct {
	w   io.Writer
	err atomic.Pointer[error]
}

// Write implements [io.Writer].
func (s *sink) Write(p []byte) (int, error) {
	if err := s.failed(); err != nil {
		return 0, err
	}
	n, err := s.w.Write(p)
	if err != nil {
		s.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

// failed returns why output got lost, or nil. It does not wait for a write that
// is under way.
func (s *sink) failed() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}

// isClosedPipe reports whether err says that nobody reads the output any more,
// as behind | head -1.
func isClosedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
