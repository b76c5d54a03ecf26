package rest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestATimeoutIsANetworkTimeout(t *testing.T) {
	for name, transport := range map[string]roundTripper{"header": slow(time.Hour, 0), "body": slow(0, time.Hour)} {
		for _, opts := range [][]rest.CallOption{nil, {rest.WithTimeout(time.Second)}} {
			synctest.Test(t, func(t *testing.T) {
				client := newClientVia(t, "https://api.example.com", rest.NewHTTPClient(transport))
				_, err := getThing(t, client, opts...)
				timeout := net.Error(nil)
				if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: got %T: %v", name, err, err)
				}
				wantText(t, err, []string{"acme: getThing: ", "deadline exceeded"})
			})
		}
	}
}

// A server may answer before it has read the request; its transport then goes
// on reading the body after the call returned.
func TestTheBodyMayBeReadAfterTheCall(t *testing.T) {
	returned, done := make(chan struct{}), make(chan string)
	client := newClientVia(t, "https://api.example.com", &http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			go func() {
				<-returned
				body, _ := io.ReadAll(req.Body)
				_ = req.Body.Close()
				done <- string(body) + req.Header.Get("Content-Type")
			}()
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"id":7}`)), Request: req}, nil
		}),
	})
	r := client.NewRequest(&opPost, nil)
	r.JSON("application/json", &Patch{Count: rest.Ptr(int64(1))})
	if _, err := rest.Do[Thing](t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := getThing(t, newClientVia(t, "https://api.example.com", &http.Client{Transport: memory{`{"id":8}`, true}})); err != nil {
		t.Fatal(err)
	}
	close(returned)
	if got := <-done; got != `{"count":1}application/json` {
		t.Errorf("the transport read %s", got)
	}
}

func TestAPathMustNotHaveSegmentsOfDots(t *testing.T) {
	for path, refused := range map[string]bool{"/a/../b": true, "/a/.": true, "/./a": true, "/a/.b": false, "/a/...": false, "/a/..b/c.": false} {
		sent := false
		client := newClientVia(t, "https://api.example.com/v1", &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				sent = true
				return memory{`{}`, true}.RoundTrip(req)
			}),
		})
		r := client.NewRequest(&opGet, nil)
		r.Literal(path)
		if _, err := rest.Do[Thing](t.Context(), r); (err != nil) != refused || sent == refused {
			t.Errorf("%s: sent %t, %v", path, sent, err)
		}
	}
}

func TestALengthThatIsClaimedTakesNoMemoryBeforeMuchHasCome(t *testing.T) {
	for _, size := range []int{100, 2 << 20} {
		source := strings.Repeat(" ", size-2) + "{}"
		client := newClientVia(t, "https://api.example.com", &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, ContentLength: 60 << 20, Body: io.NopCloser(strings.NewReader(source)), Request: req}, nil
			}),
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := getThing(t, client); err != nil {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; size < 1<<20 && n > 2<<20 {
			t.Errorf("%d bytes allocated for %d that came", n, size)
		}
	}
}
