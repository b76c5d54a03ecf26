package rest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestRedirectWithinTheOriginIsFollowed(t *testing.T) {
	var seen []string
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Method+" "+r.RequestURI+" "+string(body))
		switch r.URL.Path {
		case "/v1/things":
			http.Redirect(w, r, "/v2/things", http.StatusPermanentRedirect)
		case "/v2/things":
			http.Redirect(w, r, "http://"+r.Host+"/v2/made?id=7", http.StatusSeeOther)
		default:
			_, _ = io.WriteString(w, `{"id":7}`)
		}
	})
	r := client.NewRequest(&opPost, nil)
	r.Literal("/things")
	r.JSON("application/json", &Patch{Count: rest.Ptr(int64(1))})
	if thing, err := rest.Do[Thing](t.Context(), r); err != nil || thing.ID != 7 {
		t.Fatalf("got %+v, %v", thing, err)
	}
	want := `POST /v1/things {"count":1}|POST /v2/things {"count":1}|GET /v2/made?id=7 `
	if got := strings.Join(seen, "|"); got != want {
		t.Errorf("the server saw %s, want %s", got, want)
	}
}

func TestRedirectsAreFollowedTenTimes(t *testing.T) {
	for _, hops := range []int64{9, 10, 30} {
		var calls atomic.Int64
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) > hops {
				_, _ = io.WriteString(w, `{"id":7}`)
				return
			}
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		})
		thing, err := getThing(t, client)
		if hops < 10 {
			if err != nil || thing.ID != 7 {
				t.Errorf("%d redirects: %v", hops, err)
			}
			continue
		}
		wantError(t, err, http.StatusFound)
		wantText(t, err, []string{"302 Found", "redirects"})
		if calls.Load() != 10 {
			t.Errorf("%d redirects: %d calls", hops, calls.Load())
		}
	}
}

func TestRedirectElsewhereIsNotFollowed(t *testing.T) {
	var reached atomic.Int64
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	other := httptest.NewServer(count)
	t.Cleanup(other.Close)

	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, secure := range []bool{false, true} {
			target := ""
			home := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/reached" {
					reached.Add(1)
					return
				}
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			}))
			if home.Start(); secure {
				home.Close()
				home = httptest.NewTLSServer(home.Config.Handler)
			}
			port := home.URL[strings.LastIndex(home.URL, ":"):]
			client := newClientVia(t, home.URL, rest.NewHTTPClient(home.Client().Transport))
			for _, target = range []string{
				other.URL + "/reached",                      // other port, and down from https
				"//" + other.Listener.Addr().String() + "/", // without a scheme
				"http://localhost" + port + "/reached",      // other name of the same host
				"https://localhost" + port + "/reached",
				"http://user:word@" + other.Listener.Addr().String() + "/",
				"https://elsewhere.invalid/", "ftp://127.0.0.1/", "file:///etc/passwd", "mailto:x@example.com",
			} {
				r := client.NewRequest(&opPost, nil)
				r.Literal("/things")
				r.JSON("application/json", &Patch{Password: rest.Value(rest.NewSecret("hunter2"))})
				_, err := rest.Do[Thing](t.Context(), r)
				wantError(t, err, status)
				wantText(t, err, []string{"redirects, which is not followed"}, "hunter2", "word", "passwd", "elsewhere")
			}
			home.Close()
		}
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// A detour through the origin does not change what it is compared with.
func TestRedirectElsewhereAfterOneWithin(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/things/7" {
			http.Redirect(w, r, "/next", http.StatusFound)
			return
		}
		http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusMovedPermanently)
	})
	_, err := getThing(t, client)
	wantError(t, err, http.StatusMovedPermanently)
}

func TestRedirectWithoutAddress(t *testing.T) {
	_, err := getThing(t, answer(t, http.StatusFound, "", ""))
	wantError(t, err, http.StatusFound)
}

func TestSameOrigin(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"https://api.example.com/a", "https://api.example.com/b?c", true},
		{"https://api.example.com", "https://API.Example.COM:443", true},
		{"https://api.example.com", "https://api.example.com.", true},
		{"http://api.example.com:80", "HTTP://api.example.com", true},
		{"https://[::1]:443", "https://[::1]", true},
		{"https://user@api.example.com", "https://api.example.com", true},
		{"https://api.example.com", "http://api.example.com", false},
		{"https://api.example.com", "http://api.example.com:443", false},
		{"https://api.example.com", "https://api.example.com:8443", false},
		{"https://api.example.com", "https://api.example.com:80", false},
		{"https://api.example.com", "https://example.com", false},
		{"https://api.example.com", "https://api.example.com.evil.example", false},
		{"https://api.example.com", "https://api.example.com@evil.example", false},
		{"https://api.example.com", "/relative", false},
		{"https://api.example.com", "https://ap\u0130.example.com", false},
		{"https://b\u00fccher.example", "https://b\u00fccher.example:443", true},
	}
	for _, tt := range tests {
		a, errA := url.Parse(tt.a)
		b, errB := url.Parse(tt.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if rest.SameOrigin(a, b) != tt.want || rest.SameOrigin(b, a) != tt.want {
			t.Errorf("%s and %s: want %t", tt.a, tt.b, tt.want)
		}
	}
}
