package rest_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// listThings calls GET /things, whose pages have the next one as their note.
func listThings(t *testing.T, client *rest.Client, take int, opts ...rest.CallOption) (ids []int64, last error) {
	t.Helper()
	request := func(opts []rest.CallOption) *rest.Request {
		r := client.NewRequest(&opGet, opts)
		r.Literal("/things")
		return r
	}
	first := func(more ...rest.CallOption) (*Thing, error) {
		return rest.Do[Thing](t.Context(), request(slices.Concat(opts, more)))
	}
	split := func(page *Thing) ([]Thing, string) { return page.Items, page.Note }
	for item, err := range rest.Pages(t.Context(), request(opts), first, split) {
		if err != nil {
			return ids, err
		}
		if ids = append(ids, item.ID); len(ids) == take {
			break
		}
	}
	return ids, nil
}

func TestPages(t *testing.T) {
	for take, want := range map[int]string{-1: "/v1/things /v1/things?page=2 /v1/things?page=3 ", 1: "/v1/things ", 3: "/v1/things /v1/things?page=2 "} {
		var seen strings.Builder
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			seen.WriteString(r.RequestURI + " ")
			if r.Header.Get("X-Trace") != "7" {
				t.Errorf("%s is asked for without the option of the call", r.RequestURI)
			}
			_, _ = io.WriteString(w, map[string]string{
				"":       `{"items":[{"id":1},{"id":2}],"note":"?page=2"}`,
				"page=2": `{"items":[{"id":3}],"note":"http://` + r.Host + `/v1/things?page=3"}`,
				"page=3": `{"items":[],"note":null}`,
			}[r.URL.RawQuery])
		})
		ids, err := listThings(t, client, take, rest.WithHeader("X-Trace", "7"))
		if err != nil || len(ids) != 3 && len(ids) != take {
			t.Errorf("take %d: got %v, %v", take, ids, err)
		}
		if seen.String() != want {
			t.Errorf("take %d: the server saw %s, want %s", take, &seen, want)
		}
	}
}

func TestPagesThatCannotBeAskedFor(t *testing.T) {
	for next, want := range map[string]string{
		"https://elsewhere.example.com/things?page=2": "at another origin (https://elsewhere.example.com)",
		"//elsewhere.example.com/things":              "at another origin (http://elsewhere.example.com)",
		"https://HOST/v1/things?page=2":               "at another origin (https://127.0.0.1",
		"http://user:hunter2@HOST/v1/things":          "at another origin",
		"http://[hunter2":                             "its address is no URL",
		"javascript:alert(1)":                         "at another origin",
		"?page=2":                                     "the same one comes again",
	} {
		calls := 0
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			calls++
			_, _ = io.WriteString(w, `{"items":[{"id":1}],"note":"`+strings.ReplaceAll(next, "HOST", r.Host)+`"}`)
		})
		ids, err := listThings(t, client, -1)
		if !errors.Is(err, rest.ErrPages) || len(ids) != calls || calls > 2 {
			t.Errorf("%s: %d items after %d calls, %v", next, len(ids), calls, err)
		}
		wantText(t, err, []string{"acme: getThing: next page: ", want}, "hunter2")
	}
}

func TestAPageThatFailsEndsTheSequence(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"id":1},{"id":2}],"note":"?page=2"}`)
	})
	ids, err := listThings(t, client, -1)
	if wantError(t, err, http.StatusBadGateway); len(ids) != 2 {
		t.Errorf("got %v before the error", ids)
	}
}
