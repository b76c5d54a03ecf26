//go:build unix

package bench

import (
	"syscall"
	"time"
)

// processorTime returns how long the processors have worked for this process,
// all its goroutines and the garbage collection included.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
