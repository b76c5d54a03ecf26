package rest

import (
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Time is a point in time that travels as RFC 3339 text; one without a zone
// is read as UTC. Anything else does not fail the call: then the time is zero
// and [Time.Text] returns what the vendor sent.
type Time struct {
	time.Time
	raw string // JSON as it came; "" if made here
}

// NewTime returns t as a Time.
func NewTime(t time.Time) Time { return Time{Time: t} }

// Text returns what the vendor sent, or the time in RFC 3339.
func (t Time) Text() string {
	if t.came() {
		return unquote(t.raw)
	}
	return t.Format(time.RFC3339Nano)
}

// String returns the time as package time prints it, or what the vendor sent in
// the place of one.
func (t Time) String() string { return shown(t.Time, t.raw) }

// came reports whether t is still what came.
func (t Time) came() bool { return t.raw != "" && parseRaw(t.raw).Equal(t.Time) }

// IsZero reports whether there is no time and nothing came in its place.
func (t Time) IsZero() bool { return t.raw == "" && t.Time.IsZero() }

// DecodeJSON implements [Decodable].
func (t *Time) DecodeJSON(d *wire.Decoder) {
	t.raw = d.Raw()
	t.Time = parseRaw(t.raw)
}

// EncodeJSON implements [Encodable]. What came is written as it came.
func (t Time) EncodeJSON(e *wire.Encoder) {
	if t.came() {
		e.Raw(t.raw)
		return
	}
	e.String(t.Text())
}

// MarshalJSON implements [encoding/json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) { return MarshalJSON(t) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (t *Time) UnmarshalJSON(data []byte) error { return Decode(data, t) }

// shown returns t, or what came in its place.
func shown(t time.Time, raw string) string {
	if t.IsZero() && raw != "" {
		return unquote(raw)
	}
	return t.String()
}

// parseRaw is parseTime for a JSON value.
func parseRaw(raw string) time.Time {
	if t, err := time.Parse(time.RFC3339Nano, strings.Trim(raw, `"`)); err == nil {
		return t
	}
	return parseTime(unquote(raw))
}

// parseTime reads RFC 3339; a missing zone means UTC. It returns the zero time
// for anything else.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// A UnixTime is a point in time that travels as a number of seconds since
// 1970-01-01 UTC. A value that is no whole number of seconds does not fail the
// call: then the time is zero and [UnixTime.Text] returns what the vendor sent.
type UnixTime struct {
	time.Time
	raw string // JSON as it came; "" if made here
}

// NewUnixTime returns t, cut to seconds, as a UnixTime.
func NewUnixTime(t time.Time) UnixTime { return UnixTime{Time: t.Truncate(time.Second)} }

// Text returns what the vendor sent, without quotes, or the number of seconds.
func (t UnixTime) Text() string {
	if t.came() {
		return unquote(t.raw)
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// String returns the time as package time prints it, or what the vendor sent in
// the place of one.
func (t UnixTime) String() string { return shown(t.Time, t.raw) }

// came reports whether t is still what came.
func (t UnixTime) came() bool { return t.raw != "" && parseUnix(t.raw).Equal(t.Time) }

// IsZero reports whether there is no time and nothing came in its place.
func (t UnixTime) IsZero() bool { return t.raw == "" && t.Time.IsZero() }

// DecodeJSON implements [Decodable].
func (t *UnixTime) DecodeJSON(d *wire.Decoder) {
	raw := d.Raw()
	*t = UnixTime{Time: parseUnix(raw), raw: raw}
}

// EncodeJSON implements [Encodable]. What came is written as it came.
func (t UnixTime) EncodeJSON(e *wire.Encoder) {
	if t.came() {
		e.Raw(t.raw)
		return
	}
	e.Int64(t.Unix())
}

// MarshalJSON implements [encoding/json.Marshaler].
func (t UnixTime) MarshalJSON() ([]byte, error) { return MarshalJSON(t) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (t *UnixTime) UnmarshalJSON(data []byte) error { return Decode(data, t) }

// parseUnix reads seconds, quoted or not. It returns the zero time for
// anything else.
func parseUnix(raw string) time.Time {
	if seconds, err := strconv.ParseInt(raw, 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC()
	}
	var d wire.Decoder
	d.Reset(raw)
	seconds := d.Int64()
	if d.Err() != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
