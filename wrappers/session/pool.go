package session

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A Closer is what a [Pool] holds: an [Engine], or a client with one inside.
type Closer interface {
	Close(ctx context.Context) error
}

// poolCloseTime is how long closing one account that nobody uses may take.
const poolCloseTime = 30 * time.Second

// poolClosers is how many accounts are closed at a time.
const poolClosers = 16

// A Pool holds clients for many accounts by key, each opened when it is asked
// for first. They share a transport and their settings, so that an account that
// is signed in and idle costs about a kibibyte. A Pool is safe for concurrent
// use.
type Pool[T Closer] struct {
	open   func(key string, shared Option) (T, error)
	shared Option
	owned  *http.Transport // nil if the program has given one
	most   int
	start  time.Time
	seed   maphash.Seed
	table  [poolShards]poolShard[T]

	mu      sync.Mutex // for all below
	oldest  pooledHeap[T]
	shut    map[string]*gate // of accounts that had to make room; times count from the beginning of all time
	sweepAt int              // size of shut that is worth a sweep
	closing sync.WaitGroup
	closed  bool
}

// poolShards is in how many parts the table is, so that those who look for
// accounts do not wait for each other.
const poolShards = 64

// A poolShard is a part of the table.
type poolShard[T Closer] struct {
	mu      sync.RWMutex
	clients map[string]*pooled[T]
}

// get returns the client of an account, and makes room for one if there is
// none.
func (s *poolShard[T]) get(key string) *pooled[T] {
	s.mu.RLock()
	c := s.clients[key]
	s.mu.RUnlock()
	if c != nil {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c = s.clients[key]; c != nil {
		return c
	}
	if s.clients == nil {
		s.clients = map[string]*pooled[T]{}
	}
	c = &pooled[T]{key: key}
	s.clients[key] = c
	return c
}

// remove forgets a client; if c is nil, whatever client the account has.
func (s *poolShard[T]) remove(key string, c *pooled[T]) *pooled[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.clients[key]
	if found == nil || c != nil && c != found {
		return nil
	}
	delete(s.clients, key)
	return found
}

func (p *Pool[T]) shard(key string) *poolShard[T] {
	return &p.table[maphash.String(p.seed, key)%poolShards]
}

// A pooled client is one that a pool holds.
type pooled[T Closer] struct {
	used  atomic.Int64 // nanoseconds after the start of the pool
	users atomic.Int64 // less than zero once it is being closed
	value T
	err   error
	ready atomic.Bool // once has been done
	once  sync.Once
	key   string
	place int64 // used, when it was placed in the heap
}

var errOpening = errors.New("session pool: opening the account failed")

// NewPool returns an empty Pool that holds up to most accounts, or any number
// if most is zero. When there are more, it closes the one that has not been
// used for the longest time, which signs it out. It remembers if such an
// account must not sign in now, because the vendor has refused its credentials
// or is down: that holds for its next client, too, if T is an [Engine] or embeds
// one.
//
// Open makes the client of an account; shared is the last option that it gives
// to [New] or to the New of a vendor's package. It stands for the options of the
// pool, which are for all accounts. An option before it, such as a [Challenger]
// of the account, costs the account some more memory; a layer that is given
// with [WithRetry] there is that of the first account for all.
func NewPool[T Closer](most int, open func(key string, shared Option) (T, error), opts ...Option) *Pool[T] {
	set := newSettings(opts)
	p := &Pool[T]{open: open, owned: set.owned, most: most, start: time.Now(), seed: maphash.MakeSeed()}
	p.shared = sharing(opts, set.transport)
	return p
}

// common lets the engines of a pool use the same settings.
type common struct {
	plain    bool // the options before the pool's have changed nothing but the layer
	settings atomic.Pointer[settings]
}

// sharing returns the option that stands for the options of a pool.
func sharing(opts []Option, transport http.RoundTripper) Option {
	all, own := &common{plain: true}, &common{}
	return func(s *settings) {
		group := own
		if s.choices == defaults() {
			group = all
		}
		for _, opt := range opts {
			if opt != nil {
				opt(s)
			}
		}
		if s.transport == nil {
			s.transport = transport
		}
		s.common = group
	}
}

// settle returns the settings that an engine uses.
func (c *common) settle(s *settings) *settings {
	s.common = nil
	if !c.plain {
		return s
	}
	c.settings.CompareAndSwap(nil, s)
	return c.settings.Load()
}

// Do calls f with the client of an account, which it opens if there is none,
// and returns the error of f or of opening it. The client is not closed before
// f returns, unless the account is removed or the Pool closed, and must not be
// used afterwards.
func (p *Pool[T]) Do(key string, f func(client T) error) error {
	c, err := p.enter(key)
	if err != nil {
		return err
	}
	defer c.users.Add(-1)
	return f(c.value)
}

// enter finds the client of an account and counts a user in.
func (p *Pool[T]) enter(key string) (*pooled[T], error) {
	for {
		c, err := p.find(key)
		if err != nil {
			return nil, err
		}
		if c.users.Add(1) > 0 {
			return c, nil
		}
		c.users.Add(-1) // it is being closed; make another
		p.shard(key).remove(key, c)
	}
}

// find returns the client of an account.
func (p *Pool[T]) find(key string) (*pooled[T], error) {
	c := p.shard(key).get(key)
	c.used.Store(int64(time.Since(p.start)))
	if !c.ready.Load() {
		c.once.Do(func() { p.fill(c) })
	}
	if c.err != nil {
		p.shard(key).remove(key, c)
	}
	return c, c.err
}

// fill opens the client of an account, and closes another if there are too
// many.
func (p *Pool[T]) fill(c *pooled[T]) {
	defer c.ready.Store(true)
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	if closed {
		c.err = fmt.Errorf("session pool: %w", ErrClosed)
		return
	}
	c.err = errOpening // should open panic
	c.value, c.err = p.open(c.key, p.shared)
	if c.err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed { // meanwhile
		c.err = fmt.Errorf("session pool: %w", ErrClosed)
		p.discard(c)
		return
	}
	p.recall(c)
	c.place = c.used.Load()
	heap.Push(&p.oldest, c)
	if p.most > 0 && len(p.oldest) > p.most {
		p.evict(c)
	}
}

// evict closes the client that has not been used for the longest time, and that
// nobody uses now; not the new one. The caller holds p.mu.
func (p *Pool[T]) evict(except *pooled[T]) {
	var busy []*pooled[T]
	for len(p.oldest) > 0 {
		c := p.oldest[0]
		if used := c.used.Load(); used > c.place {
			c.place = used
			heap.Fix(&p.oldest, 0)
			continue
		}
		heap.Pop(&p.oldest)
		if c != except && c.users.CompareAndSwap(0, leaving) {
			p.remember(c)
			p.shard(c.key).remove(c.key, c)
			p.discard(c)
			break
		}
		busy = append(busy, c)
	}
	for _, c := range busy {
		heap.Push(&p.oldest, c)
	}
}

// leaving is added to the users of a client that is being closed.
const leaving = -1 << 32

// discard closes a client beside the calls. The caller holds p.mu.
func (p *Pool[T]) discard(c *pooled[T]) {
	value := c.value
	p.closing.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), poolCloseTime)
		defer cancel()
		_ = value.Close(ctx) // the engine reports it to the logger and the observer
	})
}

// Len returns how many accounts the Pool holds.
func (p *Pool[T]) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.oldest)
}

// Remove closes the client of an account, if there is one, returns the error of
// that, and forgets all that the Pool knows of the account. Call it when an
// account is no longer needed or has other credentials.
func (p *Pool[T]) Remove(ctx context.Context, key string) error {
	c := p.shard(key).remove(key, nil)
	if c == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.shut, key)
		return nil
	}
	c.users.Add(leaving)
	c.once.Do(func() { c.err = fmt.Errorf("session pool: %w", ErrClosed) }) // or waits until it is open
	p.mu.Lock()
	delete(p.shut, key)
	for i, other := range p.oldest {
		if other == c {
			heap.Remove(&p.oldest, i)
			break
		}
	}
	p.mu.Unlock()
	if c.err == nil {
		return c.value.Close(ctx)
	}
	return nil
}

// Close closes all clients, some at a time, and the connections. Further calls
// of Do fail with [ErrClosed]. It returns one error if some clients could not
// be closed well.
func (p *Pool[T]) Close(ctx context.Context) error {
	p.mu.Lock()
	all := p.oldest
	p.closed, p.oldest, p.shut = true, nil, nil
	p.mu.Unlock()
	errs := make(chan error, len(all))
	var wg sync.WaitGroup
	slots := make(chan struct{}, poolClosers)
	for _, c := range all {
		p.shard(c.key).remove(c.key, c)
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := c.value.Close(ctx); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	p.closing.Wait()
	if p.owned != nil {
		p.owned.CloseIdleConnections()
	}
	if n := len(errs); n > 0 {
		return fmt.Errorf("session pool: %d of %d accounts: %w", n, len(all), <-errs)
	}
	return nil
}

// pooledHeap has the client at the top that was placed with the oldest use.
type pooledHeap[T Closer] []*pooled[T]

func (h pooledHeap[T]) Len() int           { return len(h) }
func (h pooledHeap[T]) Less(i, j int) bool { return h[i].place < h[j].place }
func (h pooledHeap[T]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *pooledHeap[T]) Push(x any) {
	if c, ok := x.(*pooled[T]); ok {
		*h = append(*h, c)
	}
}

// Pop implements [heap.Interface].
func (h *pooledHeap[T]) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
