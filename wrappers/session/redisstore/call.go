package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"unicode"

	"github.com/redis/go-redis/v9"
)

var (
	errTimeout = errors.New("no answer in time")
	errUnclear = errors.New("an answer that makes no sense")
)

// A call is one run of a script on one key.
type call struct {
	name   string // of the call, for errors
	script *redis.Script
	key    string
	args   []any
	undo   func() // nil, or what to do if the script may have run without our knowing
}

type reply struct {
	value any
	err   error
}

// do runs a script and returns when ctx ends, or the time of the Store is over,
// even if the client does not.
func (s *Store) do(ctx context.Context, c call) (any, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("redis: %s: %w", c.name, context.Cause(ctx))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errTimeout)
	defer cancel()
	replies := make(chan reply) // not buffered: either do has the reply or it has gone
	go func() {
		value, err := c.script.Run(ctx, s.client, []string{c.key}, c.args...).Result()
		known := !isUnsure(err)
		select {
		case replies <- reply{value, err}:
		case <-ctx.Done():
			known = false
		}
		if !known && c.undo != nil {
			c.undo()
		}
	}()
	select {
	case r := <-replies:
		if r.err == nil {
			return r.value, nil
		}
		if ctx.Err() == nil {
			return nil, fmt.Errorf("redis: %s: %w", c.name, scrub(r.err))
		}
	case <-ctx.Done():
	}
	return nil, fmt.Errorf("redis: %s: %w", c.name, context.Cause(ctx))
}

// isUnsure reports whether a command that returned err may have been carried
// out.
func isUnsure(err error) bool {
	if err == nil {
		return false
	}
	if answer := redis.Error(nil); errors.As(err, &answer) {
		return false
	}
	op := (*net.OpError)(nil)
	return !errors.As(err, &op) || op.Op != "dial"
}

// A serverError is an error that Redis answered with.
type serverError string

// Error returns Redis' word for it.
func (e serverError) Error() string { return "refused: " + string(e) }

// scrub returns err without anything that was sent or received: Redis repeats
// arguments of commands in some errors, and the client repeats answers.
func scrub(err error) error {
	if answer := redis.Error(nil); errors.As(err, &answer) {
		return serverError(words(answer.Error()))
	}
	network, certificate := net.Error(nil), (*tls.CertificateVerificationError)(nil)
	if errors.As(err, &network) || errors.As(err, &certificate) {
		return err
	}
	for _, known := range []error{
		io.EOF, io.ErrUnexpectedEOF, redis.ErrClosed, redis.ErrPoolTimeout, redis.ErrPoolExhausted,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	return errUnclear
}

// words returns the beginning of an error of Redis, such as "NOPERM User
// default has no permissions", as far as it is made of words: what follows may
// be arguments.
func words(text string) string {
	const limit = 60
	end := strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && r != ' ' && r != '-' })
	if end >= 0 {
		text = text[:end]
	}
	return strings.TrimSpace(text[:min(len(text), limit)])
}
