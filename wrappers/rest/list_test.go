package rest_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

func decodeRows(t *testing.T, text string) [][]float64 {
	t.Helper()
	d := wire.NewDecoder(text)
	rows := rest.DecodeRows(d, (*wire.Decoder).Float64)
	if d.End(); d.Err() != nil {
		t.Fatal(d.Err())
	}
	return rows
}

func TestListsAreWhatEncodingJSONMakesOfThem(t *testing.T) {
	long := "[" + strings.Repeat("7,", 5_000) + "7]"
	many := "[" + strings.Repeat("[1,2],", 5_000) + long + ",[],null]"
	for _, text := range []string{`null`, `[]`, `[[]]`, `[null]`, `[[],[1],[1,2,3],null,[]]`, "[" + long + "]", many} {
		var want [][]float64
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if got := decodeRows(t, text); !reflect.DeepEqual(got, want) {
			t.Errorf("%.30s: got %.100v, want %.100v", text, got, want)
		}
	}
	for n := range 600 {
		text := `[` + strings.TrimSuffix(strings.Repeat(`{"id":5,"tags":["a"]},`, n), ",") + `]`
		d := wire.NewDecoder(text)
		list := rest.DecodeItems[Thing](d)
		if d.End(); d.Err() != nil || list == nil || len(list) != n {
			t.Fatalf("%d items, %v, want %d", len(list), d.Err(), n)
		}
		for i, item := range list {
			if item.ID != 5 || len(item.Tags) != 1 || item.Name != "" {
				t.Fatalf("item %d of %d: %+v", i, n, item)
			}
		}
	}
}

func TestRowsDoNotOverwriteEachOther(t *testing.T) {
	rows := decodeRows(t, `[[1],[2,3],[4]]`)
	_ = append(rows[0], 9)
	_ = append(rows[1], 9)
	if got := fmt.Sprint(rows); got != "[[1] [2 3] [4]]" {
		t.Errorf("after appending to rows: %s", got)
	}
}

func TestAListThatMuchFollowsTakesNoMoreRoomThanTwiceItsOwn(t *testing.T) {
	text := `[` + strings.Repeat(`1,`, 499) + `1]` + strings.Repeat(" ", 1<<20)
	list := rest.DecodeList(wire.NewDecoder(text), (*wire.Decoder).Int64)
	if len(list) != 500 || cap(list) > 1000 {
		t.Errorf("%d items in room for %d", len(list), cap(list))
	}
}

func TestABrokenListEndsWithAnError(t *testing.T) {
	for _, text := range []string{`[1`, `[1,`, `[[1,2],[3`, `{}`, `[[1],2]`} {
		d := wire.NewDecoder(text)
		rest.DecodeRows(d, (*wire.Decoder).Float64)
		if d.End(); d.Err() == nil {
			t.Errorf("%s: no error", text)
		}
	}
}
