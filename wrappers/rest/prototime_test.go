package rest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func TestProtoTime(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{"seconds":1893456000,"nanos":0}`, "2030-01-01T00:00:00Z"},
		{`{"seconds":1924992000,"nanos":500000000}`, "2031-01-01T00:00:00.5Z"},
		{`{"nanos":7,"seconds":"1893456000","zone":"UTC"}`, "2030-01-01T00:00:00.000000007Z"},
		{` { "seconds" : 0 } `, "1970-01-01T00:00:00Z"},
		{`{"seconds":null,"nanos":null}`, "1970-01-01T00:00:00Z"},
		{`{}`, "1970-01-01T00:00:00Z"},
		{`{"seconds":-1,"nanos":999999999}`, "1969-12-31T23:59:59.999999999Z"},
		{`{"seconds":253402300799,"nanos":999999999}`, "9999-12-31T23:59:59.999999999Z"},
	}
	for _, tt := range tests {
		var got rest.ProtoTime
		if err := json.Unmarshal([]byte(tt.in), &got); err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if text := got.Format(time.RFC3339Nano); text != tt.want || got.IsZero() {
			t.Errorf("%s: got %s, want %s", tt.in, text, tt.want)
		}
		if data, err := rest.Encode(got); err != nil || string(data) != trimSpaces(tt.in) {
			t.Errorf("%s is encoded as %s, %v", tt.in, data, err)
		}
	}
}

func trimSpaces(text string) string {
	if text[0] == ' ' {
		return text[1 : len(text)-1]
	}
	return text
}

func TestOddProtoTimesAreKept(t *testing.T) {
	for _, in := range []string{
		`null`, `""`, `"2026-01-02T03:04:05Z"`, `1893456000`, `true`, `[]`, `{"seconds":"soon"}`, `{"seconds":1.5}`, `{"seconds":1,"nanos":-1}`,
		`{"seconds":1,"nanos":1000000000}`, `{"seconds":253402300800}`, `{"seconds":-62135596801}`, `{"seconds":99999999999999999999}`, `{"nanos":{}}`,
	} {
		got := rest.NewProtoTime(time.Now())
		if err := rest.Decode([]byte(in), &got); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if !got.Time.IsZero() || got.IsZero() {
			t.Errorf("%s: got %v, IsZero %t", in, got.Time, got.IsZero())
		}
		want := in
		if in[0] == '"' {
			want = in[1 : len(in)-1]
		}
		if got.Text() != want {
			t.Errorf("%s: the text is %s", in, got.Text())
		}
		if data, err := rest.Encode(got); err != nil || string(data) != in {
			t.Errorf("%s is encoded as %s, %v", in, data, err)
		}
	}
}

func TestProtoTimeThatIsSet(t *testing.T) {
	var got rest.ProtoTime
	if !got.IsZero() {
		t.Error("the zero ProtoTime is not zero")
	}
	if err := rest.Decode([]byte(`{"seconds":1,"nanos":2}`), &got); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2031, 2, 3, 4, 5, 6, 7, time.FixedZone("", 3600))
	got.Time = at
	for _, v := range []rest.ProtoTime{got, rest.NewProtoTime(at)} {
		if data, err := json.Marshal(v); err != nil || string(data) != `{"seconds":1927854306,"nanos":7}` {
			t.Errorf("got %s, %v", data, err)
		}
		if v.Text() != "2031-02-03T04:05:06.000000007+01:00" {
			t.Errorf("the text is %s", v.Text())
		}
	}
}
