package rest_test

import (
	"encoding/json"
	"net/http"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// A Thing is what a generated type of an answer looks like.
type Thing struct {
	ID    int64
	Name  string
	Note  string
	Token rest.Secret
	Tags  []string
	Items []Thing

	AdditionalProperties rest.Object

	presence [1]uint64
}

func (v *Thing) DecodeJSON(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "id":
			if d.Came(&v.presence[0], 2<<0) {
				v.ID = d.Int64()
			}
		case "name":
			if d.Came(&v.presence[0], 2<<2) {
				v.Name = d.String()
			}
		case "note":
			if d.Came(&v.presence[0], 2<<4) {
				v.Note = d.String()
			}
		case "token":
			if d.Came(&v.presence[0], 2<<6) {
				v.Token.DecodeJSON(d)
			}
		case "tags":
			if d.Came(&v.presence[0], 2<<8) {
				v.Tags = rest.DecodeList(d, (*wire.Decoder).String)
			}
		case "items":
			if d.Came(&v.presence[0], 2<<10) {
				v.Items = rest.DecodeItems[Thing](d)
			}
		default:
			v.AdditionalProperties.Extra(d)
		}
	}
}

func (v *Thing) EncodeJSON(e *wire.Encoder) {
	e.Object()
	if rest.EncodeProperty(e, "id", rest.Marked(v.presence[:], 0), true, v.ID == 0) {
		e.Int64(v.ID)
	}
	if rest.EncodeProperty(e, "name", rest.Marked(v.presence[:], 1), true, v.Name == "") {
		e.String(v.Name)
	}
	if rest.EncodeProperty(e, "note", rest.Marked(v.presence[:], 2), false, v.Note == "") {
		e.String(v.Note)
	}
	if rest.EncodeProperty(e, "token", rest.Marked(v.presence[:], 3), false, v.Token.IsZero()) {
		v.Token.EncodeJSON(e)
	}
	if rest.EncodeProperty(e, "tags", rest.Marked(v.presence[:], 4), false, v.Tags == nil) {
		rest.EncodeList(e, v.Tags, (*wire.Encoder).String)
	}
	if rest.EncodeProperty(e, "items", rest.Marked(v.presence[:], 5), false, v.Items == nil) {
		rest.EncodeList(e, v.Items, func(e *wire.Encoder, x Thing) { x.EncodeJSON(e) })
	}
	v.AdditionalProperties.EncodeMembers(e)
	e.End()
}

func (v *Thing) UnmarshalJSON(data []byte) error { return rest.Decode(data, v) }

func (v Thing) MarshalJSON() ([]byte, error) { return rest.MarshalJSON(&v) }

func (v *Thing) Presence(property string) rest.Presence {
	return rest.MarkedName(v.presence[:], []string{"id", "name", "note", "token", "tags", "items"}, property)
}

var (
	_ json.Marshaler   = Thing{}
	_ json.Unmarshaler = (*Thing)(nil)
)

// A Patch is what a generated type of a request looks like.
type Patch struct {
	Count    *int64
	Enabled  *bool
	Note     rest.Nullable[string]
	Password rest.Nullable[rest.Secret]
	Until    rest.Nullable[rest.Time]
	Ratio    *float64
}

func (v *Patch) EncodeJSON(e *wire.Encoder) {
	e.Object()
	if v.Count != nil {
		e.Key("count")
		e.Int64(*v.Count)
	}
	if v.Enabled != nil {
		e.Key("enabled")
		e.Bool(*v.Enabled)
	}
	if rest.EncodeNullable(e, "note", v.Note.Presence(), false) {
		e.String(v.Note.Get())
	}
	if rest.EncodeNullable(e, "password", v.Password.Presence(), false) {
		v.Password.Get().EncodeJSON(e)
	}
	if rest.EncodeNullable(e, "until", v.Until.Presence(), false) {
		v.Until.Get().EncodeJSON(e)
	}
	if v.Ratio != nil {
		e.Key("ratio")
		e.Float64(*v.Ratio)
	}
	e.End()
}

func (v Patch) MarshalJSON() ([]byte, error) { return rest.MarshalJSON(&v) }

// EncodeForm implements [rest.FormEncodable].
func (v *Patch) EncodeForm(f *rest.Values) {
	if v.Count != nil {
		f.Int("count", *v.Count)
	}
	if v.Enabled != nil {
		f.Bool("enabled", *v.Enabled)
	}
	if v.Note.Presence() == rest.Present {
		f.String("note", v.Note.Get())
	}
	if v.Password.Presence() == rest.Present {
		f.String("password", v.Password.Get().Reveal())
	}
}

// A Fault is the body of a failure.
type Fault struct {
	Reason string
}

func (v *Fault) DecodeJSON(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "reason":
			v.Reason = d.String()
		default:
			d.Skip()
		}
	}
}

var (
	opGet = rest.Operation{
		Vendor: "acme", ID: "getThing", Method: http.MethodGet, Path: "/things/{id}", Accept: "application/json",
		Idempotent: true, NewError: newFault,
	}
	opPost = rest.Operation{
		Vendor: "acme", ID: "addThing", Method: http.MethodPost, Path: "/things", Accept: "application/json",
		NewError: newFault,
	}
	opPing = rest.Operation{Vendor: "acme", ID: "ping", Method: http.MethodGet, Path: "/ping", Idempotent: true}
)

func newFault(int) rest.Decodable { return new(Fault) }
