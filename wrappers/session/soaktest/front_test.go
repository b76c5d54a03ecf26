package soaktest_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var errDropped = errors.New("connection dropped")

// Trouble is what goes wrong on the way.
type trouble struct {
	data, login int           // faults of calls, and of sign-ins, in a thousand
	delay       time.Duration // at most, before and after the effect
	hang        bool          // some sign-ins take longer than anybody waits
	forbids     bool          // there is a call that is never permitted
	unclear     bool          // refreshes may be answered with 5xx, and stores fail, after the effect
}

// A front is the way to a vendor: an [http.RoundTripper] in memory, and an
// [http.Handler]. Things go wrong on it.
type front struct {
	*vendor
	trouble trouble
	calm    atomic.Bool // nothing goes wrong any more

	mu   sync.Mutex
	dice *rand.Rand
}

func newFront(v *vendor, t trouble, seed uint64) *front {
	return &front{vendor: v, trouble: t, dice: rand.New(rand.NewPCG(seed, 1))}
}

// roll returns a random number below n.
func (f *front) roll(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dice.IntN(n)
}

// unlucky reports whether something goes wrong with a request.
func (f *front) unlucky(r request) bool {
	p := f.trouble.data
	if r.isSigning() {
		p = f.trouble.login
	}
	return !f.calm.Load() && f.roll(1000) < p
}

// pause waits as long as a network takes, in whole milliseconds, so that much
// happens at the same moment.
func (f *front) pause(ctx context.Context, r request) error {
	d := time.Duration(f.roll(int(f.trouble.delay/time.Millisecond)+1)) * time.Millisecond
	if r.isSigning() && f.trouble.hang && !f.calm.Load() && f.roll(50) == 0 {
		d = time.Minute
	}
	return sleep(ctx, d)
}

// serve takes a request to the vendor and the answer back.
func (f *front) serve(ctx context.Context, r request) (reply, error) {
	if r.origin != f.origin {
		f.elsewhere(r)
		return jsonAnswer(http.StatusOK, nil), nil
	}
	if r.isSigning() {
		f.begin(r)
		defer f.end(r)
	}
	if err := f.pause(ctx, r); err != nil {
		return reply{}, err
	}
	if f.unlucky(r) {
		if answer, err := f.before(r); err != nil || answer.status != 0 {
			return answer, err
		}
	}
	answer := f.handle(r)
	if f.unlucky(r) {
		var err error
		if answer, err = f.after(r, answer); err != nil {
			return reply{}, err
		}
	}
	return answer, f.pause(ctx, r)
}

// before is what goes wrong before a request has an effect.
func (f *front) before(r request) (reply, error) {
	switch f.roll(8) {
	case 0:
		return reply{}, errDropped
	case 1:
		return htmlAnswer(http.StatusBadGateway), nil
	case 2:
		return jsonAnswer(http.StatusServiceUnavailable, map[string]any{"error": "try later"}), nil
	case 3:
		return htmlAnswer(http.StatusOK), nil // whoever that was
	case 4:
		answer := jsonAnswer(http.StatusTooManyRequests, nil)
		answer.header = map[string]string{"Retry-After": strconv.Itoa(f.roll(1200))}
		return answer, nil
	case 5:
		return redirect(http.StatusFound, f.other()+r.path), nil
	case 6:
		return redirect(http.StatusTemporaryRedirect, f.other()+r.path), nil
	default:
		if r.isSigning() || strings.HasPrefix(r.path, "/moved") {
			return reply{}, errDropped
		}
		return redirect(http.StatusTemporaryRedirect, "/moved"+r.path), nil
	}
}

// after is what goes wrong once a request had its effect. A vendor that answers
// a refresh with 5xx has usually not taken the token.
func (f *front) after(r request, answer reply) (reply, error) {
	kinds := 4
	if r.path == "/refresh" && !f.trouble.unclear {
		kinds = 2
	}
	switch f.roll(kinds) {
	case 0:
		return reply{}, errDropped
	case 1:
		answer.cut = true
		return answer, nil
	case 2:
		return htmlAnswer(http.StatusGatewayTimeout), nil
	default:
		return jsonAnswer(http.StatusInternalServerError, nil), nil
	}
}

// other returns another origin that leads to the vendor too.
func (f *front) other() string {
	return strings.NewReplacer("api.acme", "elsewhere", "127.0.0.1", "localhost").Replace(f.origin)
}

func redirect(status int, to string) reply {
	r := jsonAnswer(status, nil)
	r.header = map[string]string{"Location": to}
	return r
}

// RoundTrip implements [http.RoundTripper].
func (f *front) RoundTrip(req *http.Request) (*http.Response, error) {
	r := request{origin: req.URL.Scheme + "://" + req.URL.Host, method: req.Method, path: req.URL.Path, session: req.Header.Get(sessionHeader)}
	if req.Body != nil {
		data, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		r.body = data
	}
	answer, err := f.serve(req.Context(), r)
	if err != nil {
		return nil, err
	}
	resp := &http.Response{
		StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {answer.contentType}}, ContentLength: int64(len(answer.body)), Request: req,
		Body: io.NopCloser(strings.NewReader(answer.body)),
	}
	for name, value := range answer.header {
		resp.Header.Set(name, value)
	}
	if answer.cut {
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(answer.body[:len(answer.body)/2]), broken{}))
	}
	return resp, nil
}

// broken is a body that ends too early.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// ServeHTTP implements [http.Handler].
func (f *front) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r := request{origin: "http://" + req.Host, method: req.Method, path: req.URL.Path, session: req.Header.Get(sessionHeader)}
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return // the caller has gone before it had said everything
	}
	r.body = data
	answer, err := f.serve(req.Context(), r)
	if err != nil {
		panic(http.ErrAbortHandler) // drops the connection
	}
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", answer.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
	w.WriteHeader(answer.status)
	if answer.cut {
		_, _ = io.WriteString(w, answer.body[:len(answer.body)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, answer.body)
}

// sleep waits, but not longer than ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
