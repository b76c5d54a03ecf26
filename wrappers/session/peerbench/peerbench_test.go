package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// loginTime is long enough that all who want a session wait for the same
// sign-in. The counts of those who share its outcome do not depend on it.
const loginTime = 5 * time.Millisecond

func ours(t *testing.T) peer {
	t.Helper()
	return named(t, ourName)
}

func named(t *testing.T, name string) peer {
	t.Helper()
	for _, p := range peers() {
		if p.name == name {
			return p
		}
	}
	t.Fatalf("there is no peer %q", name)
	return peer{}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestOneSignInPerStorm wants one sign-in for 64 goroutines, however it ends.
func TestOneSignInPerStorm(t *testing.T) {
	for _, tt := range []struct {
		name            string
		outcome, failed int
	}{
		{"wrong password", http.StatusUnauthorized, stormers * stormCalls},
		{"vendor fails", http.StatusServiceUnavailable, stormers * stormCalls},
		{"all is well", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			logins, failed, err := storm(ours(t), tt.outcome, loginTime)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "sign-ins", logins, 1)
			want(t, "failed calls", failed, tt.failed)
		})
	}
}

// TestOthersSignInForEveryCall is what the table says of caches that share no
// failure: were it otherwise, the comparison would be unfair.
func TestOthersSignInForEveryCall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{oauth2Name, "google", "client-go", "by hand"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logins, failed, err := storm(named(t, name), http.StatusUnauthorized, time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "sign-ins", logins, stormers*stormCalls)
			want(t, "failed calls", failed, stormers*stormCalls)
		})
	}
}

// TestEveryPeerSignsInOnceIfAllIsWell checks that everybody works.
func TestEveryPeerSignsInOnceIfAllIsWell(t *testing.T) {
	for _, p := range peers()[1:] {
		logins, failed, err := storm(p, 0, loginTime)
		if err != nil {
			t.Fatal(err)
		}
		want(t, p.name+": sign-ins", logins, 1)
		want(t, p.name+": failed calls", failed, 0)
	}
}

// TestNoCallFailsAfterARevocation wants all refused calls to be sent again, in
// the one session that takes the place of the old one.
func TestNoCallFailsAfterARevocation(t *testing.T) {
	for _, single := range []bool{false, true} {
		logins, failed, err := revocation(ours(t), single, loginTime)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "failed calls", failed, 0)
		want(t, "sign-ins", logins, 2)
	}
}

// TestFollowersGiveUpOnTime wants a call with a deadline to return while the
// sign-in that it waits for is still under way.
func TestFollowersGiveUpOnTime(t *testing.T) {
	v := &vendor{began: make(chan struct{}, 1), hold: make(chan struct{})}
	m, err := ours(t).open(v)
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan error, 1)
	go func() { first <- call(context.Background(), m) }()
	<-v.began
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := call(ctx, m); err == nil {
		t.Error("a call went well without a session")
	}
	close(v.hold) // only now can the sign-in end
	if err := <-first; err != nil {
		t.Errorf("the call that waited: %v", err)
	}
	want(t, "sign-ins", v.signIns(), 1)
}

// TestASignInOutlivesItsFirstCaller wants the others to get what it came to.
func TestASignInOutlivesItsFirstCaller(t *testing.T) {
	logins, err := leader(ours(t), 2*impatience)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "sign-ins", logins, 1)
}

// TestAllocations wants at most four per call, and fewer than x/oauth2 takes.
func TestAllocations(t *testing.T) {
	for _, body := range []string{"", answerBody} {
		subjects, err := calls(body)
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]float64{}
		for _, s := range subjects {
			if counts[s.peer], _, err = allocations(s); err != nil {
				t.Fatal(err)
			}
		}
		got, theirs := counts[ourName]-counts[bareName], counts[oauth2Name]-counts[bareName]
		if got > 4 || got >= theirs {
			t.Errorf("%v allocations per call, x/oauth2 takes %v", got, theirs)
		}
	}
}

// TestNobodyWaitsForALock wants calls in a session to take no lock.
func TestNobodyWaitsForALock(t *testing.T) {
	subjects, err := calls("")
	if err != nil {
		t.Fatal(err)
	}
	us := subjects[len(subjects)-1]
	want(t, "the last peer", us.peer, ourName)
	waits, err := contended(us, 64_000)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "waits for a lock", waits, 0)
}

// TestTable wants goals to be judged, and the table to be one in Markdown.
func TestTable(t *testing.T) {
	rows := []*row{newRow("slow").noMore(), newRow("right").exactly(1), newRow("wrong").exactly(1)}
	rows[0].values = map[string]float64{oauth2Name: 10, ourName: 12}
	rows[1].values = map[string]float64{ourName: 1}
	rows[2].values = map[string]float64{ourName: 2}
	var got strings.Builder
	write(&got, []string{oauth2Name, ourName}, rows)
	all, exact := missed(rows)
	want(t, "missed goals", all, 2)
	want(t, "missed goals that do not depend on the machine", exact, 1)
	want(t, "table", got.String(), `|       | x/oauth2 | latchkey | vs x/oauth2 | goal          |      |
|-------|---------:|---------:|------------:|---------------|------|
| slow  |       10 |       12 |       1.20x | at most 1.00x | miss |
| right |          |        1 |             | 1             | ok   |
| wrong |          |        2 |             | 1             | miss |
`)
}
