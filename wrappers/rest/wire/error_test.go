package wire_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// decodeStrict decodes documents such as {"data":{"users":[{"id":1}]}}.
func decodeStrict(document string) error {
	d := wire.NewDecoder(document)
	members := func(known map[string]func()) {
		if !d.Object() {
			return
		}
		for d.Next() {
			if read, ok := known[d.Key()]; ok {
				read()
			} else {
				d.Skip()
			}
		}
	}
	elements := func(read func()) {
		if !d.Array() {
			return
		}
		for d.More() {
			read()
		}
	}
	user := map[string]func(){
		"id":    func() { d.Int64() },
		"small": func() { d.Int32() },
		"name":  func() { _ = d.String() },
		"rate":  func() { d.Float64() },
		"admin": func() { d.Bool() },
		"tags":  func() { elements(func() { _ = d.String() }) },
		"since": func() {
			if s := d.String(); !strings.HasSuffix(s, "Z") {
				d.Fail(errWrongDate)
			}
		},
		"kind": func() {
			if d.Kind() != wire.Bool {
				d.Fail(errWrongDate)
			}
			d.Skip()
		},
		"any": func() {
			d.Skip()
			d.Fail(errWrongDate)
		},
	}
	data := map[string]func(){"users": func() { elements(func() { members(user) }) }}
	members(map[string]func(){"data": func() { members(data) }})
	d.End()
	return d.Err()
}

var errWrongDate = errors.New("want a date")

func TestErrorText(t *testing.T) {
	users := func(user string) string { return `{"ok":true,"data":{"users":[{"id":1,"tags":["a"]},` + user + `]}}` }
	tests := []struct{ document, want string }{
		{users(`{"id":"secret"}`), "json: data.users[1].id (offset 56): want integer, have string"},
		{users(`{"id":"12 "}`), "json: data.users[1].id (offset 56): want integer, have string"},
		{users(`{"id":null}`), "json: data.users[1].id (offset 56): want integer, have null"},
		{users(`{"id":[4711]}`), "json: data.users[1].id (offset 56): want integer, have array"},
		{users(`{"id":4711.5}`), "json: data.users[1].id (offset 56): want integer, have a fraction"},
		{users(`{"id":47110000000000000000}`), "json: data.users[1].id (offset 56): integer out of range"},
		{users(`{"id":secret}`), "json: data.users[1].id (offset 56): want integer, have invalid JSON"},
		{users(`{"id":-x}`), "json: data.users[1].id (offset 57): invalid number"},
		{users(`{"id":01}`), "json: data.users[1].id (offset 56): invalid number"},
		{users(`{"small":4294967296}`), "json: data.users[1].small (offset 59): integer out of range"},
		{users(`{"name":4711}`), "json: data.users[1].name (offset 58): want string, have number"},
		{users(`{"name":{"secret":1}}`), "json: data.users[1].name (offset 58): want string, have object"},
		{users(`{"name":"secret\x"}`), "json: data.users[1].name (offset 65): invalid character or escape in a string"},
		{users("{\"name\":\"secret\n\"}"), "json: data.users[1].name (offset 65): invalid character or escape in a string"},
		{users(`{"rate":1e999}`), "json: data.users[1].rate (offset 58): number out of range"},
		{users(`{"rate":"NaN"}`), "json: data.users[1].rate (offset 58): want number, have string"},
		{users(`{"admin":"true"}`), "json: data.users[1].admin (offset 59): want bool, have string"},
		{users(`{"admin":troe}`), "json: data.users[1].admin (offset 61): invalid literal"},
		{users(`{"tags":["a",4711]}`), "json: data.users[1].tags[1] (offset 63): want string, have number"},
		{users(`{"tags":[4711]}`), "json: data.users[1].tags[0] (offset 59): want string, have number"},
		{users(`{"tags":["a",]}`), "json: data.users[1].tags[1] (offset 63): want string, have invalid JSON"},
		{users(`{"tags":["a" "b"]}`), "json: data.users[1].tags (offset 63): want a comma or the end"},
		{users(`{"tags":"secret"}`), "json: data.users[1].tags (offset 58): want array, have string"},
		{users(`[]`), "json: data.users[1] (offset 50): want object, have array"},
		{users(`{"x":{"y":[1,{"z":flase}]}}`), "json: data.users[1].x.y[1].z (offset 69): invalid literal"},
		{users(`{"x":?}`), "json: data.users[1].x (offset 55): want a value, have invalid JSON"},
		{users(`{"x":1,?}`), "json: data.users[1] (offset 57): want the name of a member"},
		{users(`{"x"?}`), "json: data.users[1] (offset 54): want a colon"},
		{users(`{"id":1}?`), "json: data.users[1] (offset 58): want a comma or the end"},
		{users(`{"since":"secret","id":1}`), "json: data.users[1].since (offset 59): want a date"},
		{users(`{"since":"secret"}`), "json: data.users[1].since (offset 59): want a date"},
		{users(`{"kind":4711}`), "json: data.users[1].kind (offset 58): want a date"},
		{users(`{"any":{"x":[{"y":1}]} }`), "json: data.users[1].any (offset 57): want a date"},
		{users(`{"any":[]}`), "json: data.users[1].any (offset 57): want a date"},
		{users(`{"any":4711}`), "json: data.users[1].any (offset 57): want a date"},
		{`{"data":[]}`, "json: data (offset 8): want object, have array"},
		{`{"a b":{"":[{"c.d":{"e\n":x}}]}}`, `json: ["a b"][""][0]["c.d"]["e\n"] (offset 26): want a value, have invalid JSON`},
		{`{"z\u00f6e":{"` + strings.Repeat("é", 40) + `":x}}`, "json: zöe." + strings.Repeat("é", 32) + " (offset 96): want a value, have invalid JSON"},
		{`[1,2]`, "json: top level (offset 0): want object, have array"},
		{"\ufeff <html>", "json: top level (offset 4): want object, have invalid JSON"},
		{`{} x`, "json: top level (offset 3): want the end of the document"},
		{``, "json: top level (offset 0): unexpected end"},
		{`{"data":{"users":[{"id":1},{"id":`, "json: data.users[1].id (offset 33): unexpected end"},
		{`{"data":{"users":[{"id":1},{"name":"secr`, "json: data.users[1].name (offset 40): unexpected end"},
		{`{"data":{"users":[`, "json: data.users[0] (offset 18): unexpected end"},
		{`{"data":{"users":[{"id":1}`, "json: data.users[0] (offset 26): unexpected end"},
		{`{"data":{"users":[],`, "json: data (offset 20): unexpected end"},
		{`{"data":{"users":[{"admin":tr`, "json: data.users[0].admin (offset 29): unexpected end"},
		{`{"data":{"users":[{"id":-`, "json: data.users[0].id (offset 25): unexpected end"},
		{`{"x":"\u12`, "json: x (offset 10): unexpected end"},
	}
	for _, tt := range tests {
		err := decodeStrict(tt.document)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s\ngot  %v\nwant %s", tt.document, err, tt.want)
			continue
		}
		if e := (*wire.Error)(nil); !errors.As(err, &e) {
			t.Errorf("%T is not an Error", err)
		}
		if got, want := errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(tt.want, "unexpected end"); got != want {
			t.Errorf("%v wraps ErrUnexpectedEOF: %v", err, got)
		}
		if got, want := errors.Is(err, errWrongDate), strings.HasSuffix(tt.want, "want a date"); got != want {
			t.Errorf("%v wraps what Fail was given: %v", err, got)
		}
	}
}

func TestErrorsHaveNoValues(t *testing.T) {
	document := `{"data":{"users":[{"id":471147,"small":4711,"name":"s3cret","rate":47.11,"admin":true,"tags":["s3cret","s\u0033cret"]}]}}`
	for cut := range document {
		for _, insert := range []string{"", "?", `"`, "{", "]", ",", "4", "\\"} {
			err := decodeStrict(document[:cut] + insert)
			if err == nil {
				t.Fatalf("no error after cutting at %d", cut)
			}
			e := (*wire.Error)(nil)
			if !errors.As(err, &e) {
				t.Fatalf("%T is not an Error", err)
			}
			for _, value := range []string{"cret", "47", "11", "true"} {
				if strings.Contains(e.Path+e.Msg, value) {
					t.Fatalf("cut at %d: %v", cut, err)
				}
			}
		}
	}
}

func TestErrorPathIsShort(t *testing.T) {
	name := `{"` + strings.Repeat("n", 70) + `":`
	err := decodeStrict(strings.Repeat(name, 100) + "x")
	e := (*wire.Error)(nil)
	if !errors.As(err, &e) || len(e.Path) != 512 || !strings.HasPrefix(e.Path, strings.Repeat("n", 64)+".n") {
		t.Errorf("got %v", err)
	}
}

func TestFailNil(t *testing.T) {
	d := wire.NewDecoder("1")
	if d.Fail(nil); d.Err() != nil || d.Int64() != 1 {
		t.Error("Fail(nil) changed the decoder")
	}
}

func ExampleDecoder() {
	var status struct {
		Code int64
		Tags []string
	}
	d := wire.NewDecoder(`{"code": "404", "tags": ["a", "b"], "more": {"x": [1]}}`)
	if d.Object() {
		for d.Next() {
			switch d.Key() {
			case "code":
				status.Code = d.Int64()
			case "tags":
				if d.Array() {
					for d.More() {
						status.Tags = append(status.Tags, d.String())
					}
				}
			default:
				fmt.Println("unknown:", d.Key(), d.Raw())
			}
		}
	}
	d.End()
	fmt.Println(status, d.Err())
	// Output:
	// unknown: more {"x": [1]}
	// {404 [a b]} <nil>
}
