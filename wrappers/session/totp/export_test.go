package totp

import (
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// At returns the code of a moment.
func (c *Challenger) At(moment time.Time) (rest.Secret, error) {
	return c.code(moment.Unix() / int64(c.period/time.Second))
}

// Take takes the step of a moment, or returns how long to wait for a free one.
func (c *Challenger) Take(now time.Time) time.Duration {
	_, wait := c.take(now)
	return wait
}
