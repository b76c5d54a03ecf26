package sandbox

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// serve answers a request; path is escaped and begins after the vendor's name.
func (st *Standin) serve(w http.ResponseWriter, r *http.Request, path string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return // the client went away
	}
	c := newCall(st, r, body)
	a, f := st.answer(c, path, tooLarge != nil)
	st.finish(c, a)
	if a == nil {
		hangUp(w)
		return
	}
	w.Header().Set("Date", c.now.UTC().Format(http.TimeFormat))
	a.write(w, f.CutAfter)
}

// answer returns the answer to a call and the fault that was applied; no answer
// if the connection is to be closed.
func (st *Standin) answer(c *call, path string, tooLarge bool) (*answer, Fault) {
	sp, err := loadSpec(st.server.specs, st.vendor)
	var entry *pathEntry
	if err == nil {
		if entry, c.params = sp.find(path); entry != nil {
			c.op = entry.methods[c.req.Method]
		}
	}
	st.arrive(c)
	switch {
	case err != nil:
		return textAnswer(StatusClientBug, err.Error()), Fault{}
	case entry == nil:
		return st.unknown(c, http.StatusNotFound, path, "no such path in the description"), Fault{}
	case c.op == nil:
		methods := slices.Sorted(maps.Keys(entry.methods))
		return st.unknown(c, http.StatusMethodNotAllowed, path, "the description has only "+strings.Join(methods, ", ")), Fault{}
	}
	text := "body: larger than 1 MiB"
	if !tooLarge {
		text = c.check(c.req.Context(), append(st.rules.parameters(), sp.queryKeys...))
	}
	if text != "" {
		return c.lockedBug(text), Fault{}
	}
	f, ok := st.takeFault(c)
	if !ok {
		return c.verify(st.perform(c)), f
	}
	return st.performFaulty(c, f), f
}

// performFaulty carries an operation out with a fault.
func (st *Standin) performFaulty(c *call, f Fault) *answer {
	ctx := c.req.Context()
	if f.Delay > 0 && !f.DelayAfterEffect && !st.server.wait(ctx, f.Delay) {
		return nil
	}
	var a *answer
	if f.carriesOut() {
		a = st.perform(c)
	}
	if f.Delay > 0 && f.DelayAfterEffect && !st.server.wait(ctx, f.Delay) {
		return nil
	}
	if f.Drop || f.DropBeforeEffect {
		return nil
	}
	if f.replaces() {
		a = f.answer(c)
	}
	for name, values := range f.Header {
		for _, value := range values {
			a.addHeader(name, value)
		}
	}
	return a
}

// perform carries an operation out by the rules of the vendor.
func (st *Standin) perform(c *call) *answer {
	st.mu.Lock()
	defer st.mu.Unlock()
	c.now = st.server.clock.Now()
	known := st.rules.authenticate(c)
	if c.op.protected && !known {
		c.event(EventUnauthorized, nil)
		return st.rules.refuse(c)
	}
	if name := c.req.Header.Get(HeaderExample); name != "" {
		return st.named(c, name)
	}
	if handle := st.rules.handlers()[c.op.key]; handle != nil {
		return handle(c)
	}
	return st.reply(c, c.op.success, c.op.example())
}

// named answers with the example that the request asks for. Nothing else is done.
func (st *Standin) named(c *call, name string) *answer {
	r, example := c.op.named(name)
	if r == nil {
		return c.bug(fmt.Sprintf("header %s: there is no example of that name", HeaderExample))
	}
	return st.reply(c, r, example)
}

// reply answers with an example, signed by the rules of the vendor.
func (st *Standin) reply(c *call, r *reply, example any) *answer {
	switch {
	case r.mediaType == "":
		return &answer{status: r.status}
	case isJSON(r.mediaType):
		st.rules.sign(c, example)
		return st.json(r.status, example)
	}
	contentType, body := filler(r.mediaType)
	if text, ok := example.(string); ok {
		body = []byte(text)
	}
	return &answer{status: r.status, contentType: contentType, body: body}
}

// json returns an answer with value as its JSON body. It may change value.
func (st *Standin) json(status int, value any) *answer {
	if st.settings.omitDefaults {
		withoutDefaults(value)
	}
	return jsonAnswer(status, value)
}

// lockedBug is bug for callers that do not hold the mutex of the stand-in.
func (c *call) lockedBug(text string) *answer {
	c.st.mu.Lock()
	defer c.st.mu.Unlock()
	return c.bug(text)
}

// bug answers a request that breaks the description. The mutex of the stand-in
// must be held.
func (c *call) bug(text string) *answer {
	text = fmt.Sprintf("sandbox: %s %s (%s): %s", c.st.vendor, c.op.id, c.op.key, text)
	c.event(EventBug, nil)
	c.st.counters.addBug(text)
	return c.op.explain(text)
}

// explain answers with a text that stands where the description has the
// vendor's explanation of a failure.
func (op *operation) explain(text string) *answer {
	if op.message == "" {
		return textAnswer(StatusClientBug, text)
	}
	var body any = text
	for _, name := range slices.Backward(strings.Split(op.message, ".")) {
		body = map[string]any{name: body}
	}
	a := jsonAnswer(StatusClientBug, body)
	a.body = append(a.body, '\n') // for who reads it in a terminal
	return a
}

// unknown answers a request for a path or method that the vendor does not have.
func (st *Standin) unknown(c *call, status int, path, text string) *answer {
	st.mu.Lock()
	defer st.mu.Unlock()
	c.event(EventBug, nil)
	st.counters.addBug(fmt.Sprintf("sandbox: %s %s %s: %s", st.vendor, c.req.Method, path, text))
	return st.rules.fail(c, status, http.StatusText(status)+".")
}

// arrive counts a call that has come in.
func (st *Standin) arrive(c *call) {
	st.mu.Lock()
	defer st.mu.Unlock()
	c.now = st.server.clock.Now()
	st.counters.requests++
	if c.op != nil {
		st.counters.operations[c.op.id]++
	}
}

// finish tells the listeners of a call, the last thing before it is answered.
func (st *Standin) finish(c *call, a *answer) {
	st.mu.Lock()
	c.now = st.server.clock.Now()
	c.event(EventCall, c.session)
	if a != nil {
		c.events[len(c.events)-1].Status = a.status
	}
	st.mu.Unlock()
	st.tell(c.events...)
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "sandbox: a connection of HTTP/2 cannot be dropped", StatusClientBug)
		return
	}
	_ = conn.Close()
}
