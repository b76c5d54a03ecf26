package rest

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// Causes of an [Error] for an answer that redirects.
var (
	errRedirect = errors.New("the answer redirects, which is not followed here")
	errNowhere  = errors.New("the answer redirects to an address that is no URL")
)

// A redirects is a transport that hides from package net/http redirects to
// addresses that are no URLs: it would throw away the answer and fail.
type redirects struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t redirects) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || resp == nil || resp.StatusCode/100 != 3 {
		return resp, err
	}
	if _, err := req.URL.Parse(resp.Header.Get("Location")); err == nil {
		return resp, nil
	}
	answer := *resp
	answer.Header = resp.Header.Clone()
	answer.Header.Del("Location")
	if answer.Request == nil {
		answer.Request = req
	}
	ctx := answer.Request.Context()
	answer.Request = answer.Request.WithContext(WithReason(ctx, errors.Join(Reason(ctx), errNowhere)))
	return &answer, nil
}

// sameOriginOnly compares with the first request, not with the previous one.
func sameOriginOnly(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 || !SameOrigin(req.URL, via[0].URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

// SameOrigin reports whether two URLs have the same scheme, host and port. The
// case of ASCII letters, a trailing dot of the host and a default port do not
// matter. Other letters have no case here: there is one whose lower case is an
// i, but which stands for another host.
func SameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && hostname(a) == hostname(b) && port(a) == port(b)
}

func hostname(u *url.URL) string {
	name := strings.TrimSuffix(u.Hostname(), ".")
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return name
	}
	return strings.ToLower(name)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if strings.EqualFold(u.Scheme, "https") {
		return "443"
	}
	return "80"
}
