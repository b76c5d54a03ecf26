package fleettest

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

const (
	password = "open sesame"
	useLimit = 6 // calls after which a session ends
)

// Headers that the processes of a fleet send.
const (
	memberHeader = "X-Member"
	callHeader   = "X-Call"
)

// A family is what one sign-in began: a session and those that took its place.
type family struct {
	token, refresh string
	uses           int
	revoked        bool
}

func (f *family) alive() bool { return !f.revoked && f.uses < useLimit }

// A vendor is an http.Handler that opens sessions, which end after a few calls.
type vendor struct {
	mu       sync.Mutex
	families map[string]*family // by all their tokens, present and past
	refused  map[string]bool    // calls that were refused, not yet answered
	limit    int                // renewals after which the test is over
	report   Report
	renewed  func(member string, n int) (after func()) // told of every renewal before and after its effect
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := map[string]string{}
	if r.Method == http.MethodPost && json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&body) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch r.URL.Path {
	case "/login", "/refresh":
		v.renew(w, r, body)
	case "/failed":
		v.mu.Lock()
		defer v.mu.Unlock()
		v.report.Failed = append(v.report.Failed, body["reason"])
	default:
		w.WriteHeader(v.data(r))
	}
}

// renew answers a sign-in or a refresh.
func (v *vendor) renew(w http.ResponseWriter, r *http.Request, body map[string]string) {
	v.mu.Lock()
	n := v.report.SignIns + v.report.Refreshes
	v.mu.Unlock()
	after := v.renewed(r.Header.Get(memberHeader), n)
	v.mu.Lock()
	var f *family
	if r.URL.Path == "/login" {
		f = v.signIn(body)
	} else {
		f = v.refresh(body)
	}
	answer := map[string]any{}
	if f != nil {
		f.token, f.refresh, f.uses = rand.Text(), rand.Text(), 0
		v.families[f.token], v.families[f.refresh] = f, f
		answer = map[string]any{"token": f.token, "refresh": f.refresh, "expiresIn": 3600}
	}
	v.mu.Unlock()
	after()
	w.Header().Set("Content-Type", "application/json")
	if f == nil {
		w.WriteHeader(http.StatusUnauthorized)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (v *vendor) signIn(body map[string]string) *family {
	if body["password"] != password {
		return nil
	}
	v.report.SignIns++
	for _, f := range v.families {
		if f.alive() {
			v.report.Superfluous++
			break
		}
	}
	return &family{}
}

func (v *vendor) refresh(body map[string]string) *family {
	f := v.families[body["refresh"]]
	if f == nil || f.revoked {
		return nil
	}
	if f.refresh != body["refresh"] {
		v.report.Reused++
		f.revoked = true
		return nil
	}
	v.report.Refreshes++
	if f.alive() {
		v.report.Superfluous++
	}
	return f
}

// data answers a call. A call that was refused once is not refused again, even
// if the other processes have used up the next session meanwhile: otherwise it
// would depend on luck whether a call succeeds.
func (v *vendor) data(r *http.Request) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over() {
		return http.StatusGone
	}
	token := r.Header.Get("Authorization")
	call := token + " " + r.Header.Get(callHeader)
	f := v.families[token]
	good := f != nil && f.token == token && f.alive()
	switch {
	case good:
		f.uses++
	case f == nil || !v.refused[r.Header.Get(callHeader)] || v.refused[call]:
		v.refused[r.Header.Get(callHeader)], v.refused[call] = true, true
		return http.StatusUnauthorized
	}
	v.report.Calls++
	return http.StatusOK
}

// over reports whether the test is over. The caller holds v.mu.
func (v *vendor) over() bool { return v.report.SignIns+v.report.Refreshes > v.limit }
