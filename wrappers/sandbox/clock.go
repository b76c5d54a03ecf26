package sandbox

import (
	"sync/atomic"
	"time"
)

// A Clock tells a [Server] what time it is. It starts at the time of the
// machine and runs with it. Safe for concurrent use.
type Clock struct {
	offset atomic.Int64 // nanoseconds ahead of the machine
}

// Now returns the time of the machine plus what the clock was moved by.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load()))
}

// Advance moves the clock by d, backwards if d is negative. Nothing happens at
// that moment: a session that is thereby over is refused when it is next used.
func (c *Clock) Advance(d time.Duration) {
	c.offset.Add(int64(d))
}
