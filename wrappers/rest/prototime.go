package rest

import (
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A ProtoTime is a point in time that travels as protobuf has it: as an object
// with the seconds since 1970-01-01 UTC and the nanoseconds to add. A member
// that is absent or null is 0. Anything else does not fail the call: then the
// time is zero and [ProtoTime.Text] returns what the vendor sent.
type ProtoTime struct {
	time.Time
	raw string // JSON as it came; "" if made here
}

// NewProtoTime returns t as a ProtoTime.
func NewProtoTime(t time.Time) ProtoTime { return ProtoTime{Time: t} }

// Text returns what the vendor sent, as JSON, or the time in RFC 3339.
func (t ProtoTime) Text() string {
	if t.came() {
		return unquote(t.raw)
	}
	return t.Format(time.RFC3339Nano)
}

// String returns the time as package time prints it, or what the vendor sent in
// the place of one.
func (t ProtoTime) String() string { return shown(t.Time, t.raw) }

// came reports whether t is still what came.
func (t ProtoTime) came() bool { return t.raw != "" && parseProto(t.raw).Equal(t.Time) }

// IsZero reports whether there is no time and nothing came in its place.
func (t ProtoTime) IsZero() bool { return t.raw == "" && t.Time.IsZero() }

// DecodeJSON implements [Decodable].
func (t *ProtoTime) DecodeJSON(d *wire.Decoder) {
	raw := d.Raw()
	*t = ProtoTime{Time: parseProto(raw), raw: raw}
}

// EncodeJSON implements [Encodable]. What came is written as it came.
func (t ProtoTime) EncodeJSON(e *wire.Encoder) {
	if t.came() {
		e.Raw(t.raw)
		return
	}
	e.Object()
	e.Key("seconds")
	e.Int64(t.Unix())
	e.Key("nanos")
	e.Int64(int64(t.Nanosecond()))
	e.End()
}

// MarshalJSON implements [encoding/json.Marshaler].
func (t ProtoTime) MarshalJSON() ([]byte, error) { return MarshalJSON(t) }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (t *ProtoTime) UnmarshalJSON(data []byte) error { return Decode(data, t) }

// The seconds of the first and the last time that protobuf allows.
const (
	firstSecond = -62135596800 // 0001-01-01 00:00:00
	lastSecond  = 253402300799 // 9999-12-31 23:59:59
)

// parseProto returns the zero time for anything but an object with whole
// numbers in their ranges.
func parseProto(raw string) time.Time {
	var d wire.Decoder
	d.Reset(raw)
	var seconds, nanos int64
	if d.Kind() != wire.Object {
		return time.Time{}
	}
	for d.Object(); d.Next(); {
		switch key := d.Key(); {
		case d.Null():
		case key == "seconds":
			seconds = d.Int64()
		case key == "nanos":
			nanos = d.Int64()
		default:
			d.Skip()
		}
	}
	if d.Err() != nil || seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos >= int64(time.Second) {
		return time.Time{}
	}
	return time.Unix(seconds, nanos).UTC()
}
