package rest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestAnErrorHasTheReasonOfATransport(t *testing.T) {
	why := errors.New("not sent again")
	for body, cause := range map[string]error{`{"reason":"x"}`: nil, "": nil, "<html>": nil, "cut": io.ErrUnexpectedEOF} {
		client := newClientVia(t, "https://api.example.com", &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				reader := io.Reader(strings.NewReader(body))
				if cause != nil {
					reader = io.MultiReader(reader, readerFunc(func([]byte) (int, error) { return 0, cause }))
				}
				return &http.Response{
					StatusCode: http.StatusUnauthorized, Body: io.NopCloser(reader),
					Request: req.WithContext(rest.WithReason(req.Context(), why)),
				}, nil
			}),
		})
		_, err := getThing(t, client)
		wantError(t, err, http.StatusUnauthorized)
		wantText(t, err, []string{"401 Unauthorized: ", "not sent again"})
		if !errors.Is(err, why) || cause != nil && !errors.Is(err, cause) {
			t.Errorf("body %q: %v", body, err)
		}
		if _, err := stream(t.Context(), client); !errors.Is(err, why) {
			t.Errorf("body %q, stream: %v", body, err)
		}
	}
	if why := rest.Reason(t.Context()); why != nil {
		t.Errorf("a context without a reason has %v", why)
	}
}
