package rest

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode"
)

type addedKey struct{}

// Conceal tells the request with this context that a transport has added secret
// to its header. If the vendor repeats it, the [*Error] of the call does not.
func Conceal(ctx context.Context, secret *Secret) {
	if added, ok := ctx.Value(addedKey{}).(*atomic.Pointer[Secret]); ok {
		added.Store(secret)
	}
}

// conceal takes out of e what the vendor wrote if it repeats a secret of the
// request, or is too long to be searched for one.
func (e *Error) conceal(secrets []string, body string) {
	repeated := func(text string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return len(text) > maxErrorBody || repeats(text, secret) })
	}
	for _, text := range []*string{&e.Code, &e.Message, &e.RequestID} {
		if repeated(*text) {
			*text, e.Value = redacted, nil
		}
	}
	if (e.Value != nil || e.Body != nil) && repeated(body) {
		e.Value, e.Body = nil, nil
	}
}

// repeats reports whether text has most of a secret in it: as it is, as it
// stands in a URL, or with other punctuation.
func repeats(text, secret string) bool {
	decoded := unescape(text)
	if hasMost(text, secret) || hasMost(decoded, secret) {
		return true
	}
	bare := letters(secret)
	return len(bare) > 4 && hasMost(letters(decoded), bare)
}

// hasMost reports whether text has three quarters of a secret in one piece, in
// upper or lower case.
func hasMost(text, secret string) bool {
	text, secret = strings.ToLower(text), strings.ToLower(secret)
	piece := min(len(secret), max(4, len(secret)*3/4))
	for i := 0; piece > 0 && i+piece <= len(secret); i++ {
		if strings.Contains(text, secret[i:i+piece]) {
			return true
		}
	}
	return false
}

// unescape undoes percent-encoding and the escapes of JSON as far as there are
// any.
func unescape(text string) string {
	var b strings.Builder
	for text != "" {
		plain, n := text[:1], 1
		switch {
		case text[0] == '%' && len(text) >= 3:
			if decoded, err := url.PathUnescape(text[:3]); err == nil {
				plain, n = decoded, 3
			}
		case text[0] == '\\' && len(text) >= 2:
			if r, _, tail, err := strconv.UnquoteChar(text, 0); err == nil {
				plain, n = string(r), len(text)-len(tail)
			} else {
				plain, n = text[1:2], 2 // \" and \/
			}
		}
		b.WriteString(plain)
		text = text[n:]
	}
	return b.String()
}

func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
