package soaktest_test

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// passwordPeace is how long the password of an account is left alone after it
// has made trouble: within that time a person would have locked the account.
const passwordPeace = 25 * time.Minute

// A demon plagues one account.
type demon struct {
	world    *world
	account  *account
	dice     *rand.Rand
	meddled  time.Time // with the password
	restarts bool      // a client of the account may be restarted
}

// plague does something evil every few minutes until ctx ends.
func (d *demon) plague(ctx context.Context) {
	for sleep(ctx, d.between(time.Minute, 20*time.Minute)) == nil {
		switch p := d.dice.IntN(10); {
		case p < 5:
			d.world.front.revoke(d.account)
		case p < 6:
			for range 1 + d.dice.IntN(5) {
				d.world.front.revoke(d.account)
				_ = sleep(ctx, d.between(0, 5*time.Second))
			}
		case p < 8:
			d.meddle(ctx)
		default:
			d.restart(ctx)
		}
	}
}

// between returns a random time in whole milliseconds.
func (d *demon) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.dice.Int64N(int64((most-least)/time.Millisecond)+1))*time.Millisecond
}

// meddle makes the password wrong for a while: the vendor refuses it, or
// somebody changes it and tells the programs later.
func (d *demon) meddle(ctx context.Context) {
	f := d.world.front
	if time.Since(d.meddled) < passwordPeace {
		return
	}
	if d.dice.IntN(2) == 0 {
		f.change(func() {
			d.account.refusing = true
			clear(d.account.sessions)
		})
		_ = sleep(ctx, d.between(time.Minute, 10*time.Minute))
		f.change(func() { d.account.refusing = false })
	} else {
		f.newPassword(d.account)
		_ = sleep(ctx, d.between(0, 10*time.Minute))
		d.world.tell(d.account)
	}
	d.meddled = time.Now()
}

// restart restarts one of the programs that share a session.
func (d *demon) restart(ctx context.Context) {
	if !d.restarts {
		return
	}
	for _, c := range d.world.clients {
		if c.account == d.account {
			c.stop(ctx)
			if err := c.start(); err != nil {
				d.world.report.fail(err)
			}
			return
		}
	}
}

// tell gives the programs of an account the password that is right now.
func (w *world) tell(a *account) {
	var password string
	w.front.change(func() { password = a.password })
	for _, c := range w.clients {
		if c.account == a {
			c.keys.set(password)
		}
	}
}

// operate is what a careful person does: a quarter of an hour after an engine
// has given up, when the password is right, it is told to try again.
func (w *world) operate(ctx context.Context) {
	for sleep(ctx, time.Minute) == nil {
		for _, c := range w.clients {
			if c.engine.Load().Status().State != session.StateLatched {
				c.latched = time.Time{}
				continue
			}
			if c.latched.IsZero() {
				c.latched = time.Now()
			}
			if time.Since(c.latched) > lockWindow && w.isRight(c) {
				c.engine.Load().Reset()
			}
		}
	}
}

// isRight reports whether the vendor would take the password of a client.
func (w *world) isRight(c *client) (right bool) {
	password, _ := c.keys.get()
	w.front.change(func() { right = !c.account.refusing && c.account.password == password })
	return right
}

// makePeace ends all trouble, and lets all engines try again.
func (w *world) makePeace() {
	w.front.calm.Store(true)
	for _, a := range w.front.sorted() {
		w.front.change(func() { a.refusing = false })
		w.tell(a)
	}
	for _, c := range w.clients {
		c.engine.Load().Reset()
	}
}
