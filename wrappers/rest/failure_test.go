package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// The three forms that descriptions use.
var (
	listed = &rest.Failure{ // "0" is success, anything else is failure
		Value: []string{"metadata", "status"}, Success: []string{"0"},
		Code: []string{"metadata", "status"}, Message: []string{"metadata", "message"},
	}
	flagged = &rest.Failure{ // true is success
		Value: []string{"success"}, Success: []string{"true"}, Code: []string{"code"}, Message: []string{"message"},
	}
	numbered = &rest.Failure{ // numbers from 400 up are failures
		Value: []string{"status", "code"}, From: 400, Code: []string{"status", "code"}, Message: []string{"data", "message"},
	}
)

func TestFailureInTheBodyOfASuccess(t *testing.T) {
	tests := []struct {
		name          string
		failure       *rest.Failure
		body          string
		fails         bool
		code, message string
	}{
		{"listed success", listed, `{"metadata":{"status":"0","message":"Success"}}`, false, "", ""},
		{"listed success as a number", listed, `{"metadata":{"status":0}}`, false, "", ""},
		{"listed failure", listed, `{"metadata":{"status":"40","message":"Invalid login."}}`, true, "40", "Invalid login."},
		{"listed failure as a number", listed, `{"metadata":{"status":40}}`, true, "40", ""},
		{"listed, absent", listed, `{"metadata":{"message":"what now?"}}`, true, "", "what now?"},
		{"listed, nothing there", listed, `{}`, true, "", ""},
		{"listed, null", listed, `{"metadata":{"status":null}}`, true, "", ""},
		{"listed, object", listed, `{"metadata":{"status":{}}}`, true, "", ""},
		{"listed, parent is null", listed, `{"metadata":null}`, true, "", ""},
		{"listed, behind other members", listed, `{"id":7,"x":[{"metadata":1}],"metadata":{"status":"1"}}`, true, "1", ""},
		{"listed, mark and escapes", listed, "\ufeff" + `{"\u006detadata":{"status":"\u0030"}}`, false, "", ""},

		{"flagged success", flagged, `{"success":true,"code":0}`, false, "", ""},
		{"flagged failure", flagged, `{"success":false,"code":7,"message":"No."}`, true, "7", "No."},
		{"flagged, absent", flagged, `{"code":7}`, true, "7", ""},
		{"flagged success as a text", flagged, `{"success":"true"}`, false, "", ""},

		{"numbered success", numbered, `{"status":{"code":200}}`, false, "", ""},
		{"numbered, just below", numbered, `{"status":{"code":399}}`, false, "", ""},
		{"numbered failure", numbered, `{"status":{"code":400},"data":{"message":"Bad."}}`, true, "400", "Bad."},
		{"numbered failure as a text", numbered, `{"status":{"code":"403"}}`, true, "403", ""},
		{"numbered, absent", numbered, `{"data":{}}`, false, "", ""},
		{"numbered, no number", numbered, `{"status":{"code":"fine"}}`, false, "", ""},
		{"numbered, fraction", numbered, `{"status":{"code":400.0}}`, true, "400.0", ""},

		{"none declared", nil, `{"success":false}`, false, "", ""},
		{"nothing decides", &rest.Failure{Message: []string{"message"}}, `{"success":false,"message":"x"}`, false, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			op := opGet
			op.Failure = tt.failure
			client := answer(t, http.StatusOK, "application/json", tt.body)
			thing, err := rest.Do[Thing](t.Context(), client.NewRequest(&op, nil))
			errEmpty := rest.DoEmpty(t.Context(), client.NewRequest(&op, nil))
			if !tt.fails {
				if err != nil || errEmpty != nil || thing == nil {
					t.Fatalf("got %v, %v", err, errEmpty)
				}
				return
			}
			apiErr := wantError(t, err, http.StatusOK)
			if apiErr.Code != tt.code || apiErr.Message != tt.message || apiErr.Err != nil || thing != nil {
				t.Errorf("got %#v", apiErr)
			}
			value, ok := apiErr.Value.(*Thing)
			if !ok || len(value.AdditionalProperties) == 0 && tt.body != "{}" {
				t.Errorf("Value is %#v, want the typed body", apiErr.Value)
			}
			apiErr = wantError(t, errEmpty, http.StatusOK)
			if _, ok := apiErr.Value.(*Fault); !ok || apiErr.Code != tt.code {
				t.Errorf("without a described body: %#v", apiErr)
			}
		})
	}
}

func TestFailureInABodyThatDoesNotFit(t *testing.T) {
	op := opGet
	op.Failure = listed
	body := `{"id":"none","metadata":{"status":"65","message":"Invalid device."},"reason":"because"}`
	_, err := rest.Do[Thing](t.Context(), answer(t, http.StatusOK, "text/html", body).NewRequest(&op, nil))
	apiErr := wantError(t, err, http.StatusOK)
	if fault, ok := apiErr.Value.(*Fault); !ok || fault.Reason != "because" || apiErr.Code != "65" || apiErr.Err != nil {
		t.Errorf("got %#v", apiErr)
	}
	wantText(t, err, []string{"acme: getThing: GET /v1: 200 OK: 65: Invalid device."})
}

func TestFailureDoesNotJudgeWhatIsNotJSON(t *testing.T) {
	op := opGet
	op.Failure = listed
	_, err := rest.Do[Thing](t.Context(), answer(t, http.StatusOK, "text/html", "<html>").NewRequest(&op, nil))
	if apiErr := wantError(t, err, http.StatusOK); apiErr.Err == nil || apiErr.Code != "" {
		t.Errorf("got %#v", apiErr)
	}
}

func TestErrorStatusHasCodeAndMessage(t *testing.T) {
	op := opGet
	op.Failure = numbered
	body := `{"status":{"code":403},"data":{"message":"Not\r\nyours."}}`
	_, err := rest.Do[Thing](t.Context(), answer(t, http.StatusForbidden, "", body).NewRequest(&op, nil))
	if apiErr := wantError(t, err, http.StatusForbidden); apiErr.Code != "403" || apiErr.Message != "Not\r\nyours." {
		t.Errorf("got %#v", apiErr)
	}
	wantText(t, err, []string{"403 Forbidden: 403: Not yours."})
}

func TestFailureNeedsOnlyTheBeginningOfABody(t *testing.T) {
	body := `{"metadata":{"status":"40"},"data":"` + strings.Repeat("x", 100)
	if !listed.Check(body) {
		t.Error("a failure at the beginning is not seen")
	}
	if code, _ := listed.Describe(body); code != "40" {
		t.Errorf("code is %q", code)
	}
}

// FuzzFailure compares with encoding/json what a body says of a call.
func FuzzFailure(f *testing.F) {
	for _, seed := range []string{
		`{"metadata":{"status":"40","message":"Invalid login."}}`, `{"success":false,"code":7,"message":"No."}`, "\ufeff{\"status\":{\"code\":400}}",
		`{"metadata":{"status":0},"success":"true","status":{"code":"4e2"}}`, `{"metadata":{"\u0073tatus":"\u0030\ud800"},"success":null}`, `<html>`, `{"success":`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for name, failure := range map[string]*rest.Failure{"listed": listed, "flagged": flagged, "numbered": numbered} {
			fails := failure.Check(body)
			code, message := failure.Describe(body)
			if !utf8.ValidString(code) || !utf8.ValidString(message) {
				t.Fatalf("%s: %q has the code %q and the message %q", name, body, code, message)
			}
			text := strings.TrimPrefix(body, "\ufeff")
			if !wire.Valid(body) || !json.Valid([]byte(text)) || repeatsAName(text) {
				continue // there is nothing to compare with
			}
			value, ok := member(t, text, failure.Value)
			want := ok && !slices.Contains(failure.Success, value)
			if len(failure.Success) > 0 {
				want = want || !ok
			} else if n, err := strconv.ParseFloat(value, 64); err != nil || n < float64(failure.From) {
				want = false
			}
			if fails != want {
				t.Fatalf("%s: %q fails: %t, want %t", name, body, fails, want)
			}
			if want, _ := member(t, text, failure.Message); len(want) < 1000 && message != want {
				t.Fatalf("%s: %q has the message %q, want %q", name, body, message, want)
			}
		}
	})
}

// member returns the text of the string, number or boolean at path.
func member(t *testing.T, document string, path []string) (string, bool) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(document))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%q: %v", document, err)
	}
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	switch value := value.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(value), true
	default:
		return "", false
	}
}

// repeatsAName reports whether an object of the document has two members of one
// name: we take the first, encoding/json the last.
func repeatsAName(document string) bool {
	type object struct {
		names map[string]bool
		value bool // the next token is not a name
	}
	var open []*object
	d := json.NewDecoder(strings.NewReader(document))
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		var in *object
		if len(open) > 0 {
			in = open[len(open)-1]
		}
		name, isName := token.(string)
		switch {
		case token == json.Delim('}'), token == json.Delim(']'):
			open = open[:len(open)-1]
			continue
		case in != nil && in.names != nil && !in.value && isName:
			if in.names[name] {
				return true
			}
			in.names[name], in.value = true, true
			continue
		case in != nil:
			in.value = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, &object{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, &object{})
		}
	}
}
