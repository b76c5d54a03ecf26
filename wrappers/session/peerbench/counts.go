package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	stormers   = 64 // goroutines that want a session at once
	stormCalls = 3  // calls of each
	workers    = 32 // goroutines whose session is revoked
	workCalls  = 4
)

// call makes one call and reports whether it went well.
func call(ctx context.Context, transport http.RoundTripper) error {
	req, err := newCall(ctx)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// storm lets 64 goroutines make three calls each while there is no session, and
// returns how often the peer signed in and how many calls failed. Sign-ins have
// the given outcome.
func storm(p peer, outcome int, loginTime time.Duration) (logins, failed int, err error) {
	v := &vendor{loginTime: loginTime, outcome: outcome}
	m, err := p.open(v)
	if err != nil {
		return 0, 0, err
	}
	var bad atomic.Int64
	begin := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() { close(begin) })
	together(stormers, func(int) {
		<-begin
		for range stormCalls {
			if call(context.Background(), m) != nil {
				bad.Add(1)
			}
		}
	})
	return v.signIns(), int(bad.Load()), nil
}

// revocation ends the session of 32 goroutines that make four calls each. The
// answers take 0 to 70 ms, so that refusals of the old session arrive when
// there is a new one. It returns how often the peer signed in, the first time
// included, and how many calls failed. Single is whether the vendor allows one
// session per user.
func revocation(p peer, single bool, loginTime time.Duration) (logins, failed int, err error) {
	v := &vendor{loginTime: loginTime, single: single}
	m, err := p.open(v)
	if err != nil {
		return 0, 0, err
	}
	if err := call(context.Background(), m); err != nil {
		return 0, 0, err
	}
	v.revoke()
	v.delay = func(n int) time.Duration { return time.Duration(n*29%71) * time.Millisecond }
	var bad atomic.Int64
	together(workers, func(int) {
		for range workCalls {
			if call(context.Background(), m) != nil {
				bad.Add(1)
			}
		}
	})
	return v.signIns(), int(bad.Load()), nil
}

// impatience is how long those wait who do not wait for long.
const impatience = 50 * time.Millisecond

// follower measures how long a call with a deadline takes that comes while the
// first call signs in.
func follower(p peer, loginTime time.Duration) (time.Duration, error) {
	v := &vendor{loginTime: loginTime, began: make(chan struct{}, 1)}
	m, err := p.open(v)
	if err != nil {
		return 0, err
	}
	first := make(chan error, 1)
	go func() { first <- call(context.Background(), m) }()
	<-v.began
	ctx, cancel := context.WithTimeout(context.Background(), impatience)
	defer cancel()
	begun := time.Now()
	_ = call(ctx, m)
	took := time.Since(begun)
	return took, <-first
}

// leader lets the first call give up while it signs in and another one waits,
// and returns how often the peer signed in. It is an error if the other call
// fails.
func leader(p peer, loginTime time.Duration) (logins int, err error) {
	v := &vendor{loginTime: loginTime, began: make(chan struct{}, 1)}
	m, err := p.open(v)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), impatience)
	defer cancel()
	together(2, func(i int) {
		if i == 0 {
			_ = call(ctx, m)
			return
		}
		<-v.began
		err = call(context.Background(), m)
	})
	return v.signIns(), err
}
