package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	googleauth "cloud.google.com/go/auth"
	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"
	k8stransport "k8s.io/client-go/transport"
)

// Names of those who are compared.
const (
	bareName   = "no session"
	oauth2Name = "x/oauth2"
	ourName    = "latchkey"
)

// A peer is a way to keep a program signed in.
type peer struct {
	name string
	// open returns what signs calls and sends them, and signs in, through base.
	open func(base http.RoundTripper) (member, error)
}

// A member is a peer at work.
type member struct {
	http.RoundTripper
	// read gets the token from the cache; nil if the library keeps it to itself.
	read func() error
}

// peers returns all that are compared. The libraries are used as they are
// meant to be; those without a RoundTripper get a [bearer].
func peers() []peer {
	return []peer{
		{bareName, func(base http.RoundTripper) (member, error) { return member{RoundTripper: base}, nil }},
		{"by hand", openByHand},
		{oauth2Name, openOAuth2},
		{"aws", openAWS},
		{"azcore", openAzure},
		{"google", openGoogle},
		{"client-go", openClientGo},
		{ourName, openLatchkey},
	}
}

// A bearer is the RoundTripper that goes around a cache of tokens, written as
// that of x/oauth2 is.
type bearer struct {
	base    http.RoundTripper
	token   func(ctx context.Context) (string, error)
	refused func() // called after a 401; may be nil
}

// RoundTrip implements [http.RoundTripper].
func (b *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := b.token(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	clone := req.Clone(req.Context())
	clone.Header.Set("Authorization", "Bearer "+token)
	resp, err := b.base.RoundTrip(clone)
	if err == nil && resp.StatusCode == http.StatusUnauthorized && b.refused != nil {
		b.refused()
	}
	return resp, err
}

// A source signs in for x/oauth2 and client-go, whose interface has no context.
type source struct{ base http.RoundTripper }

// Token implements [oauth2.TokenSource].
func (s source) Token() (*oauth2.Token, error) {
	token, lifetime, err := signIn(context.Background(), s.base)
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: token, Expiry: time.Now().Add(lifetime)}, nil
}

func openOAuth2(base http.RoundTripper) (member, error) {
	cached := oauth2.ReuseTokenSource(nil, source{base})
	return member{&oauth2.Transport{Source: cached, Base: base}, func() error {
		_, err := cached.Token()
		return err
	}}, nil
}

func openClientGo(base http.RoundTripper) (member, error) {
	cached := k8stransport.NewCachedTokenSource(source{base})
	return member{k8stransport.ResettableTokenSourceWrapTransport(cached)(base), func() error {
		_, err := cached.Token()
		return err
	}}, nil
}

func openAWS(base http.RoundTripper) (member, error) {
	cached := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		token, lifetime, err := signIn(ctx, base)
		if err != nil {
			return aws.Credentials{}, err
		}
		return aws.Credentials{AccessKeyID: "demo", SecretAccessKey: "none", SessionToken: token, CanExpire: true, Expires: time.Now().Add(lifetime)}, nil
	}))
	token := func(ctx context.Context) (string, error) {
		credentials, err := cached.Retrieve(ctx)
		return credentials.SessionToken, err
	}
	return member{&bearer{base, token, cached.Invalidate}, func() error {
		_, err := cached.Retrieve(context.Background())
		return err
	}}, nil
}

// A provider signs in for google auth.
type provider struct{ base http.RoundTripper }

// Token implements [googleauth.TokenProvider].
func (p provider) Token(ctx context.Context) (*googleauth.Token, error) {
	token, lifetime, err := signIn(ctx, p.base)
	if err != nil {
		return nil, err
	}
	return &googleauth.Token{Value: token, Expiry: time.Now().Add(lifetime)}, nil
}

func openGoogle(base http.RoundTripper) (member, error) {
	cached := googleauth.NewCachedTokenProvider(provider{base}, nil)
	token := func(ctx context.Context) (string, error) {
		t, err := cached.Token(ctx)
		if err != nil {
			return "", err
		}
		return t.Value, nil
	}
	return member{&bearer{base, token, nil}, func() error {
		_, err := cached.Token(context.Background())
		return err
	}}, nil
}

// A handmade session is what programs do that use no library: a mutex, and
// after a 401 another sign-in and the request once more.
type handmade struct {
	base    http.RoundTripper
	mu      sync.Mutex
	token   string
	expires time.Time
}

func openByHand(base http.RoundTripper) (member, error) {
	h := &handmade{base: base}
	return member{h, func() error {
		_, err := h.get(context.Background())
		return err
	}}, nil
}

func (h *handmade) get(ctx context.Context) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.token != "" && time.Now().Before(h.expires) {
		return h.token, nil
	}
	token, lifetime, err := signIn(ctx, h.base)
	if err != nil {
		return "", err
	}
	h.token, h.expires = token, time.Now().Add(lifetime)
	return token, nil
}

// RoundTrip implements [http.RoundTripper].
func (h *handmade) RoundTrip(req *http.Request) (*http.Response, error) {
	drop := func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.token = ""
	}
	b := &bearer{h.base, h.get, drop}
	resp, err := b.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || req.Body != nil {
		return resp, err
	}
	_ = resp.Body.Close()
	return b.RoundTrip(req)
}
