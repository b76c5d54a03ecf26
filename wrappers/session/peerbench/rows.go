package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// concurrency is with how many goroutines things are measured.
func concurrency() []int { return []int{1, 8, 64} }

// versions names the libraries and their versions.
func versions() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "versions unknown"
	}
	var found []string
	for _, dep := range info.Deps {
		switch dep.Path {
		case "golang.org/x/oauth2", "github.com/aws/aws-sdk-go-v2", "github.com/Azure/azure-sdk-for-go/sdk/azcore", "cloud.google.com/go/auth", "k8s.io/client-go":
			found = append(found, dep.Path+" "+dep.Version)
		}
	}
	return strings.Join(found, ", ")
}

// callRows measure what a session costs per call.
func callRows(_ context.Context, p plan) ([]*row, error) {
	var rows []*row
	for _, kind := range []struct{ name, body string }{{"no body", ""}, {"JSON", answerBody}} {
		subjects, err := calls(kind.body)
		if err != nil {
			return nil, err
		}
		times, err := rounds(subjects, 1, p.single)
		if err != nil {
			return nil, err
		}
		took := newRow("call, " + kind.name + ": ns")
		took.values = times
		counts, sizes := newRow("call, "+kind.name+": allocations"), newRow("call, "+kind.name+": bytes")
		for _, s := range subjects {
			if counts.values[s.peer], sizes.values[s.peer], err = allocations(s); err != nil {
				return nil, err
			}
		}
		lessBare(counts, sizes)
		sizes.ratio = true
		rows = append(rows, took.noMore(), counts.fewer(4), sizes)
	}
	return rows, nil
}

// lessBare leaves out what calls cost that need no session.
func lessBare(rows ...*row) {
	for _, r := range rows {
		bare := r.values[bareName]
		for name := range r.values {
			r.values[name] -= bare
		}
	}
}

// parallelRows measure calls of several goroutines.
func parallelRows(_ context.Context, p plan) ([]*row, error) {
	var rows []*row
	for _, n := range concurrency()[1:] {
		subjects, err := calls("")
		if err != nil {
			return nil, err
		}
		r := newRow(fmt.Sprintf("call, goroutines %d: ns", n))
		if r.values, err = rounds(subjects, n, p.parallel); err != nil {
			return nil, err
		}
		rows = append(rows, r.noMore())
	}
	return rows, nil
}

// readRows measure what it takes to find the session that is there.
func readRows(ctx context.Context, p plan) ([]*row, error) {
	dir, err := os.MkdirTemp("", "peerbench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ours, err := newAcquisition(ctx, dir)
	if err != nil {
		return nil, err
	}
	var rows []*row
	for _, n := range concurrency() {
		r := newRow(fmt.Sprintf("cached read, goroutines %d: ns", n))
		r.digits = 1
		samples := map[string][]float64{}
		for range p.readTurns {
			times, err := readOnce(ctx, p, ours, n)
			if err != nil {
				return nil, err
			}
			for name, took := range times {
				samples[name] = append(samples[name], took)
			}
		}
		for name, times := range samples {
			r.values[name] = median(times)
		}
		rows = append(rows, r.noMore())
	}
	return rows, nil
}

// readOnce measures some rounds of the others, and then as many of ours.
func readOnce(ctx context.Context, p plan, ours *acquisition, goroutines int) (map[string]float64, error) {
	subjects, err := reads()
	if err != nil {
		return nil, err
	}
	times, err := rounds(subjects, goroutines, p.read)
	if err != nil {
		return nil, err
	}
	times[ourName], err = ours.time(ctx, goroutines, p.read)
	return times, err
}

// lockRows count waits for locks.
func lockRows(_ context.Context, p plan) ([]*row, error) {
	subjects, err := calls("")
	if err != nil {
		return nil, err
	}
	r := newRow(fmt.Sprintf("%d calls, 64 goroutines: waits for a lock", p.lockCalls))
	for _, s := range subjects {
		waits, err := contended(s, p.lockCalls)
		if err != nil {
			return nil, err
		}
		r.values[s.peer] = float64(waits)
	}
	return []*row{r.exactly(0)}, nil
}

// each does the same to all who keep a session, at the same time, since they
// mostly wait, and puts the numbers that f returns into the rows.
func each(f func(p peer) ([]float64, error), rows ...*row) error {
	members := peers()[1:] // without the bare transport
	numbers, errs := make([][]float64, len(members)), make([]error, len(members))
	together(len(members), func(i int) { numbers[i], errs[i] = f(members[i]) })
	for i, p := range members {
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", p.name, errs[i])
		}
		for j, r := range rows {
			r.values[p.name] = numbers[i][j]
		}
	}
	return nil
}

// countRows count sign-ins and failed calls.
func countRows(_ context.Context, p plan) ([]*row, error) {
	var rows []*row
	for _, s := range []struct {
		name    string
		outcome int
	}{{"wrong password", http.StatusUnauthorized}, {"vendor fails", http.StatusServiceUnavailable}, {"all is well", 0}} {
		logins := newRow("64 goroutines x 3 calls, " + s.name + ": sign-ins").exactly(1)
		err := each(func(who peer) ([]float64, error) {
			n, _, err := storm(who, s.outcome, p.loginTime)
			return []float64{float64(n)}, err
		}, logins)
		if err != nil {
			return nil, err
		}
		rows = append(rows, logins)
	}
	for _, single := range []bool{false, true} {
		name := "revoked under 32 goroutines x 4 calls: "
		if single {
			name = "the same, one session per user: "
		}
		failed, logins := newRow(name+"failed calls").exactly(0), newRow(name+"sign-ins").exactly(2)
		err := each(func(who peer) ([]float64, error) {
			n, bad, err := revocation(who, single, p.loginTime)
			return []float64{float64(bad), float64(n)}, err
		}, failed, logins)
		if err != nil {
			return nil, err
		}
		rows = append(rows, failed, logins)
	}
	return rows, nil
}

// patienceRows measure who waits for whom.
func patienceRows(_ context.Context, p plan) ([]*row, error) {
	waited := newRow(fmt.Sprintf("deadline of 50 ms behind a sign-in of %v: ms", p.slowLogin)).atMost(100)
	err := each(func(who peer) ([]float64, error) {
		took, err := follower(who, p.slowLogin)
		return []float64{float64(took.Round(time.Millisecond).Milliseconds())}, err
	}, waited)
	if err != nil {
		return nil, err
	}
	logins := newRow("first caller gives up after 50 ms: sign-ins").exactly(1)
	err = each(func(who peer) ([]float64, error) {
		n, err := leader(who, p.slowLogin)
		return []float64{float64(n)}, err
	}, logins)
	if err != nil {
		return nil, err
	}
	return []*row{waited, logins}, nil
}
