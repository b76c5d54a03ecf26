package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// An answer is what a stand-in sends.
type answer struct {
	status      int
	contentType string
	header      http.Header
	body        []byte
}

// jsonAnswer returns an answer with value as its JSON body.
func jsonAnswer(status int, value any) *answer {
	return &answer{status: status, contentType: "application/json; charset=utf-8", body: encode(value)}
}

func textAnswer(status int, text string) *answer {
	return &answer{status: status, contentType: "text/plain; charset=utf-8", body: []byte(text + "\n")}
}

func (a *answer) addHeader(name, value string) {
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Add(name, value)
}

// write sends the answer. A positive cut sends only that many bytes of the
// body under the length of all of it, a negative one only the header; the
// connection ends there.
func (a *answer) write(w http.ResponseWriter, cut int) {
	header := w.Header()
	maps.Copy(header, a.header)
	if a.contentType != "" {
		header.Set("Content-Type", a.contentType)
	}
	if len(a.body) > 0 {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	body := a.body
	if cut != 0 {
		body = body[:min(max(cut, 0), len(body))]
	}
	_, err := w.Write(body) //nolint:gosec // what a test asked a stand-in to send
	if err == nil && cut != 0 {
		// net/http closes the connection of an answer that is too short.
		_ = http.NewResponseController(w).Flush()
	}
}

// A reply is an answer as the description has it.
type reply struct {
	status    int    // 0 if the description gives none
	mediaType string // "" for an answer without body
	examples  map[string]any
	names     []string // of the examples, in order
}

// newReply prepares one response of a description. JSON is preferred where
// there is a choice of media types.
func newReply(status int, response *openapi3.Response) *reply {
	r := &reply{status: status, examples: make(map[string]any)}
	for _, mediaType := range slices.Sorted(maps.Keys(response.Content)) {
		if r.mediaType == "" || isJSON(mediaType) && !isJSON(r.mediaType) {
			r.mediaType = mediaType
		}
	}
	media := response.Content[r.mediaType]
	if media == nil {
		return r
	}
	for name, example := range media.Examples {
		r.examples[name] = example.Value.Value
	}
	if media.Example != nil && len(r.examples) == 0 {
		r.examples["example"] = media.Example
	}
	r.names = slices.Sorted(maps.Keys(r.examples))
	return r
}

func isJSON(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// pick returns a copy of the first example by name that fits, nil if none does.
func (r *reply) pick(fits func(example any) bool) any {
	if r == nil {
		return nil
	}
	for _, name := range r.names {
		if example := r.examples[name]; fits == nil || fits(example) {
			return clone(example)
		}
	}
	return nil
}

// example returns a copy of the first example of success by name that is no
// failure by the rule of the description.
func (op *operation) example() any {
	return op.success.pick(func(example any) bool { return !op.failure.failed(example) })
}

// failureExample returns a copy of the first example of an answer with that
// HTTP status, nil if the description has none.
func (op *operation) failureExample(status int) any {
	for _, code := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", "default"} {
		if r := op.failures[code]; r != nil && isJSON(r.mediaType) {
			return r.pick(nil)
		}
	}
	return nil
}

// named returns the reply that has an example of that name, and a copy of it.
// The status of a reply that is described for all other statuses is 400.
func (op *operation) named(name string) (*reply, any) {
	if example, ok := op.success.examples[name]; ok {
		return op.success, clone(example)
	}
	for _, code := range slices.Sorted(maps.Keys(op.failures)) {
		r := op.failures[code]
		if example, ok := r.examples[name]; ok {
			named := *r
			if named.status, _ = strconv.Atoi(code); named.status == 0 {
				named.status = http.StatusBadRequest
			}
			return &named, clone(example)
		}
	}
	return nil, nil
}
