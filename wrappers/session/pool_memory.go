package session

import "time"

// A gatekeeper knows whether an account may sign in. It is an [Engine], or a
// client that embeds one.
type gatekeeper interface {
	shutGate() *gate
	inherit(*gate)
}

// shutGate returns what keeps the account from signing in, or will do so after
// further failures; nil if there is nothing. Its times count from the beginning
// of all time.
func (e *Engine) shutGate() *gate {
	now := e.set.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gate.forgettable(now) {
		return nil
	}
	return e.gate.moved(e.set.start.UnixNano())
}

// inherit makes the engine go on where another one of the account was.
func (e *Engine) inherit(g *gate) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.gate == nil {
		e.gate = g.moved(-e.set.start.UnixNano())
	}
}

// forgettable reports whether the gate is as good as a new one: nothing keeps the
// account from signing in, and no failure is so recent that it would count.
func (g *gate) forgettable(now instant) bool {
	if g == nil {
		return true
	}
	return g.peek(now) == nil && g.recent(now.mono) == 0 && (g.steps == 0 || now.mono-g.until > int64(backoffMost))
}

// moved returns a copy whose monotonic times are later by d nanoseconds.
func (g *gate) moved(d int64) *gate {
	next := *g
	if next.until != 0 {
		next.until = saturate(g.until, d)
	}
	next.attempts = nil
	for _, at := range g.attempts {
		next.attempts = append(next.attempts, saturate(at, d))
	}
	return &next
}

// remember keeps what the client of an account knows of its sign-ins, for the
// next one. The caller holds p.mu.
func (p *Pool[T]) remember(c *pooled[T]) {
	keeper, ok := any(c.value).(gatekeeper)
	if !ok {
		return
	}
	g := keeper.shutGate()
	if g == nil {
		return
	}
	if p.shut == nil {
		p.shut = map[string]*gate{}
	}
	p.shut[c.key] = g
	if len(p.shut) >= p.sweepAt {
		p.sweep()
	}
}

// recall gives a new client what the one before it knew. The caller holds p.mu.
func (p *Pool[T]) recall(c *pooled[T]) {
	g := p.shut[c.key]
	if g == nil {
		return
	}
	delete(p.shut, c.key)
	if keeper, ok := any(c.value).(gatekeeper); ok {
		keeper.inherit(g)
	}
}

// sweep forgets what is over. The caller holds p.mu.
func (p *Pool[T]) sweep() {
	t := time.Now()
	now := instant{wall: t.UnixNano(), mono: t.UnixNano()}
	for key, g := range p.shut {
		if g.forgettable(now) {
			delete(p.shut, key)
		}
	}
	p.sweepAt = max(1024, 2*len(p.shut))
}
