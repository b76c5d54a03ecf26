package contract_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/contract"
)

func readAll(t *testing.T, body io.ReadCloser) string {
	t.Helper()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// begin sends a request and returns the answer, whose body is src.
func begin(t *testing.T, checker *contract.Checker, contentType string, src io.ReadCloser) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.acme.example/v1/note", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := checker.Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {contentType}}, Body: src, ContentLength: -1, Request: req}, nil
	})).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// TestBodiesArePassedOnAsTheyCome reads each part of a body before the next one
// is sent.
func TestBodiesArePassedOnAsTheyCome(t *testing.T) {
	for _, contentType := range []string{"application/json", "text/plain", "text/event-stream", "application/octet-stream"} {
		checker := newChecker(t, acme(t))
		r, w := io.Pipe()
		resp := begin(t, checker, contentType, r)
		defer resp.Body.Close()
		var got strings.Builder
		for _, part := range []string{`{"a`, `b": `, `1}`} {
			go func() { _, _ = w.Write([]byte(part)) }()
			buf := make([]byte, len(part))
			if _, err := io.ReadFull(resp.Body, buf); err != nil {
				t.Fatal(err)
			}
			got.Write(buf)
		}
		_ = w.Close()
		got.WriteString(readAll(t, resp.Body))
		if got.String() != `{"ab": 1}` {
			t.Errorf("%s: got %q", contentType, got.String())
		}
	}
}

func TestWhatIsNotCompared(t *testing.T) {
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write([]byte(`{"ab": 1}`))
	_ = zip.Close()
	large := `{"ab": "` + strings.Repeat("x", contract.BodyLimit) + `"}`
	errBroken := errors.New("connection reset")
	tests := []struct {
		name        string
		contentType string
		encoding    string
		length      int64
		body        io.Reader
		want        string // counters
	}{
		{name: "compared", contentType: "application/json", body: strings.NewReader(`{"ab": 1}`), want: "compared 1"},
		{name: "under another name", contentType: "application/problem+json", body: strings.NewReader(`{"ab": 1}`), want: "compared 1"},
		{name: "text", contentType: "text/plain", body: strings.NewReader("hello"), want: "not JSON 1"},
		{name: "a stream of events", contentType: "text/event-stream", body: strings.NewReader("data: {}\n\n"), want: "not JSON 1"},
		{name: "garbage", contentType: "application/json", body: strings.NewReader("{]"), want: "not JSON 1"},
		{name: "two values", contentType: "application/json", body: strings.NewReader("{} {}"), want: "not JSON 1"},
		{name: "cut", contentType: "application/json", body: strings.NewReader(`{"ab"`), want: "cut short 1"},
		{name: "broken off", contentType: "application/json", body: io.MultiReader(strings.NewReader(`{"ab": 1}`), broken{errBroken}), want: "cut short 1"},
		{name: "large, length known", contentType: "application/json", length: int64(len(large)), body: strings.NewReader(large), want: "too large 1"},
		{name: "large, length unknown", contentType: "application/json", length: -1, body: strings.NewReader(large), want: "too large 1"},
		{name: "compressed", contentType: "application/json", encoding: "gzip", body: &zipped, want: "not JSON 1"},
		{name: "empty", contentType: "application/json", body: strings.NewReader(""), want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checker := newChecker(t, acme(t))
			sent, err := io.ReadAll(tt.body)
			length := tt.length
			if length == 0 {
				length = -1
			}
			body := io.MultiReader(bytes.NewReader(sent), broken{err})
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.acme.example/v1/note", nil)
			resp, _ := checker.Transport(roundTrip(func(req *http.Request) (*http.Response, error) {
				header := http.Header{"Content-Type": {tt.contentType}}
				if tt.encoding != "" {
					header.Set("Content-Encoding", tt.encoding)
				}
				return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(body), ContentLength: length, Request: req}, nil
			})).RoundTrip(req)
			got, gotErr := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if !bytes.Equal(got, sent) || !errors.Is(gotErr, err) {
				t.Errorf("the program got %d bytes and %v, the server sent %d and %v", len(got), gotErr, len(sent), err)
			}
			if got := counters(checker.Report()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// broken is the end of a body.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}

// counters returns the counters of a report that are not 0.
func counters(r *contract.Report) string {
	var parts []string
	for _, c := range []struct {
		name string
		n    int
	}{{"compared", r.Compared}, {"not JSON", r.NotJSON}, {"too large", r.TooLarge}, {"cut short", r.CutShort}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", c.name, c.n))
		}
	}
	return strings.Join(parts, ", ")
}

// TestABodyThatIsClosedAfterItsJSON is what a decoder does that does not look
// for the end.
func TestABodyThatIsClosedAfterItsJSON(t *testing.T) {
	checker := newChecker(t, acme(t))
	resp := begin(t, checker, "application/json", io.NopCloser(strings.NewReader(`{"ab": 1}`)))
	var v any
	if err := json.NewDecoder(io.LimitReader(resp.Body, 9)).Decode(&v); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	_ = resp.Body.Close()
	sameLines(t, lines(checker.Report()), []string{"unknown property ab: integer"})
}

// TestABodyThatIsClosedWhileItIsRead is for the race detector: that is how a
// read is given up.
func TestABodyThatIsClosedWhileItIsRead(t *testing.T) {
	checker := newChecker(t, acme(t))
	r, w := io.Pipe()
	resp := begin(t, checker, "application/json", r)
	var group sync.WaitGroup
	group.Go(func() { _, _ = io.Copy(io.Discard, resp.Body) })
	_, _ = w.Write([]byte(`{"ab`))
	_ = resp.Body.Close()
	group.Wait()
	if r := checker.Report(); r.Compared != 0 || r.Answers != 1 {
		t.Errorf("got %s", r)
	}
}

func TestErrorsOfTheTransportBelowPassThrough(t *testing.T) {
	errDown := errors.New("down")
	checker := newChecker(t, acme(t))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.acme.example/v1/note", nil)
	resp, err := checker.Transport(roundTrip(func(*http.Request) (*http.Response, error) { return nil, errDown })).RoundTrip(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if resp != nil || !errors.Is(err, errDown) {
		t.Errorf("got %v, %v", resp, err)
	}
	if r := checker.Report(); r.Answers != 0 || r.Unmatched != 0 {
		t.Errorf("a failed request counts as an answer: %+v", r)
	}
}

func TestAnswersWithoutABody(t *testing.T) {
	checker := newChecker(t, acme(t))
	send(t, checker, http.MethodDelete, "https://api.acme.example/v1/ping", reply{204, "", ""})
	send(t, checker, http.MethodDelete, "https://api.acme.example/v1/ping", reply{204, "application/json", ""})
	if r := checker.Report(); len(r.Findings) != 0 || r.Answers != 2 || len(r.Confirmed) != 1 {
		t.Errorf("got %s", r)
	}
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	checker := newChecker(t, acme(t))
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			for j := range 20 {
				get(t, checker, "/users/7", ok(fmt.Sprintf(`{"id": %d, "name": "n", "extra%d": %d}`, j, i, j)))
				_ = checker.Report().String()
			}
		})
	}
	group.Wait()
	r := checker.Report()
	if len(r.Findings) != 16 || r.Compared != 320 {
		t.Errorf("got %d findings in %d answers, want 16 in 320", len(r.Findings), r.Compared)
	}
	checker.Reset()
	if r := checker.Report(); len(r.Findings)+len(r.Confirmed)+r.Answers+r.Compared != 0 {
		t.Errorf("after Reset: %s", r)
	}
}

// TestMemoryIsBounded sends names that are ever new.
func TestMemoryIsBounded(t *testing.T) {
	checker := newChecker(t, acme(t))
	for i := range 400 {
		var body strings.Builder
		body.WriteString(`{"id": 1, "name": "n"`)
		for j := range 40 {
			fmt.Fprintf(&body, `, "m%s": 1`, word(i*40+j))
		}
		get(t, checker, "/users/7", ok(body.String()+"}"))
	}
	deep := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	get(t, checker, "/note", ok(deep))
	r := checker.Report()
	if n := len(r.Findings) + len(r.Confirmed); n > 10_000 || r.Dropped == 0 {
		t.Errorf("%d places are kept, %d answers have lost some", n, r.Dropped)
	}
}

// word returns a number in letters.
func word(n int) string {
	text := ""
	for ; n > 0; n /= 26 {
		text += string(rune('a' + n%26))
	}
	return text
}
