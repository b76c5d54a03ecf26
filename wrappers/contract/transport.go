package contract

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A transport compares the answers that come through it.
type transport struct {
	checker *Checker
	base    http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err == nil {
		t.checker.look(req, resp)
	}
	return resp, err
}

// CloseIdleConnections closes those of the transport below, if it can.
func (t *transport) CloseIdleConnections() {
	if closer, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// operation returns the operation that a request calls; nil if there is none.
func (c *Checker) operation(req *http.Request) *operation {
	called := rest.OperationFrom(req.Context())
	if called == nil {
		return c.description.find(req.Method, req.URL)
	}
	op := c.description.byKey[called.Method+" "+called.Path]
	if op == nil || op.id != called.ID || c.settings.vendor != "" && called.Vendor != c.settings.vendor {
		return nil
	}
	return op
}

// look compares the head of an answer, and has its body compared when it has
// been read.
func (c *Checker) look(req *http.Request, resp *http.Response) {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return
	}
	op := c.operation(req)
	if op == nil {
		c.unmatched.Add(1)
		return
	}
	c.answers.Add(1)
	l := &look{checker: c, op: op, status: resp.StatusCode, facts: newFacts()}
	l.response, l.pointer = op.response(resp.StatusCode)
	hasBody := req.Method != http.MethodHead && resp.Body != nil && resp.Body != http.NoBody && resp.ContentLength != 0 &&
		resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusNotModified
	mediaType := mediaTypeOf(resp.Header)
	l.compareHead(mediaType, hasBody)
	if !hasBody || !l.readable(resp, mediaType) {
		l.done()
		return
	}
	resp.Body = &copied{body: resp.Body, look: l, mustProve: !isJSON(mediaType)}
}

// mediaTypeOf returns the media type of a body without parameters, "" if there
// is none that can be read.
func mediaTypeOf(header http.Header) string {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return mediaType
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// A look is one answer while it is compared.
type look struct {
	checker  *Checker
	op       *operation
	status   int
	response *openapi3.Response // nil if the status is not described
	pointer  string             // of the response
	facts    *facts
}

// compareHead compares what is known before the body.
func (l *look) compareHead(mediaType string, hasBody bool) {
	if l.response == nil {
		l.facts.find(UnknownStatus, entry{pointer: l.op.pointer + "/responses", level: l.op.level, described: l.op.statuses()})
		if e := l.facts.entries[factKey{kind: UnknownStatus}]; e != nil && hasBody {
			e.media = shorten(mediaType, 100)
		}
		return
	}
	l.facts.confirm(entry{pointer: l.pointer, level: levelOf(l.response.Extensions, l.op.level)})
	if !hasBody || mediaType == "" || describes(l.response.Content, mediaType) {
		return
	}
	described := strings.Join(sortedKeys(l.response.Content), ", ")
	l.facts.find(UnknownContentType, entry{
		pointer: l.pointer + "/content", level: l.op.level, described: described, media: shorten(mediaType, 100),
	})
}

// statuses returns the described statuses, such as "200, default".
func (op *operation) statuses() string {
	return strings.Join(sortedKeys(op.spec.Responses.Map()), ", ")
}

// describes tells whether a media type is described, by itself or by a range.
func describes(content openapi3.Content, mediaType string) bool {
	return slices.ContainsFunc(sortedKeys(content), func(described string) bool {
		described, _, _ = strings.Cut(described, ";")
		prefix, isRange := strings.CutSuffix(described, "*")
		return described == mediaType || described == "*/*" || isRange && strings.HasPrefix(mediaType, prefix)
	})
}

// readable tells whether the body may be JSON that can be compared, and counts
// it if not.
func (l *look) readable(resp *http.Response, mediaType string) bool {
	switch {
	case resp.ContentLength > BodyLimit:
		l.checker.tooLarge.Add(1)
		return false
	case resp.Header.Get("Content-Encoding") != "", !isJSON(mediaType) && !mayBeJSON(mediaType):
		l.checker.notJSON.Add(1)
		return false
	}
	return true
}

// mayBeJSON tells whether vendors send JSON under a media type that is another.
func mayBeJSON(mediaType string) bool {
	return mediaType == "" || mediaType == "text/plain" || mediaType == "text/html"
}

// compareBody compares a body.
func (l *look) compareBody(value any) {
	l.checker.compared.Add(1)
	if l.response == nil {
		found := entry{pointer: l.op.pointer + "/responses", level: l.op.level}
		if e := l.facts.entries[factKey{kind: UnknownStatus}]; e != nil {
			e.types |= typeOf(value)
		}
		noteInside(l.facts, value, nil, found)
		return
	}
	l.noteJSON(value)
	for _, mediaType := range sortedKeys(l.response.Content) {
		media := l.response.Content[mediaType]
		if !isJSON(strings.TrimSpace(strings.Split(mediaType, ";")[0])) || media.Schema == nil {
			continue
		}
		p := place{site: join(l.pointer, "content", mediaType, "schema"), ref: media.Schema, level: l.op.level}
		l.checker.description.compare(l.facts, value, p, nil)
		return
	}
}

// noteJSON notes that a body under a media type that is not described is JSON.
func (l *look) noteJSON(value any) {
	for key, e := range l.facts.entries {
		if key.kind == UnknownContentType {
			e.types |= typeOf(value)
		}
	}
}

// done hands over what was found.
func (l *look) done() { l.checker.add(l.op, l.status, l.facts) }
