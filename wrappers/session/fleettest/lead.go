package fleettest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is when a fleet that has got stuck is ended.
const patience = 2 * time.Minute

// A crew starts and kills the processes of a fleet.
type crew struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // that of the test, for processes started while it runs
	env    []string
	mu     sync.Mutex
	member map[string]*member
	begun  int
	killed int
	closed bool
	wg     sync.WaitGroup
}

type member struct {
	cmd    *exec.Cmd
	output strings.Builder
	killed bool
}

// lead plays the vendor, and starts and kills processes.
func (f Fleet) lead(t *testing.T) Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := &crew{t: t, ctx: ctx, member: map[string]*member{}}
	v := &vendor{families: map[string]*family{}, refused: map[string]bool{}, limit: f.Renewals}
	disturbed := make(chan struct{})
	v.renewed = func(name string, n int) func() {
		if n == f.Renewals/2 && f.Disturb != nil {
			go func() { defer close(disturbed); f.Disturb() }()
		}
		if f.Calm {
			return func() {}
		}
		return c.accident(name)
	}
	server := httptest.NewServer(v)
	defer server.Close()
	c.env = append(os.Environ(), vendorVariable+"="+server.URL, whereVariable+"="+f.Where)
	for range f.Processes {
		c.start()
	}
	c.wg.Wait()
	if f.Disturb != nil {
		<-disturbed
	}
	if ctx.Err() != nil {
		t.Errorf("the fleet got stuck")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Killed = c.killed
	f.check(t, v.report)
	return v.report
}

// start starts a process, and another when it has been killed.
func (c *crew) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.begun++
	name := fmt.Sprint("member", c.begun)
	args := []string{"-test.run", "^" + strings.ReplaceAll(c.t.Name(), "/", "$/^") + "$", "-test.count=1"}
	m := &member{cmd: exec.CommandContext(c.ctx, os.Args[0], args...)} //nolint:gosec // this program itself
	m.cmd.Env = append(slices.Clip(c.env), nameVariable+"="+name)
	m.cmd.Stdout, m.cmd.Stderr = &m.output, &m.output
	if err := m.cmd.Start(); err != nil {
		c.t.Error(err)
		return
	}
	c.member[name] = m
	c.wg.Go(func() { c.wait(name, m) })
}

func (c *crew) wait(name string, m *member) {
	err := m.cmd.Wait()
	c.mu.Lock()
	delete(c.member, name)
	killed := m.killed
	c.closed = c.closed || !killed // it is over for the others too
	c.mu.Unlock()
	if killed {
		c.start()
	} else if err != nil {
		c.t.Errorf("%s: %v\n%s", name, err, m.output.String())
	}
}

// accident kills a process now and then: the one that renews the session,
// before that has an effect, before it gets the answer, or soon after; or any.
func (c *crew) accident(name string) (after func()) {
	after = func() {}
	if rand.N(12) > 0 { //nolint:gosec // accidents need no secrecy
		return after
	}
	switch rand.N(4) { //nolint:gosec // as above
	case 0:
		c.kill(name)
	case 1:
		return func() { c.kill(name) }
	case 2:
		return func() { time.AfterFunc(rand.N(10*time.Millisecond), func() { c.kill(name) }) } //nolint:gosec // as above
	default:
		c.kill(c.any())
	}
	return after
}

func (c *crew) any() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.member {
		return name
	}
	return ""
}

func (c *crew) kill(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.member[name]
	if m == nil || m.killed {
		return
	}
	if m.cmd.Process.Kill() == nil {
		m.killed = true
		c.killed++
	}
}
