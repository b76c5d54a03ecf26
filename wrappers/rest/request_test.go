package rest_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// echo returns a client of a server that stores each request and its body.
func echo(t *testing.T) (client *rest.Client, last *http.Request, body *string) {
	t.Helper()
	last, body = new(http.Request), new(string)
	client = serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		*last, *body = *r, string(text)
		_, _ = io.WriteString(w, "{}")
	})
	return client, last, body
}

func TestPathParameters(t *testing.T) {
	client, last, _ := echo(t)
	tests := []struct{ value, want string }{
		{"42", "42"},
		{"a/b", "a%2Fb"},
		{"/", "%2F"},
		{"//evil.example", "%2F%2Fevil.example"},
		{"a%2Fb", "a%252Fb"},
		{"%", "%25"},
		{"%2e%2e", "%252e%252e"},
		{"../x", "..%2Fx"},
		{`..\x`, "..%5Cx"},
		{"...", "..."},
		{".a", ".a"},
		{"é", "%C3%A9"},
		{"日本", "%E6%97%A5%E6%9C%AC"},
		{"a b", "a%20b"},
		{" ", "%20"},
		{"+", "%2B"},
		{"?#", "%3F%23"},
		{"a?b=c#d", "a%3Fb%3Dc%23d"},
		{"a;b=c,d@e:f", "a%3Bb%3Dc%2Cd%40e%3Af"},
		{"\x00\r\n\x7f", "%00%0D%0A%7F"},
		{"\xff", "%FF"},
		{"~-_.", "~-_."},
		{strings.Repeat("x", 5000), strings.Repeat("x", 5000)},
	}
	for _, tt := range tests {
		r := client.NewRequest(&opGet, nil)
		r.Literal("/things/")
		r.PathString("id", tt.value)
		r.Literal("/graph")
		if _, err := rest.Do[Thing](t.Context(), r); err != nil {
			t.Errorf("%.40q: %v", tt.value, err)
			continue
		}
		if want := "/v1/things/" + tt.want + "/graph"; last.RequestURI != want {
			t.Errorf("%.40q: the server saw %.80s, want %.80s", tt.value, last.RequestURI, want)
		}
		if want := "/v1/things/" + tt.value + "/graph"; last.URL.Path != want {
			t.Errorf("%.40q: the server understood %.80q", tt.value, last.URL.Path)
		}
	}
}

func TestPathParametersThatWouldAddressSomethingElse(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, value := range []string{"", ".", ".."} {
		r := client.NewRequest(&opGet, nil)
		r.Literal("/things/")
		r.PathString("id", value)
		r.PathString("other", "") // the first mistake counts
		_, err := rest.Do[Thing](t.Context(), r)
		wantText(t, err, []string{"acme: getThing: path parameter id"})
		wantText(t, rest.DoEmpty(t.Context(), r), []string{"path parameter id"})
		_, err = rest.DoStream(t.Context(), r)
		wantText(t, err, []string{"path parameter id"})
	}
}

func TestIntegersInThePath(t *testing.T) {
	client, last, _ := echo(t)
	for value, want := range map[int64]string{0: "0", -7: "-7", math.MaxInt64: "9223372036854775807", math.MinInt64: "-9223372036854775808"} {
		r := client.NewRequest(&opGet, nil)
		r.Literal("/things/")
		r.PathInt("id", value)
		if _, err := rest.Do[Thing](t.Context(), r); err != nil || last.RequestURI != "/v1/things/"+want {
			t.Errorf("%d: %s, %v", value, last.RequestURI, err)
		}
	}
}

// A path template that needs escaping itself must not undo that of a
// parameter.
func TestPathTemplateWithOddCharacters(t *testing.T) {
	client, last, _ := echo(t)
	for _, literal := range []string{"/a|b/", "/é/", "/a b/", "/a?b/", "/a#b/", "/a\"b/", "/a%zz/"} {
		*last = http.Request{}
		r := client.NewRequest(&opGet, nil)
		r.Literal(literal)
		r.PathString("id", "c/d")
		_, err := rest.Do[Thing](t.Context(), r)
		if err == nil && !strings.HasSuffix(last.RequestURI, "/c%2Fd") {
			t.Errorf("%s: the server saw %s", literal, last.RequestURI)
		}
	}
}

func TestBaseURLIsKeptAsItIs(t *testing.T) {
	var uri string
	capture := &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		uri = req.URL.String() + " " + req.Host
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: req}, nil
	})}
	for base, want := range map[string]string{
		"https://api.example.com":            "https://api.example.com/things/a%2Fb api.example.com",
		"https://api.example.com/":           "https://api.example.com/things/a%2Fb api.example.com",
		" https://api.example.com/v1// ":     "https://api.example.com/v1/things/a%2Fb api.example.com",
		"https://api.example.com:8443/v1":    "https://api.example.com:8443/v1/things/a%2Fb api.example.com:8443",
		"https://api.example.com/a%2Fb/":     "https://api.example.com/a%2Fb/things/a%2Fb api.example.com",
		"https://api.example.com/a b|c":      "https://api.example.com/a%20b%7Cc/things/a%2Fb api.example.com",
		"https://api.example.com/é":          "https://api.example.com/%C3%A9/things/a%2Fb api.example.com",
		"http://[::1]:8080":                  "http://[::1]:8080/things/a%2Fb [::1]:8080",
		"HTTPS://API.example.com/V1":         "https://API.example.com/V1/things/a%2Fb API.example.com",
		"https://api.example.com/things?#":   "",
		"https://api.example.com/a%2Fb%zz":   "",
		"https://api.example.com/v1?key=abc": "",
	} {
		client, err := rest.NewClient("acme", base, capture)
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken", base)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		r := client.NewRequest(&opGet, nil)
		r.Literal("/things/")
		r.PathString("id", "a/b")
		if _, err := rest.Do[Thing](t.Context(), r); err != nil || uri != want {
			t.Errorf("%s: %s, want %s (%v)", base, uri, want, err)
		}
	}
}

func FuzzPathString(f *testing.F) {
	for _, seed := range []string{"", ".", "..", "a/b", "a%2Fb", "é", " ", "?#", "%2e", "\xff", ";", ".%00."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var got *url.URL
		client, err := rest.NewClient("acme", "https://api.example.com/v1", &http.Client{
			Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
				got = req.URL
				return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: req}, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := client.NewRequest(&opGet, nil)
		r.Literal("/things/")
		r.PathString("id", value)
		r.Literal("/graph")
		if _, err := rest.Do[Thing](t.Context(), r); err != nil {
			if got != nil || value != "" && value != "." && value != ".." {
				t.Fatalf("%q: %v", value, err)
			}
			return
		}
		segments := strings.Split(got.RequestURI(), "/")
		if len(segments) != 5 || segments[2] != "things" || segments[4] != "graph" || strings.ContainsAny(segments[3], "?#;\\ ") {
			t.Fatalf("%q addresses %s", value, got.RequestURI())
		}
		if back, err := url.PathUnescape(segments[3]); err != nil || back != value {
			t.Fatalf("%q comes back as %q, %v", value, back, err)
		}
	})
}

func TestQuery(t *testing.T) {
	client, last, _ := echo(t)
	r := client.NewRequest(&opGet, nil)
	r.Literal("/things")
	q := r.Query()
	q.String("name", "a&b=c+d é#")
	q.Int("page", -2)
	q.Bool("all", false)
	q.Float("ratio", 1e21)
	q.List("id", false, ",", []string{"1", "a,b", ""})
	q.List("tag", true, ",", []string{"x y", "z"})
	q.List("none", false, ",", nil)
	if _, err := rest.Do[Thing](t.Context(), r); err != nil {
		t.Fatal(err)
	}
	want := "/v1/things?name=a%26b%3Dc%2Bd+%C3%A9%23&page=-2&all=false&ratio=1e%2B21&id=1,a%2Cb,&tag=x+y&tag=z"
	if last.RequestURI != want {
		t.Errorf("the server saw\n%s, want\n%s", last.RequestURI, want)
	}
}

func TestNoQueryMeansNoQuestionMark(t *testing.T) {
	client, last, _ := echo(t)
	if _, err := getThing(t, client); err != nil || strings.Contains(last.RequestURI, "?") {
		t.Errorf("the server saw %s, %v", last.RequestURI, err)
	}
}

func TestJSONBody(t *testing.T) {
	client, last, body := echo(t)
	r := client.NewRequest(&opPost, nil)
	r.Literal("/things")
	r.JSON("application/json", &Patch{
		Count: rest.Ptr(int64(0)), Enabled: rest.Ptr(false), Note: rest.NullOf[string](),
		Password: rest.Value(rest.NewSecret(`hunter"2`)), Ratio: rest.Ptr(1e21),
	})
	if _, err := rest.Do[Thing](t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if want := `{"count":0,"enabled":false,"note":null,"password":"hunter\"2","ratio":1e+21}`; *body != want {
		t.Errorf("the server saw %s, want %s", *body, want)
	}
	if last.Method != http.MethodPost || last.ContentLength != int64(len(*body)) || last.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the server saw %s, %d bytes, %v", last.Method, last.ContentLength, last.Header)
	}
}

func TestBodyThatCannotBeWritten(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	r := client.NewRequest(&opPost, nil)
	r.JSON("application/json", &Patch{Password: rest.Value(rest.NewSecret("hunter2")), Ratio: rest.Ptr(math.NaN())})
	wantText(t, rest.DoEmpty(t.Context(), r), []string{"acme: addThing: encoding the body: json: ratio"}, "hunter2")

	r = client.NewRequest(&opPost, nil)
	r.JSON("application/json", rest.Raw(`{"a":`))
	wantText(t, rest.DoEmpty(t.Context(), r), []string{"acme: addThing: encoding the body: "})

	r = client.NewRequest(&opPost, nil)
	r.Missing("body")
	wantText(t, rest.DoEmpty(t.Context(), r), []string{"acme: addThing: body must not be nil"})
}

func TestFormBody(t *testing.T) {
	client, last, body := echo(t)
	r := client.NewRequest(&opPost, nil)
	r.Form(&Patch{Count: rest.Ptr(int64(0)), Enabled: rest.Ptr(true), Note: rest.Value(""), Password: rest.Value(rest.NewSecret("a&b=c d+é%"))})
	if err := rest.DoEmpty(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if want := "count=0&enabled=true&note=&password=a%26b%3Dc+d%2B%C3%A9%25"; *body != want {
		t.Errorf("the server saw %s, want %s", *body, want)
	}
	if got := last.Header.Get("Content-Type"); got != "application/x-www-form-urlencoded" {
		t.Errorf("Content-Type is %q", got)
	}
	r = client.NewRequest(&opPost, nil)
	r.Form(&Patch{})
	if err := rest.DoEmpty(t.Context(), r); err != nil || *body != "" || last.ContentLength != 0 {
		t.Errorf("the server saw %q, %d bytes, %v", *body, last.ContentLength, err)
	}
}

// A transport that sends a request again needs its body again.
func TestBodyCanBeReadAgain(t *testing.T) {
	client := newClientVia(t, "https://api.example.com", &http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			first, _ := io.ReadAll(req.Body)
			for range 2 {
				again, err := req.GetBody()
				if err != nil {
					return nil, err
				}
				if text, _ := io.ReadAll(again); string(text) != string(first) || string(text) != `{"count":1}` {
					t.Errorf("got %q after %q", text, first)
				}
			}
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: req}, nil
		}),
	})
	r := client.NewRequest(&opPost, nil)
	r.JSON("application/json", &Patch{Count: rest.Ptr(int64(1))})
	if err := rest.DoEmpty(t.Context(), r); err != nil {
		t.Error(err)
	}
}

func TestHeaders(t *testing.T) {
	client, last, _ := echo(t)
	if _, err := getThing(t, client); err != nil {
		t.Fatal(err)
	}
	if agent := last.Header.Get("User-Agent"); agent != "latchkey/"+rest.Version {
		t.Errorf("User-Agent is %q", agent)
	}
	if accept := last.Header.Get("Accept"); accept != "application/json" {
		t.Errorf("Accept is %q", accept)
	}
	if err := ping(t, client); err != nil || last.Header["Accept"] != nil {
		t.Errorf("Accept is %q, %v", last.Header["Accept"], err)
	}
	r := client.NewRequest(&opPost, []rest.CallOption{
		rest.WithHeader("x-trace", "1"), rest.WithHeader("X-Trace", "2"), rest.WithHeader("x-list", "é"),
		rest.WithHeader("user-agent", "demo/1"), rest.WithHeader("accept", "text/plain"), rest.WithHeader("Content-type", "application/merge-patch+json"),
	})
	r.Header("X-List", "from the description")
	r.Header("X-Described", "yes")
	r.JSON("application/json", rest.Raw(`{}`))
	if err := rest.DoEmpty(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"X-Trace": "2", "X-List": "é", "User-Agent": "demo/1", "Accept": "text/plain",
		"Content-Type": "application/merge-patch+json", "X-Described": "yes",
	} {
		if got := last.Header[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if err := ping(t, client); err != nil || last.Header.Get("User-Agent") != "latchkey/"+rest.Version || last.Header.Get("X-Trace") != "" {
		t.Errorf("options of one call changed another: %v", last.Header)
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, value := range []string{"hunter2\r\nX-Evil: 1", "hunter2\nX", "hunter2\x00"} {
		_, err := getThing(t, client, rest.WithHeader("X-Key", value))
		wantText(t, err, []string{"acme: getThing: ", "X-Key"}, "hunter2", "Evil")
		r := client.NewRequest(&opGet, nil)
		r.Header("X-Key", value)
		wantText(t, rest.DoEmpty(t.Context(), r), []string{"X-Key"}, "hunter2", "Evil")
	}
	_, err := getThing(t, client, rest.WithHeader("X Key\r\n", "hunter2"))
	wantText(t, err, []string{"acme: getThing: "}, "hunter2")
}

func TestWithResponse(t *testing.T) {
	for _, status := range []int{200, 404} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "r-42")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"id":7}`)
		})
		var resp *http.Response
		thing, err := getThing(t, client, rest.WithResponse(&resp))
		if (err == nil) != (status == 200) || (thing != nil) != (status == 200) {
			t.Errorf("status %d: %v, %v", status, thing, err)
		}
		if resp.StatusCode != status || resp.Header.Get("X-Request-Id") != "r-42" {
			t.Errorf("got %v", resp)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); err == nil {
			t.Error("the body is open")
		}
	}
	var resp *http.Response
	if _, err := getThing(t, nowhere(t), rest.WithResponse(&resp)); err == nil || resp != nil {
		t.Errorf("got %v, %v without an answer", resp, err)
	}
}

func TestOperationTravelsWithTheRequest(t *testing.T) {
	if op := rest.OperationFrom(t.Context()); op != nil {
		t.Errorf("got %v from nowhere", op)
	}
	type key struct{}
	client := newClientVia(t, "https://api.example.com", &http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			if op := rest.OperationFrom(req.Context()); op != &opGet || req.Context().Value(key{}) != "kept" {
				t.Errorf("got %v", op)
			}
			return nil, errors.New("done")
		}),
	})
	_, err := rest.Do[Thing](context.WithValue(t.Context(), key{}, "kept"), client.NewRequest(&opGet, nil))
	wantText(t, err, []string{"acme: getThing: done"})
}
