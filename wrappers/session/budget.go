package session

import "time"

// A budget limits how often something is done: a few times in a row, then once
// per interval.
type budget struct {
	full int64 // monotonic; when it will be full again
}

// giveBack undoes a take.
func (b *budget) giveBack(every time.Duration) { b.full -= int64(every) }

// take reports whether one more is allowed, and counts it if so.
func (b *budget) take(now int64, burst int, every time.Duration) bool {
	next := max(b.full, now) + int64(every)
	if next-now > int64(burst)*int64(every) {
		return false
	}
	b.full = next
	return true
}
