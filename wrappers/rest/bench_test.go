package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// memory answers every request from memory, so that only the work of the
// client remains. It states the size of the body if sized is set.
type memory struct {
	body  string
	sized bool
}

func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	size := int64(-1)
	if m.sized {
		size = int64(len(m.body))
	}
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(m.body)),
		ContentLength: size,
		Request:       req,
	}, nil
}

func BenchmarkDo(b *testing.B) {
	thing := `{"id":7,"name":"demo","note":null,"tags":["a","b"]}`
	for _, size := range []int{1, 40, 100_000} {
		list := `{"id":1,"name":"list","items":[` + strings.Repeat(thing+",", size-1) + thing + `]}`
		for _, sized := range []bool{true, false} {
			b.Run(fmt.Sprintf("items=%d/sized=%t", size, sized), func(b *testing.B) {
				client, err := rest.NewClient("acme", "https://api.example.com/v1", &http.Client{Transport: memory{list, sized}})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(list)))
				b.ReportAllocs()
				for b.Loop() {
					r := client.NewRequest(&opGet, nil)
					r.Literal("/things/")
					r.PathString("id", "a b")
					r.Query().Int("page", 2)
					if _, err := rest.Do[Thing](b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	client, err := rest.NewClient("acme", "https://api.example.com/v1", &http.Client{Transport: memory{"{}", true}})
	if err != nil {
		b.Fatal(err)
	}
	body := &Thing{ID: 7, Name: strconv.Itoa(7)}
	b.ReportAllocs()
	for b.Loop() {
		r := client.NewRequest(&opPost, nil)
		r.Literal("/things")
		r.JSON("application/json", body)
		if _, err := rest.Do[Thing](b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
