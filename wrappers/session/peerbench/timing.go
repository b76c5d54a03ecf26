package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// answerBody is a short answer in JSON.
const answerBody = `{"status":{"code":200},"data":[{"id":1,"name":"front page","url":"https://www.example.com/","interval":300,"enabled":true},` +
	`{"id":2,"name":"shop","url":"https://shop.example.com/","interval":60,"enabled":true},` +
	`{"id":3,"name":"search","url":"https://search.example.com/","interval":60,"enabled":false}]}`

// A subject is something to be timed: do runs it n times, beside other
// goroutines that do the same.
type subject struct {
	peer string
	do   func(n int) error
}

// effort is how much is measured.
type effort struct {
	rounds int // of which the median is taken
	calls  int // per round
}

// rounds times subjects in turns, so that a slow moment of the machine hits
// them all, and returns the median of each in nanoseconds per call. The time of
// several goroutines is that of all, divided by the calls of all.
func rounds(subjects []subject, goroutines int, e effort) (map[string]float64, error) {
	samples := map[string][]float64{}
	for i := range e.rounds + 1 {
		for j := range subjects {
			s := subjects[(i+j)%len(subjects)]
			took, err := timed(s, goroutines, e.calls)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.peer, err)
			}
			if i > 0 { // the first round warms up
				samples[s.peer] = append(samples[s.peer], took)
			}
		}
	}
	medians := map[string]float64{}
	for name, times := range samples {
		medians[name] = median(times)
	}
	return medians, nil
}

// timed returns how long a call takes, in nanoseconds.
func timed(s subject, goroutines, calls int) (float64, error) {
	each := max(calls/goroutines, 1)
	errs := make([]error, goroutines)
	begun := time.Now()
	if goroutines == 1 {
		errs[0] = s.do(each)
	} else {
		together(goroutines, func(i int) { errs[i] = s.do(each) })
	}
	took := time.Since(begun)
	return float64(took) / float64(each*goroutines), errors.Join(errs...)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// together runs n goroutines and waits for them.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// calls returns the peers as subjects that make calls on an instant base, with
// an answer that has no body or one in JSON.
func calls(body string) ([]subject, error) {
	var subjects []subject
	for _, p := range peers() {
		m, err := p.open(&instant{body: body})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		subjects = append(subjects, subject{p.name, func(n int) error { return repeat(m, n) }})
	}
	return subjects, nil
}

// repeat makes n calls.
func repeat(transport http.RoundTripper, n int) error {
	req, err := newCall(context.Background())
	if err != nil {
		return err
	}
	for range n {
		resp, err := transport.RoundTrip(req)
		if err != nil {
			return err
		}
		if resp.StatusCode >= http.StatusMultipleChoices {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		if resp.Body != http.NoBody {
			_, _ = io.Copy(io.Discard, resp.Body)
		}
		_ = resp.Body.Close()
	}
	return nil
}

// newCall returns a request with the headers that any program sends.
func newCall(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/data", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "peerbench")
	return req, nil
}

// reads returns the peers that let their token be read as subjects that do.
func reads() ([]subject, error) {
	var subjects []subject
	for _, p := range peers() {
		m, err := p.open(&instant{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		if m.read == nil {
			continue
		}
		subjects = append(subjects, subject{p.name, func(n int) error {
			for range n {
				if err := m.read(); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	return subjects, nil
}

// allocations returns how many allocations a call takes, and how many bytes.
func allocations(s subject) (count, size float64, err error) {
	const n = 2000
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if err := s.do(n); err != nil { // warms up
		return 0, 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = s.do(n)
	runtime.ReadMemStats(&after)
	count = float64((after.Mallocs - before.Mallocs) / n) // the request itself is one of many
	return count, float64((after.TotalAlloc - before.TotalAlloc) / n), err
}

// contended counts how often a goroutine had to wait for a lock while 64 of
// them made calls.
func contended(s subject, calls int) (int64, error) {
	if err := s.do(1); err != nil { // signs in
		return 0, err
	}
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	before, err := lockWaits()
	if err != nil {
		return 0, err
	}
	if _, err := timed(s, 64, calls); err != nil {
		return 0, err
	}
	after, err := lockWaits()
	return after - before, err
}

var errProfile = errors.New("the mutex profile grows too fast to be read")

// lockWaits returns how often anybody has waited for a [sync.Mutex] or
// [sync.RWMutex] since the mutex profile was switched on.
func lockWaits() (int64, error) {
	for range 10 {
		n, _ := runtime.MutexProfile(nil)
		records := make([]runtime.BlockProfileRecord, n+64)
		n, ok := runtime.MutexProfile(records)
		if !ok {
			continue
		}
		waits := int64(0)
		for _, r := range records[:n] {
			if isLock(r.Stack()) {
				waits += r.Count
			}
		}
		return waits, nil
	}
	return 0, errProfile
}

// isLock reports whether a stack is that of somebody who lets a lock go.
func isLock(stack []uintptr) bool {
	frames := runtime.CallersFrames(stack)
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "sync.(*Mutex)") || strings.HasPrefix(frame.Function, "sync.(*RWMutex)") {
			return true
		}
		if !more {
			return false
		}
	}
}
