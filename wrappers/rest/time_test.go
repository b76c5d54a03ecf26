package rest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// odd is what vendors send in place of a time.
var odd = []string{
	`""`, `"never"`, `"0000-00-00"`, `"31.12.2026"`, `"2026-13-01T00:00:00Z"`, `"\u00e9\n"`, `null`, `true`, `{"seconds":1}`, `[2026, 1]`,
	`"0001-01-01T00:00:00Z"`, `-0.5`, `1e400`,
}

func TestTime(t *testing.T) {
	moment := time.Date(2026, 3, 27, 10, 20, 30, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-27T10:20:30Z":          moment,
		"2026-03-27T12:20:30+02:00":     moment,
		"2026-03-27T10:20:30":           moment,
		"2026-03-27T10:20:30.5Z":        moment.Add(time.Second / 2),
		"2026-03-27T10:20:30.123456789": moment.Add(123456789),
		"2026-03-27T10:20:30.5000000Z":  moment.Add(time.Second / 2),
	} {
		var v rest.Time
		if err := json.Unmarshal([]byte(`"`+text+`"`), &v); err != nil || !v.Equal(want) || v.Text() != text || v.IsZero() {
			t.Errorf("%s: %v, %v", text, v, err)
		}
		if back, err := rest.Encode(v); err != nil || string(back) != `"`+text+`"` {
			t.Errorf("%s comes back as %s, %v", text, back, err)
		}
		v.Time = v.Add(time.Hour)
		if got, want := v.Text(), v.Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: an hour later it is %s, want %s", text, got, want)
		}
	}
	v := rest.NewTime(moment)
	if back, err := json.Marshal(v); err != nil || string(back) != `"2026-03-27T10:20:30Z"` || v.Text() != "2026-03-27T10:20:30Z" {
		t.Errorf("got %s, %v", back, err)
	}
	if !(rest.Time{}).IsZero() || v.IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestOddTimesAreKept(t *testing.T) {
	for _, raw := range append(odd, "1700000000", "7.5") {
		var v rest.Time
		if err := rest.Decode([]byte(" "+raw+" "), &v); err != nil || !v.Time.IsZero() || v.IsZero() {
			t.Errorf("%s: %v, %v", raw, v, err)
		}
		if back, err := rest.Encode(v); err != nil || string(back) != raw {
			t.Errorf("%s comes back as %s, %v", raw, back, err)
		}
		want := raw
		if raw[0] == '"' && json.Unmarshal([]byte(raw), &want) != nil {
			t.Fatal(raw)
		}
		if v.Text() != want {
			t.Errorf("%s: the text is %q", raw, v.Text())
		}
		v.Time = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		if back, err := rest.Encode(v); err != nil || string(back) != `"2026-01-02T03:04:05Z"` {
			t.Errorf("%s, then set: %s, %v", raw, back, err)
		}
	}
	for _, raw := range []string{"", "tru", `"`, "{", "1 2"} {
		if err := rest.Decode([]byte(raw), new(rest.Time)); err == nil {
			t.Errorf("%s is no JSON, but a time", raw)
		}
	}
}

func TestUnixTime(t *testing.T) {
	for raw, seconds := range map[string]int64{
		"1700000000": 1700000000, `"1700000000"`: 1700000000, "0": 0, "-1": -1, "1.7e9": 1700000000, "1700000000.0": 1700000000,
	} {
		var v rest.UnixTime
		if err := json.Unmarshal([]byte(raw), &v); err != nil || v.Unix() != seconds || v.Location() != time.UTC || v.IsZero() {
			t.Errorf("%s: %v, %v", raw, v, err)
		}
		if back, err := rest.Encode(v); err != nil || string(back) != raw {
			t.Errorf("%s comes back as %s, %v", raw, back, err)
		}
	}
	var quoted rest.UnixTime
	if err := rest.Decode([]byte(`"1700000000"`), &quoted); err != nil || quoted.Text() != "1700000000" {
		t.Errorf("a query would have %s, %v", quoted.Text(), err)
	}
	quoted.Time = quoted.Add(time.Second)
	if back, err := json.Marshal(quoted); err != nil || string(back) != "1700000001" {
		t.Errorf("a second later it is %s, %v", back, err)
	}
	v := rest.NewUnixTime(time.Date(2023, 11, 14, 22, 13, 20, 999, time.UTC))
	if back, err := json.Marshal(v); err != nil || string(back) != "1700000000" || v.Text() != "1700000000" || v.Nanosecond() != 0 {
		t.Errorf("got %s, %v", back, err)
	}
	if before := rest.NewUnixTime(time.Unix(-1, 5)); before.Text() != "-1" {
		t.Errorf("got %s", before.Text())
	}
	if !(rest.UnixTime{}).IsZero() || v.IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestOddUnixTimesAreKept(t *testing.T) {
	for _, raw := range append(odd, "1700000000.5", `"2026-03-27T10:20:30Z"`, "99999999999999999999") {
		var v rest.UnixTime
		if err := rest.Decode([]byte(raw), &v); err != nil || !v.Time.IsZero() || v.IsZero() {
			t.Errorf("%s: %v, %v", raw, v, err)
		}
		if back, err := rest.Encode(v); err != nil || string(back) != raw {
			t.Errorf("%s comes back as %s, %v", raw, back, err)
		}
	}
}
