package rest_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

const password = "hunter2\"\n"

// A holder has secrets in every place where a struct can have one.
type holder struct {
	Plain    rest.Secret
	Pointer  *rest.Secret
	List     []rest.Secret
	Map      map[string]rest.Secret
	Any      any
	Nullable rest.Nullable[rest.Secret]
	Nested   struct{ Secret rest.Secret }
	hidden   rest.Secret
	hiddenP  *rest.Secret
	hiddenN  rest.Nullable[rest.Secret]
}

func newHolder() holder {
	s := rest.NewSecret(password)
	h := holder{
		Plain: s, Pointer: &s, List: []rest.Secret{s}, Map: map[string]rest.Secret{"a": s}, Any: s, Nullable: rest.Value(s),
		hidden: s, hiddenP: &s, hiddenN: rest.Value(s),
	}
	h.Nested.Secret = s
	return h
}

// revealed reports whether text has the secret in it, in any notation.
func revealed(text string) bool {
	return strings.Contains(text, "hunter2") ||
		strings.Contains(text, fmt.Sprintf("%x", "hunter2")) || strings.Contains(text, fmt.Sprintf("%X", "hunter2")) ||
		strings.Contains(text, strings.Trim(fmt.Sprintf("%d", []byte("hunter2")), "[]")) || strings.Contains(text, "aHVudGVyM")
}

func TestSecretInPackageFmt(t *testing.T) {
	s := rest.NewSecret(password)
	h := newHolder()
	for name, value := range map[string]any{
		"value": s, "pointer": &s, "list": []rest.Secret{s}, "pointers": []*rest.Secret{&s}, "array": [1]rest.Secret{s},
		"map": map[string]rest.Secret{"a": s}, "nullable": rest.Value(s), "struct": h, "struct pointer": &h,
		"generated": Thing{Token: s}, "patch": Patch{Password: rest.Value(s)}, "any": []any{s, &s},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%e", "%t", "%p", "%T", "%10s", "%-30.3s", "%w", "%!"} {
			if text := fmt.Sprintf(verb, value); revealed(text) {
				t.Errorf("%s with %s: %s", name, verb, text)
			}
		}
		if text := fmt.Sprint(value) + fmt.Sprintln(value); revealed(text) {
			t.Errorf("%s: %s", name, text)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%t"} {
		for _, value := range []any{s, &s, rest.Value(s)} {
			if text := fmt.Sprintf(verb, value); text != "[redacted]" {
				t.Errorf("%s of a %T: %s", verb, value, text)
			}
		}
	}
	if text := fmt.Sprintf("%+v", h); strings.Count(text, "[redacted]") != 7 { // all that package fmt may ask
		t.Errorf("got %s", text)
	}
}

func TestSecretInErrors(t *testing.T) {
	s := rest.NewSecret(password)
	for _, err := range []error{fmt.Errorf("login with %v", s), fmt.Errorf("%+v", newHolder()), errors.New(s.String())} {
		if revealed(err.Error()) {
			t.Error(err)
		}
	}
}

func TestSecretInLogs(t *testing.T) {
	s := rest.NewSecret(password)
	h := newHolder()
	var buf bytes.Buffer
	for name, handler := range map[string]slog.Handler{
		"text": slog.NewTextHandler(&buf, nil), "JSON": slog.NewJSONHandler(&buf, &slog.HandlerOptions{AddSource: true}),
	} {
		buf.Reset()
		logger := slog.New(handler).With("with", s).WithGroup("group")
		logger.Info("x", "secret", s, "pointer", &s, "list", []rest.Secret{s}, "map", h.Map, "nullable", h.Nullable,
			"struct", h, "structPointer", &h, "thing", Thing{Token: s}, "thingPointer", &Thing{Token: s},
			"patch", Patch{Password: rest.Value(s)}, slog.Group("inner", "secret", s), "error", fmt.Errorf("%v", s))
		if text := buf.String(); revealed(text) || strings.Count(text, "[redacted]") < 8 {
			t.Errorf("%s handler: %s", name, text)
		}
	}
}

func TestSecretInEncoders(t *testing.T) {
	s := rest.NewSecret(password)
	h := newHolder()
	text, err := json.Marshal(map[string]any{"secret": s, "pointer": &s, "struct": h, "thing": Thing{Token: s}, "patch": &Patch{Password: rest.Value(s)}})
	if err != nil || revealed(string(text)) || strings.Count(string(text), `"[redacted]"`) != 10 {
		t.Errorf("JSON: %s, %v", text, err)
	}
	type element struct {
		Attr    rest.Secret `xml:"attr,attr"`
		Element *rest.Secret
		Chars   rest.Secret `xml:",chardata"`
	}
	text, err = xml.Marshal(element{s, &s, s})
	if err != nil || revealed(string(text)) || strings.Count(string(text), "[redacted]") != 3 {
		t.Errorf("XML: %s, %v", text, err)
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(&s); err == nil || revealed(buf.String()) {
		t.Errorf("gob: %q, %v", buf.String(), err)
	}
	buf.Reset()
	if err := template.Must(template.New("").Parse("{{.}} {{printf `%v` .}}")).Execute(&buf, s); err != nil || revealed(buf.String()) {
		t.Errorf("template: %q, %v", buf.String(), err)
	}
	if text, err := s.MarshalText(); err != nil || string(text) != "[redacted]" {
		t.Errorf("text: %s, %v", text, err)
	}
}

// A dumper looks through unexported fields.
func TestSecretByReflection(t *testing.T) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			if revealed(v.String()) {
				t.Error("reflection finds the text")
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(v.MapIndex(key))
			}
		default:
		}
	}
	walk(reflect.ValueOf(newHolder()))
}

func TestSecretInRequests(t *testing.T) {
	s := rest.NewSecret(password)
	inClear, err := rest.Encode(&Thing{Token: s})
	if want := `{"id":0,"name":"","token":"hunter2\"\n"}`; err != nil || string(inClear) != want {
		t.Errorf("got %s, %v, want %s", inClear, err, want)
	}
	hidden, err := rest.MarshalJSON(&Thing{Token: s})
	if want := `{"id":0,"name":"","token":"[redacted]"}`; err != nil || string(hidden) != want {
		t.Errorf("got %s, %v, want %s", hidden, err, want)
	}
	var back Thing
	if err := rest.Decode(inClear, &back); err != nil || !back.Token.Equal(s) || back.Token.Reveal() != password {
		t.Errorf("got %q, %v", back.Token.Reveal(), err)
	}
}

func TestSecretOfNothing(t *testing.T) {
	for _, s := range []rest.Secret{{}, rest.NewSecret("")} {
		if !s.IsZero() || s.Reveal() != "" || s.String() != "" || fmt.Sprintf("%v%+v%#v%q", s, s, s, s) != "" {
			t.Errorf("got %v", s)
		}
		if text, err := json.Marshal(s); err != nil || string(text) != `""` {
			t.Errorf("got %s, %v", text, err)
		}
	}
	if rest.NewSecret(" ").IsZero() {
		t.Error("a space is nothing")
	}
}

func TestSecretEqual(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"", "", true}, {"a", "a", true}, {"a", "b", false}, {"a", "", false}, {"a", "aa", false}, {password, password, true}} {
		if got := rest.NewSecret(tt.a).Equal(rest.NewSecret(tt.b)); got != tt.want {
			t.Errorf("%q and %q: %t", tt.a, tt.b, got)
		}
	}
}

func TestSecretReadsTexts(t *testing.T) {
	var s rest.Secret
	if err := json.Unmarshal([]byte(`"a\u0062c"`), &s); err != nil || s.Reveal() != "abc" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	if err := json.Unmarshal([]byte(`null`), &s); err != nil || !s.IsZero() {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	if err := s.UnmarshalText([]byte("x y")); err != nil || s.Reveal() != "x y" {
		t.Errorf("got %q, %v", s.Reveal(), err)
	}
	err := json.Unmarshal([]byte(`{"hunter2":1}`), &s)
	if err == nil || revealed(err.Error()) {
		t.Errorf("got %v", err)
	}
}
