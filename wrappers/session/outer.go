package session

import "net/http"

// WithRetry puts a layer around the one that signs calls: each attempt that it
// makes is signed by itself, and may be signed in another session. The wrappers
// of the vendors use it to repeat calls that may be repeated; nil switches that
// off. It does not see what is sent to sign in and out.
//
// A layer must not repeat a call that fails with an [*Error]: the engine has
// its own pace.
func WithRetry(layer func(next http.RoundTripper) http.RoundTripper) Option {
	return func(s *settings) { s.retry = layer }
}

// outer returns the transport of [Engine.Client].
func (e *Engine) outer() http.RoundTripper {
	if e.set.retry == nil {
		return e.Transport()
	}
	return e.set.retry(e.Transport())
}
