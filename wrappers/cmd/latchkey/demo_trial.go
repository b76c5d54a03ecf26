package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/exercise"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A trial is what became of one vendor.
type trial struct {
	subject
	standin *sandbox.Standin

	operations []exercise.Operation
	replays    atomic.Int64
	faults     []string
}

func newTrial(standin *sandbox.Standin, s subject) *trial {
	return &trial{subject: s, standin: standin}
}

// run does all steps, and notes what differs from what is expected.
func (t *trial) run(ctx context.Context, clock *sandbox.Clock, progress func(step string)) {
	operations, err := exercise.Operations(string(t.vendor))
	if err != nil {
		t.fault("%v", err)
		return
	}
	t.operations = operations
	t.standin.RequireSecondFactor(t.code != "")
	c, err := t.client(t.standin.Account().Password)
	if err != nil {
		t.fault("%v", err)
		return
	}
	steps := []struct {
		name string
		do   func(context.Context, client)
	}{
		{"signing in", t.signIn},
		{"calling every operation", t.callAll},
		{"letting the session expire", func(ctx context.Context, c client) { t.expireAndCall(ctx, clock, c) }},
		{"50 calls at once", func(ctx context.Context, _ client) { t.callAtOnce(ctx) }},
		{"a wrong password", func(ctx context.Context, _ client) { t.wrongPassword(ctx) }},
		{"signing out", t.signOut},
	}
	for _, step := range steps {
		if ctx.Err() == nil {
			progress(step.name)
			step.do(ctx, c)
		}
	}
	for _, bug := range t.standin.Mistakes() {
		t.fault("request that the description does not allow: %s", bug)
	}
}

// client returns a new client of the stand-in.
func (t *trial) client(password string) (client, error) {
	account := t.standin.Account()
	answer := session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
		return rest.NewSecret(account.Code), nil
	})
	return t.open(account.Login, rest.NewSecret(password), session.WithBaseURL(t.standin.URL()), session.WithChallenger(answer), session.WithObserver(t))
}

// Observe implements [session.Observer].
func (t *trial) Observe(_ context.Context, event session.Event) {
	if event.Kind == session.EventReplay {
		t.replays.Add(1)
	}
}

func (t *trial) signIn(ctx context.Context, c client) {
	t.noError("signing in", c.SignIn(ctx))
	t.equal("sign-ins of a new client", t.standin.Logins(), 1)
}

// callAll calls every operation, those first that the later ones need.
func (t *trial) callAll(ctx context.Context, c client) {
	account := t.standin.Account()
	replace := map[string]string{
		"login": account.Login, "email": account.Login, "username": account.Login, "password": account.Password,
		"current_password": account.Password, "old_password": account.Password, "new_password": account.Password,
		"new_password_1": account.Password, "new_password_2": account.Password, "code": account.Code, "token": account.Token,
	}
	if t.code != "" {
		// It needs a login that waits for it, which an answer or an error tells.
		_, _ = t.operation("login").Call(ctx, c, replace)
		_, err := t.operation(t.code).Call(ctx, c, replace)
		t.noError(t.code, err)
		t.standin.RequireSecondFactor(false)
		defer t.standin.RequireSecondFactor(true)
	}
	operations := slices.Clone(t.operations)
	slices.SortStableFunc(operations, func(a, b exercise.Operation) int { return order(a.ID) - order(b.ID) })
	for _, op := range operations {
		if op.ID == t.code {
			continue
		}
		answer, err := op.Call(ctx, c, replace)
		t.noError(op.ID, err)
		if op.ID == "login" {
			replace["refresh"] = member(answer, "refresh")
		}
	}
}

// operation returns the operation with an id that every description has, or
// one that calls nothing.
func (t *trial) operation(id string) exercise.Operation {
	i := slices.IndexFunc(t.operations, func(op exercise.Operation) bool { return op.ID == id })
	if i < 0 {
		return exercise.Operation{ID: id}
	}
	return t.operations[i]
}

// order puts the login first and the refresh behind it, which needs a token of
// it, and last what removes things and ends the session.
func order(id string) int {
	switch {
	case id == "login":
		return 0
	case strings.HasPrefix(id, "refresh"):
		return 1
	case strings.HasPrefix(id, "delete"):
		return 3
	case id == "logout":
		return 4
	}
	return 2
}

// member returns a text from an answer, or "".
func member(answer any, name string) string {
	value, ok := answer.(rest.Encodable)
	if !ok {
		return ""
	}
	data, err := rest.Encode(value)
	if err != nil {
		return ""
	}
	var members map[string]any
	if json.Unmarshal(data, &members) != nil {
		return ""
	}
	text, _ := members[name].(string)
	return text
}

func (t *trial) expireAndCall(ctx context.Context, clock *sandbox.Clock, c client) {
	t.noError(t.call, t.callOnce(ctx, c))
	logins, refreshes := t.standin.Logins(), t.standin.Refreshes()
	clock.Advance(t.expire)
	t.noError(t.call+" after the session expired", t.callOnce(ctx, c))
	wantLogins, wantRefreshes := 1, 0
	if t.renewed == "refresh" {
		wantLogins, wantRefreshes = 0, 1
	}
	t.equal("sign-ins after the session expired", t.standin.Logins()-logins, wantLogins)
	t.equal("refreshes after the session expired", t.standin.Refreshes()-refreshes, wantRefreshes)
}

func (t *trial) callAtOnce(ctx context.Context) {
	c, err := t.client(t.standin.Account().Password)
	if err != nil {
		t.fault("%v", err)
		return
	}
	logins := t.standin.Logins()
	errs := make([]error, 50)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = t.callOnce(ctx, c) })
	}
	all.Wait()
	failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(failed) > 0 {
		t.fault("%d of 50 calls at once failed: %v", len(failed), failed[0])
	}
	t.equal("sign-ins for 50 calls at once", t.standin.Logins()-logins, 1)
	t.noError("signing out", c.Close(ctx))
}

func (t *trial) wrongPassword(ctx context.Context) {
	c, err := t.client("not the password")
	if err != nil {
		t.fault("%v", err)
		return
	}
	attempts := t.standin.FailedLogins()
	for range 10 {
		if err := t.callOnce(ctx, c); !errors.Is(err, session.ErrRejected) {
			t.fault("a wrong password gives %q", fmt.Sprint(err))
			break
		}
	}
	t.equal("sign-ins with a wrong password", t.standin.FailedLogins()-attempts, 1)
	t.noError("closing", c.Close(ctx))
}

func (t *trial) signOut(ctx context.Context, c client) {
	logouts := t.standin.Logouts()
	t.noError("signing out", c.Close(ctx))
	want := 0
	if t.signsOut {
		want = 1
	}
	t.equal("sign-outs", t.standin.Logouts()-logouts, want)
}

// callOnce calls the operation that stands for all.
func (t *trial) callOnce(ctx context.Context, c client) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, err := t.operation(t.call).Call(ctx, c, nil)
	return err
}

func (t *trial) noError(what string, err error) {
	if err != nil {
		t.fault("%s: %v", what, err)
	}
}

func (t *trial) equal(what string, got, want int) {
	if got != want {
		t.fault("%s: %d, want %d", what, got, want)
	}
}

func (t *trial) fault(format string, args ...any) {
	t.faults = append(t.faults, fmt.Sprintf(format, args...))
}

// certainties returns how many operations are documented, observed, inferred.
func (t *trial) certainties() [3]int {
	var counts [3]int
	for _, op := range t.operations {
		if i := slices.Index([]string{"documented", "observed", "inferred"}, op.Certainty); i >= 0 {
			counts[i]++
		}
	}
	return counts
}
