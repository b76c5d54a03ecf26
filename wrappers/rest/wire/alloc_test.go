package wire_test

import (
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

func TestDecodingAllocatesSlicesOnly(t *testing.T) {
	document := `{"id":12345,"rate":12.25,"ok":true,"none":null,"extra":{"a":[1,2,{"b":"c"}]},"names":["` +
		strings.Repeat(`Zoë Example of Springfield","`, 99) + `last"]}`
	names := make([]string, 0, 100)
	got := testing.AllocsPerRun(100, func() {
		var d wire.Decoder
		d.Reset(document)
		names = names[:0]
		if !d.Object() {
			return
		}
		for d.Next() {
			switch d.Key() {
			case "id":
				d.Int64()
			case "rate":
				d.Float64()
			case "ok":
				d.Bool()
			case "none":
				d.Null()
			case "names":
				for more := d.Array(); more && d.More(); {
					names = append(names, d.String())
				}
			default:
				d.Raw()
			}
		}
		d.End()
		if d.Err() != nil {
			t.Fatal(d.Err())
		}
	})
	if got != 0 || len(names) != 100 {
		t.Errorf("%v allocations for %d names", got, len(names))
	}
}

func TestEncodingIntoARoomyBufferAllocatesNothing(t *testing.T) {
	u := demoUser(7)
	buf := make([]byte, 0, 4096)
	size := 0
	got := testing.AllocsPerRun(100, func() {
		e := wire.NewEncoder(buf)
		u.encode(e)
		if e.Err() != nil {
			t.Fatal(e.Err())
		}
		size = len(e.Bytes())
	})
	if got != 0 || size < 1000 {
		t.Errorf("%v allocations for %d bytes", got, size)
	}
}

func TestFindAndValidAllocateNothing(t *testing.T) {
	document := loginDocument()
	for _, path := range [][]string{{"status", "code"}, {"data", "session", "id"}, {"absent"}, {"status", "code", "absent"}} {
		if got := testing.AllocsPerRun(100, func() { wire.Find(document, path...) }); got != 0 {
			t.Errorf("Find %v: %v allocations", path, got)
		}
	}
	if got := testing.AllocsPerRun(100, func() { wire.Valid(document) }); got != 0 {
		t.Errorf("Valid: %v allocations", got)
	}
}
