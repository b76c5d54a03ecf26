package contract_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/contract"
)

// A reply is an answer that a server of the tests gives.
type reply struct {
	status      int
	contentType string
	body        string
}

func ok(body string) reply { return reply{http.StatusOK, "application/json; charset=utf-8", body} }

// roundTrip is a function that is an [http.RoundTripper].
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answering gives the same answer to every request.
func answering(r reply) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		header := http.Header{}
		if r.contentType != "" {
			header.Set("Content-Type", r.contentType)
		}
		resp := &http.Response{
			StatusCode: r.status, Header: header, Body: io.NopCloser(strings.NewReader(r.body)), ContentLength: int64(len(r.body)), Request: req,
		}
		if r.body == "" {
			resp.Body = http.NoBody
		}
		return resp, nil
	}
}

func acme(t testing.TB) []byte {
	t.Helper()
	spec, err := os.ReadFile("testdata/acme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func newChecker(t testing.TB, spec []byte, opts ...contract.Option) *contract.Checker {
	t.Helper()
	checker, err := contract.New(spec, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

// get sends a request for a path of the API through checker, and returns the
// body of the answer.
func get(t testing.TB, checker *contract.Checker, path string, r reply) string {
	t.Helper()
	return send(t, checker, http.MethodGet, "https://api.acme.example/v1"+path, r)
}

func send(t testing.TB, checker *contract.Checker, method, url string, r reply) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := checker.Transport(answering(r)).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// lines returns the findings in short, such as "other type id: string".
func lines(r *contract.Report) []string {
	list := []string{}
	for _, f := range r.Findings {
		seen := strings.Join(f.Observed, ",")
		if f.Nullable {
			seen = strings.Trim(seen+",null", ",")
		}
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s: %s", f.Kind, f.Where, seen)))
	}
	return list
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
