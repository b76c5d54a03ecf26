package rest

import "context"

type reasonKey struct{}

// WithReason returns a copy of ctx that says why a refusal is passed on to the
// caller as it came. A transport that could have done something about it puts
// the context into the Request of the response; the [*Error] for that response
// has the reason in its text and in its chain.
func WithReason(ctx context.Context, why error) context.Context {
	return context.WithValue(ctx, reasonKey{}, why)
}

// Reason returns what [WithReason] put into ctx, or nil.
func Reason(ctx context.Context) error {
	why, _ := ctx.Value(reasonKey{}).(error)
	return why
}
