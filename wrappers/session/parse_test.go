package session_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func jwt(claims string) string {
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

func TestJWTLifetime(t *testing.T) {
	for _, tt := range []struct {
		token string
		want  time.Duration
	}{
		{jwt(`{"iat":1700000000,"exp":1700000300}`), 5 * time.Minute},
		{jwt(`{"iat":1700000000.5,"exp":1700000300.5}`), 5 * time.Minute},
		{jwt(`{"iat":1700000000,"exp":1700000000}`), 0},
		{jwt(`{"iat":1700000300,"exp":1700000000}`), 0},
		{jwt(`{"exp":1700000300}`), 0},
		{jwt(`{"iat":"1700000000","exp":1700000300}`), 0},
		{jwt(`{"iat":null,"exp":1700000300}`), 0},
		{jwt(`{"iat":0,"exp":1e300}`), 0},
		{jwt(`{"iat":0,"exp":1e999}`), 0},
		{jwt(`[]`), 0},
		{jwt(``), 0},
		{"a.b", 0},
		{"", 0},
		{"....", 0},
		{"a.***.c", 0},
	} {
		got, ok := session.JWTLifetime(tt.token)
		if got != tt.want || ok != (tt.want != 0) {
			t.Errorf("%q: got %v, %t, want %v", tt.token, got, ok, tt.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"120", "", 2 * time.Minute},
		{" 120 ", "", 2 * time.Minute},
		{"0", "", 0},
		{"-1", "", 0},
		{"1000000000", "", 24 * time.Hour},
		{"99999999999999999999", "", 24 * time.Hour},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"Sun, 01 Mar 2026 12:03:00 GMT", "", 3 * time.Minute},
		{"Sun, 01 Mar 2026 11:03:00 GMT", "", 0},
		{"Sun, 01 Mar 2026 13:03:00 GMT", "Sun, 01 Mar 2026 13:00:00 GMT", 3 * time.Minute},
		{"Fri, 01 Mar 3026 13:03:00 GMT", "", 24 * time.Hour},
		{"Sun, 01 Mar 2026 12:03:00 GMT", "garbage", 3 * time.Minute},
	} {
		h := http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}
		want(t, tt.value, session.RetryAfter(h, now), tt.want)
	}
}

func TestRecord(t *testing.T) {
	for _, data := range []string{
		``, `null`, `[]`, `{}`, `{"v":2}`, `{"v":"1"}`, `{"v":1,"t":1}`, `{"v":1,"o":1.5}`, `{"v":1`, `{"v":1}x`, "\x00",
	} {
		if r, err := session.DecodeRecord([]byte(data)); !errors.Is(err, session.ErrCorrupt) {
			t.Errorf("%q: got %v, %v", data, r, err)
		}
	}
	secret := "tk-secret"
	_, err := session.DecodeRecord([]byte(`{"v":1,"t":"` + secret + `","o":"` + secret + `"}`))
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	r, err := session.DecodeRecord([]byte(`{"v":1,"t":"x","l":99999999999999999,"i":-5,"unknown":1}`))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "absurd lifetime", r.Lifetime, 0)
	want(t, "absurd idle time", r.Idle, 0)
}

func TestRecordIsSmall(t *testing.T) {
	r := session.Record{
		Vendor: "misaka", Subject: "somebody.with.a.long.name@department.company.example",
		Token: rest.NewSecret(strings.Repeat("x", 900)), Refresh: rest.NewSecret(strings.Repeat("y", 900)),
		Obtained: time.Now(), LastUse: time.Now(), Lifetime: time.Hour, RefreshLifetime: 24 * time.Hour, Idle: time.Hour,
	}
	data, err := r.Encode()
	if err != nil || len(data) > 1800+300 {
		t.Errorf("%d bytes around 1800 bytes of tokens, error %v", len(data), err)
	}
}

func FuzzRecord(f *testing.F) {
	for _, data := range []string{`{"v":1,"t":"a","r":"b","x":{"a":"b"},"o":1,"l":2,"rl":3,"i":4,"u":5,"rj":6,"c":"d"}`, `{}`, "\xff"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := session.DecodeRecord(data)
		if err != nil {
			return
		}
		again, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := session.DecodeRecord(again)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := back.Encode()
		if err != nil || !bytes.Equal(again, twice) {
			t.Errorf("%s\n%s\n%v", again, twice, err)
		}
	})
}

func FuzzJWTLifetime(f *testing.F) {
	f.Add(jwt(`{"iat":1700000000,"exp":1700000300}`))
	f.Add("a.b.c")
	f.Add("a." + strings.Repeat("W", 1000) + ".c")
	f.Fuzz(func(t *testing.T, token string) {
		if d, ok := session.JWTLifetime(token); ok != (d > 0) || d > 11*365*24*time.Hour {
			t.Errorf("%q: %v, %t", token, d, ok)
		}
	})
}

func FuzzJWTClaims(f *testing.F) {
	f.Add(`{"iat":1700000000,"exp":1700000300}`)
	f.Add(`{"iat":-1e308,"exp":1e308}`)
	f.Fuzz(func(t *testing.T, claims string) {
		if d, ok := session.JWTLifetime(jwt(claims)); ok != (d > 0) || d > 11*365*24*time.Hour {
			t.Errorf("%q: %v, %t", claims, d, ok)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Sun, 01 Mar 2026 12:03:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT")
	f.Fuzz(func(t *testing.T, value, date string) {
		d := session.RetryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Unix(1700000000, 0))
		if d < 0 || d > 24*time.Hour {
			t.Errorf("%q, %q: %v", value, date, d)
		}
	})
}

// FuzzStoredSession: whatever a store returns, the call goes well in the end.
func FuzzStoredSession(f *testing.F) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, r := range []*session.Record{
		{}, {Token: rest.NewSecret("t"), Refresh: rest.NewSecret("r"), Obtained: at, LastUse: at, Lifetime: time.Hour, Idle: time.Minute},
		{Token: rest.NewSecret("\r\n"), Extra: map[string]rest.Secret{"a": rest.NewSecret("b")}}, {Rejected: at, Attempts: []time.Time{at, at, at}},
	} {
		data, err := r.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"v":1,"t":"t","o":-9223372036854775808,"u":9223372036854775807,"l":9223372036854775807,"i":-1,"rl":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		record, err := session.DecodeRecord(data)
		if err != nil {
			return
		}
		record.Vendor = "acme"
		h := newHarness(t, full, session.WithStore(&fixedStore{record: record}))
		for range 2 {
			want(t, "status", h.get("/data"), 200)
		}
		h.stop()
	})
}
