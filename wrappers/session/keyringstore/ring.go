package keyringstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/zalando/go-keyring"
)

// Errors of a [Store], besides those of package session.
var (
	// ErrUnavailable: there is no key ring, it is locked, or it does not
	// answer. The text of the error says what can be done.
	ErrUnavailable = errors.New("key ring cannot be used")
	// ErrTooLarge: the record is too large for the key ring. Windows takes 2560
	// bytes, macOS some 2900, others any number.
	ErrTooLarge = errors.New("session too large for the key ring")
)

// A ring is a key ring.
type ring interface {
	Get(service, user string) (string, error)
	Set(service, user, password string) error
	Delete(service, user string) error
}

// system is the key ring of the user.
type system struct{}

func (system) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (system) Set(service, user, text string) error     { return keyring.Set(service, user, text) }
func (system) Delete(service, user string) error        { return keyring.Delete(service, user) }

// busy holds one item while a call of the key ring is under way.
var busy = make(chan struct{}, 1) //nolint:gochecknoglobals // a process has one key ring, which crashes on concurrent calls on Windows

// do runs use, alone in this process. If that takes too long, do returns without
// it: use goes on with its context ended, and keeps others waiting until it
// returns.
func (s *Store) do(ctx context.Context, use func(context.Context) error) error {
	late := fmt.Errorf("keyringstore: %w: no answer within %v; if it asks for its password, "+
		"unlock it before you start the program, or see WithInteraction", ErrUnavailable, s.timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, late)
	defer cancel()
	select {
	case busy <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-busy }()
		done <- guarded(ctx, use)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// guarded calls use; a panic in the code of the key ring becomes an error.
func guarded(ctx context.Context, use func(context.Context) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = unavailable(fmt.Errorf("panic with a %T", value)) // there may be a secret in value
		}
	}()
	return use(ctx)
}

// unavailable explains an error of the key ring.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("keyringstore: %w: %w; see that a key ring is installed, running and unlocked, "+
		"or choose another store (nothing has been stored elsewhere)", ErrUnavailable, err)
}
