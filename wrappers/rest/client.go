// Package rest is what the generated clients share: it makes the request of an
// [Operation], sends it, and turns the answer into a typed value or an [*Error].
//
// Programs meet the types of fields, such as [Secret], [Time], [Number] and
// [Nullable], the options of a call, such as [WithTimeout], and the errors.
// [NewClient] is for those who use a generated client without its wrapper.
// [NewContext], [Conceal], [WithReason] and their likes are for transports; the
// rest is for generated code.
//
// Values are not safe for concurrent use unless their comment says so.
package rest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Version is the version of Latchkey, as in the User-Agent header.
const Version = "0.1.0"

// DefaultBodyLimit is how large the body of an answer may be, in bytes after
// decompression, unless [WithBodyLimit] says otherwise.
const DefaultBodyLimit = 64 << 20

// DefaultTimeout is how long a call may take, body included, in an
// [http.Client] made by [NewHTTPClient]. See [WithTimeout] and [DoStream].
const DefaultTimeout = 30 * time.Second

// A Client sends the calls of generated clients to one base URL. It is safe
// for concurrent use.
type Client struct {
	vendor  string
	base    url.URL
	path    string        // of base, escaped
	http    http.Client   // without a Timeout: its goroutine and timers cost more than a context
	timeout time.Duration // of http; 0 means none
	agent   [1]string
	limit   int64
}

// NewClient returns a Client that sends calls to baseURL through httpClient;
// nil means one from [NewHTTPClient]. It sends nothing itself. It copies
// httpClient, and if that has no CheckRedirect of its own, the copy follows
// redirects within the origin only.
//
// NewClient returns an error if baseURL is not an absolute http or https URL,
// or holds a user name, a query or a fragment.
func NewClient(vendor, baseURL string, httpClient *http.Client) (*Client, error) {
	base, err := ParseBaseURL(baseURL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", vendor, err)
	}
	if httpClient == nil {
		httpClient = NewHTTPClient(NewTransport())
	}
	c := &Client{
		vendor:  vendor,
		base:    *base,
		path:    base.EscapedPath(),
		http:    *httpClient,
		timeout: httpClient.Timeout,
		agent:   [1]string{"latchkey/" + Version},
		limit:   DefaultBodyLimit,
	}
	c.http.Timeout = 0
	if c.http.Transport == nil {
		c.http.Transport = http.DefaultTransport
	}
	c.http.Transport = redirects{c.http.Transport}
	if c.http.CheckRedirect == nil {
		c.http.CheckRedirect = sameOriginOnly
	}
	return c, nil
}

// WithLimit returns a copy of c that reads at most limit bytes of an answer; a
// limit that is not positive means [DefaultBodyLimit].
func (c *Client) WithLimit(limit int64) *Client {
	clone := *c
	clone.limit = limit
	if limit <= 0 {
		clone.limit = DefaultBodyLimit
	}
	return &clone
}

// BaseURL returns where c sends its calls.
func (c *Client) BaseURL() string { return c.base.String() }

// ParseBaseURL parses the base URL of a vendor and removes a trailing slash
// from its path. Its errors do not repeat text that may be a secret.
func ParseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, errors.New("base URL is not an absolute http or https URL such as https://api.example.com")
	case u.User != nil:
		return nil, errors.New("base URL must not hold a user name or a password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("base URL must not have a query or a fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// NewTransport returns a transport that differs from [http.DefaultTransport]
// in keeping as many idle connections to a host as there are in all: the
// default of two costs a TLS handshake per call as soon as three callers share
// a client over HTTP/1.1.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// NewHTTPClient returns a client for calls through transport. It gives up
// after [DefaultTimeout], keeps no cookies, and follows redirects within the
// origin only: one that leads elsewhere is returned as the answer.
func NewHTTPClient(transport http.RoundTripper) *http.Client {
	return &http.Client{Transport: transport, Timeout: DefaultTimeout, CheckRedirect: sameOriginOnly}
}
