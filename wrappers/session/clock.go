package session

import (
	"math"
	"time"
)

// An instant is a moment on both clocks. The wall clock goes on while the
// machine sleeps but may be set; the monotonic clock is never set but stops
// while the machine sleeps on most systems.
type instant struct {
	wall int64 // nanoseconds since 1970
	mono int64 // nanoseconds since a moment before the engine was made; never 0
}

// never is a moment that does not come.
const never = math.MaxInt64

// elapsed returns how long ago i was, by the clock that says longer.
func (i instant) elapsed(now instant) time.Duration {
	return time.Duration(max(now.wall-i.wall, now.mono-i.mono))
}

// plus returns the moment d after i.
func (i instant) plus(d time.Duration) instant {
	return instant{wall: saturate(i.wall, int64(d)), mono: saturate(i.mono, int64(d))}
}

// passed reports whether either clock has reached i.
func (i instant) passed(now instant) bool { return now.wall >= i.wall || now.mono >= i.mono }

func (i instant) time() time.Time { return time.Unix(0, i.wall) }

// saturate adds without overflow.
func saturate(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// now reads both clocks.
func (s *settings) now() instant {
	if s.clock != nil {
		return s.clock()
	}
	t := time.Now()
	return instant{wall: t.UnixNano(), mono: int64(t.Sub(s.start)) + 1}
}
