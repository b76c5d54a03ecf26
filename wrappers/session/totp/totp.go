// Package totp answers a vendor's question for a second factor by the secret
// that an authenticator app would hold (RFC 6238), so that a program signs in
// without a person:
//
//	code, err := totp.New(secret)
//	if err != nil {
//		return err
//	}
//	client, err := acme.New(credentials, session.WithChallenger(code))
//
// Whoever has password and secret has both factors: keep them apart.
package totp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// An Algorithm is the hash function that codes are made with.
type Algorithm string

// Algorithms of RFC 6238, by their names in otpauth URLs.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

// A Challenger is a [session.Challenger] that computes codes. It is safe for
// concurrent use, also by several engines; those of one account should share
// it, since vendors take a code only once.
type Challenger struct {
	secret    rest.Secret
	digits    int
	period    time.Duration
	algorithm Algorithm

	mu   sync.Mutex
	used []int64 // steps, the last one at the end
}

// An Option changes how [New] builds a [Challenger].
type Option func(*Challenger)

// WithDigits makes codes of n digits, 6 to 8. The default is 6.
func WithDigits(n int) Option { return func(c *Challenger) { c.digits = n } }

// WithPeriod makes another code every d, in whole seconds. The default is 30 s.
func WithPeriod(d time.Duration) Option { return func(c *Challenger) { c.period = d } }

// WithAlgorithm makes codes with another hash function. The default is [SHA1].
func WithAlgorithm(a Algorithm) Option { return func(c *Challenger) { c.algorithm = a } }

// New returns a Challenger for a secret as vendors show it: in base32, in
// upper or lower case, with or without spaces, hyphens and padding. Use
// [FromURL] for what is in a QR code.
//
// New returns an error if the secret is empty or not base32, or if an option
// cannot be. The error does not repeat the secret.
func New(secret rest.Secret, opts ...Option) (*Challenger, error) {
	c := &Challenger{secret: rest.NewSecret(strings.Map(meaningful, secret.Reveal())), digits: 6, period: 30 * time.Second, algorithm: SHA1}
	for _, opt := range opts {
		if opt != nil {
			opt(c)
		}
	}
	switch {
	case c.secret.IsZero():
		return nil, errors.New("totp: no secret given")
	case c.digits < 6 || c.digits > 8:
		return nil, fmt.Errorf("totp: codes of %d digits, not 6 to 8", c.digits)
	case c.period < time.Second || c.period%time.Second != 0:
		return nil, fmt.Errorf("totp: period of %v, not of whole seconds", c.period)
	}
	if _, err := c.code(0); err != nil {
		return nil, err
	}
	return c, nil
}

// meaningful leaves out what stands in a secret for the eye only.
func meaningful(r rune) rune {
	if unicode.IsSpace(r) || r == '-' || r == '=' {
		return -1
	}
	return r
}

// Answer implements [session.Challenger]. It returns the code of the present
// time step, or, if that was given out before, waits for the next step: no code
// is given out twice, so that a second attempt gets another one. Should the
// clock be set back by less than ten steps, it waits until it is past the last
// code again.
//
// It returns the error of ctx if that ends first, and an error at once if the
// vendor wants a code that does not come from an authenticator.
func (c *Challenger) Answer(ctx context.Context, challenge session.Challenge) (rest.Secret, error) {
	switch challenge.Kind {
	case session.ChallengeTOTP, session.ChallengeCode, "":
	default:
		return rest.Secret{}, fmt.Errorf("totp: the vendor wants a code by %s, not one of an authenticator", challenge.Kind)
	}
	for {
		if ctx.Err() != nil {
			return rest.Secret{}, context.Cause(ctx)
		}
		step, wait := c.take(time.Now())
		if wait <= 0 {
			return c.code(step)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

const (
	reach  = 10 // steps before a used one that are not used either
	memory = 100
)

// take marks the present step as used, or returns how long to wait for one that
// is free.
func (c *Challenger) take(now time.Time) (step int64, wait time.Duration) {
	period := int64(c.period / time.Second)
	present := now.Unix() / period
	c.mu.Lock()
	defer c.mu.Unlock()
	step = present
	for {
		i := slices.IndexFunc(c.used, func(used int64) bool { return used >= step && used-step < reach })
		if i < 0 {
			break
		}
		step = c.used[i] + 1
	}
	if step != present {
		return 0, time.Unix(step*period, 0).Sub(now)
	}
	if len(c.used) == memory {
		c.used = c.used[1:]
	}
	c.used = append(c.used, step)
	return step, 0
}

// code returns the code of a step.
func (c *Challenger) code(step int64) (rest.Secret, error) {
	seconds := int64(c.period / time.Second)
	opts := totp.ValidateOpts{Period: uint(seconds), Digits: otp.Digits(c.digits)} //nolint:gosec // New has seen to it that it is positive
	switch c.algorithm {
	case SHA1:
		opts.Algorithm = otp.AlgorithmSHA1
	case SHA256:
		opts.Algorithm = otp.AlgorithmSHA256
	case SHA512:
		opts.Algorithm = otp.AlgorithmSHA512
	default:
		return rest.Secret{}, fmt.Errorf("totp: unknown algorithm %q", c.algorithm)
	}
	code, err := totp.GenerateCodeCustom(c.secret.Reveal(), time.Unix(step*seconds, 0), opts)
	if err != nil {
		return rest.Secret{}, errors.New("totp: the secret is not in base32")
	}
	return rest.NewSecret(code), nil
}
