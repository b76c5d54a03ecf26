package main

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A prompter asks the person at the terminal.
type prompter struct {
	in  *os.File
	out *screen
}

// available reports whether there is somebody to ask.
func (p *prompter) available() bool {
	return term.IsTerminal(int(p.in.Fd())) && p.out.terminal
}

// line asks for something that may be seen.
func (p *prompter) line(ctx context.Context, label string) (string, error) {
	p.out.clear()
	_, _ = io.WriteString(p.out.w, label+": ")
	text, err := await(ctx.Done(), func() (string, error) {
		var line []byte
		one := make([]byte, 1)
		for {
			n, err := p.in.Read(one)
			switch {
			case n == 1 && one[0] == '\n':
				return strings.TrimSpace(string(line)), nil
			case n == 1:
				line = append(line, one[0])
			case err != nil:
				return "", usagef("no %s was given", strings.ToLower(label))
			}
		}
	})
	if err != nil {
		_, _ = io.WriteString(p.out.w, "\n") // the line was not ended
	}
	return text, err
}

// secret asks for something that is not shown.
func (p *prompter) secret(ctx context.Context, label string) (rest.Secret, error) {
	fd := int(p.in.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return rest.Secret{}, err
	}
	p.out.clear()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		awaitSilence(fd, *state)
		_, _ = io.WriteString(p.out.w, label+": ")
	}()
	secret, err := await(ctx.Done(), func() (rest.Secret, error) {
		text, err := term.ReadPassword(fd)
		if err != nil || len(text) == 0 {
			return rest.Secret{}, usagef("no %s was given", strings.ToLower(label))
		}
		return rest.NewSecret(string(text)), nil
	})
	<-asked
	if ctx.Err() != nil {
		_ = term.Restore(fd, state) // whoever reads on would leave the echo off
	}
	_, _ = io.WriteString(p.out.w, "\n")
	return secret, err
}

// awaitSilence waits until the terminal is in another state than before, which
// is without echo: who is asked may type at once. One that had no echo stays as
// it is.
func awaitSilence(fd int, before term.State) {
	for range 100 {
		if now, err := term.GetState(fd); err != nil || *now != before {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// await waits for something that cannot be interrupted, such as reading from a
// terminal or writing to a pipe, until the program is interrupted. What it does
// after that is lost: the program is about to end.
func await[T any](interrupted <-chan struct{}, do func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := do()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-interrupted:
		var none T
		return none, context.Canceled
	}
}

// challenger returns what asks for a second factor, until interrupted ends.
func (p *prompter) challenger(interrupted context.Context) session.Challenger {
	return session.ChallengerFunc(func(ctx context.Context, challenge session.Challenge) (rest.Secret, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(interrupted, cancel)()
		label := "Second factor"
		switch challenge.Kind {
		case session.ChallengeTOTP:
			label = "Code of the authenticator"
		case session.ChallengeSMS:
			label = "Code of the short message"
		case session.ChallengeEmail:
			label = "Code of the e-mail"
		case session.ChallengeCode:
		}
		if challenge.Attempt > 1 {
			label = "That code was refused. " + label
		}
		return p.secret(ctx, label)
	})
}
