package main

import (
	"context"
	"sync"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A watch follows what becomes of a session: it shows progress on a terminal,
// warns if the session cannot be kept, and knows whether a sign-in is under
// way.
type watch struct {
	vendor string
	out    *screen

	mu     sync.Mutex
	busy   int
	idle   chan struct{} // closed when busy is 0 again; nil while it is
	opened bool          // a session was opened, not taken over
	warned bool
}

// Start implements [session.Starter].
func (w *watch) Start(ctx context.Context, event session.Event) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy++; w.busy == 1 {
		w.idle = make(chan struct{})
	}
	if event.Kind == session.EventRefresh {
		w.out.progress(w.vendor, "renewing the session")
	} else {
		w.out.progress(w.vendor, "signing in")
	}
	return ctx
}

// Observe implements [session.Observer].
func (w *watch) Observe(_ context.Context, event session.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch event.Kind {
	case session.EventSignIn, session.EventRefresh:
		w.opened = w.opened || event.Err == nil
		if w.busy > 0 {
			if w.busy--; w.busy == 0 {
				close(w.idle)
			}
		}
		w.out.clear()
	case session.EventStore:
		if !w.warned && event.Err != nil {
			w.warned = true
			w.out.clear()
			w.out.warn(event.Err.Error())
		}
	default:
	}
}

// wait waits until no sign-in is under way, so that the session which the
// vendor may have opened already is known and can be ended.
func (w *watch) wait(limit time.Duration) {
	w.mu.Lock()
	idle := w.idle
	w.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-time.After(limit):
	}
}

// hasOpened reports whether a session was opened.
func (w *watch) hasOpened() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.opened
}
