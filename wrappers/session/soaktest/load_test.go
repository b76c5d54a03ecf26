package soaktest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A client is one program with an engine. It may be restarted.
type client struct {
	account *account
	keys    *keyring
	front   *front
	options []session.Option
	report  *report
	latched time.Time // when the operator saw it latched

	engine atomic.Pointer[session.Engine]
}

// start opens an engine in place of the one before.
func (c *client) start() error {
	d := &driver{user: c.account.user, idle: c.account.idle, keys: c.keys}
	var full session.Driver = d
	if c.account.rotate {
		full = refresher{d}
	}
	engine, err := session.New(full, c.front.origin, append([]session.Option{session.WithTransport(c.front), session.WithObserver(c.report)}, c.options...)...)
	if err != nil {
		return err
	}
	c.engine.Store(engine)
	return nil
}

// stop closes the engine.
func (c *client) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c.report.inspect(c.engine.Load().Close(ctx))
}

// A worker makes calls by a client, one after the other.
type worker struct {
	*client
	name  string
	dice  *rand.Rand
	calls int
}

func newWorker(c *client, seed uint64, n int) *worker {
	return &worker{client: c, name: fmt.Sprintf("%s/%d", c.account.user, n), dice: rand.New(rand.NewPCG(seed, uint64(n+1)))}
}

// call makes a call of a kind that chance decides: most read, many write, some
// cannot be sent again, some are not permitted, and some have a deadline.
func (w *worker) call(ctx context.Context) {
	if w.dice.IntN(10) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(1+w.dice.IntN(200))*time.Millisecond)
		defer cancel()
	}
	switch p := w.dice.IntN(100); {
	case p < 45:
		w.read(ctx, fmt.Sprintf("/monitors/%d", w.dice.IntN(5)))
	case p < 47 && w.front.trouble.forbids:
		w.send(ctx, http.MethodGet, "/forbidden", nil)
	case p < 90:
		w.order(ctx, readable)
	case p < 95:
		w.order(ctx, func(id string) io.Reader { return bytes.NewBufferString(id) })
	default:
		w.order(ctx, func(id string) io.Reader { return struct{ io.Reader }{strings.NewReader(id)} }) // cannot be read again
	}
}

// readable returns a body that can be read again.
func readable(id string) io.Reader { return bytes.NewReader([]byte(id)) }

// read makes a call without effect and returns what became of it.
func (w *worker) read(ctx context.Context, path string) outcome {
	o := w.send(ctx, http.MethodGet, path, nil)
	w.report.count(o)
	return o
}

// order makes a call that must not be carried out twice.
func (w *worker) order(ctx context.Context, body func(id string) io.Reader) outcome {
	w.calls++
	id := fmt.Sprintf("%s/%d", w.name, w.calls)
	o := w.send(ctx, http.MethodPost, "/orders", body(id))
	w.report.count(o)
	w.report.ordered(id, o)
	return o
}

func (w *worker) send(ctx context.Context, method, path string, body io.Reader) outcome {
	engine := w.engine.Load()
	req, err := http.NewRequestWithContext(ctx, method, w.front.origin+path, body)
	if err != nil {
		return networkFailed
	}
	resp, err := rest.NewHTTPClient(engine.Transport()).Do(req)
	if err != nil {
		w.report.inspect(err)
		return outcomeOfError(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return outcomeOf(resp)
}

// think waits up to half a minute, often for a full ten seconds, so that many
// calls begin at the same moment.
func (w *worker) think(ctx context.Context) {
	d := time.Duration(w.dice.IntN(20_000)) * time.Millisecond
	if w.dice.IntN(2) == 0 {
		d = time.Until(time.Now().Truncate(10 * time.Second).Add(10 * time.Second))
	}
	_ = sleep(ctx, d)
}

// A world is a vendor and the programs that use it.
type world struct {
	front   *front
	clients []*client
	workers []*worker
	report  *report
}

// newWorld opens engines for accounts: one for each, or two that share a store.
func newWorld(f *front, r *report, seed uint64, workersEach int, options func(*account) [][]session.Option) (*world, error) {
	w := &world{front: f, report: r}
	for _, a := range f.sorted() {
		keys := &keyring{password: a.password}
		for _, opts := range options(a) {
			c := &client{account: a, keys: keys, front: f, options: opts, report: r}
			if err := c.start(); err != nil {
				return nil, err
			}
			w.clients = append(w.clients, c)
			for range workersEach {
				w.workers = append(w.workers, newWorker(c, seed, len(w.workers)))
			}
		}
	}
	return w, nil
}

// work lets all workers work until they have made their calls.
func (w *world) work(f func(*worker)) {
	var wg sync.WaitGroup
	for _, one := range w.workers {
		wg.Go(func() { f(one) })
	}
	wg.Wait()
}

// checkRecovery wants all calls to succeed once nothing goes wrong any more. The first
// one of a client may be refused: its own session may be dead, and the one that
// it takes over from the store too.
func (w *world) checkRecovery(t *testing.T) {
	t.Helper()
	for _, c := range w.clients {
		if o := newWorker(c, 0, -1).read(t.Context(), "/monitors/1"); o != succeeded && o != refused+"cannot be sent again" {
			t.Errorf("%s: all is well again, but the first call ends with: %s", c.account.user, o)
		}
	}
	w.work(func(one *worker) {
		for _, o := range []outcome{one.order(t.Context(), readable), one.read(t.Context(), "/monitors/1")} {
			if o != succeeded {
				t.Errorf("%s: all is well again, but a call ends with: %s", one.name, o)
			}
		}
	})
}

// end closes all engines and fails the test if something was that must not be.
func (w *world) end(t *testing.T) {
	t.Helper()
	for _, c := range w.clients {
		c.stop(context.WithoutCancel(t.Context()))
	}
	for _, text := range w.report.reckon(w.front.vendor) {
		t.Error(text)
	}
}
