package session

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter is the longest wait that a vendor can make the engine
// observe, lock-outs apart.
const longestRetryAfter = 10 * time.Minute

// retryAfter returns how long the answer asks to wait, at most a day, or 0 if
// it does not say so in a form of RFC 9110. A date counts from the Date of the
// answer, if it has one, since the vendor's clock may differ from ours.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const most = 24 * time.Hour
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(max(seconds, 0), int64(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), most)
}
