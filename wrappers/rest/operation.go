package rest

import (
	"context"
	"sync/atomic"
)

// An Operation is what a vendor's description says of one operation. The
// generator writes one per operation; it travels in the context of the
// request, so that no layer has to guess from a URL. An Operation is not
// changed after it was made.
type Operation struct {
	Vendor string // such as "alertsite"
	ID     string // the operationId, such as "getMonitors"
	Method string // such as [net/http.MethodGet]
	Path   string // the path template, such as "/devices/{id}"
	Accept string // media types of the answer, for the Accept header; may be empty

	// Session says that the operation needs a session, an API key or a token.
	Session bool
	// Idempotent says that sending the request again has no further effect.
	Idempotent bool
	// Sensitive says that the request or the answer holds a secret: an [Error]
	// for it keeps nothing of the body.
	Sensitive bool

	// Failure tells failures that are reported in the body. It may be nil.
	Failure *Failure
	// NewError returns a new value of the type that describes the body of an
	// answer with the given status, or nil if none is described. It may be nil.
	NewError func(status int) Decodable
}

type operationKey struct{}

// OperationFrom returns the operation that the request with this context
// calls, or nil if the request was not made by a generated client.
func OperationFrom(ctx context.Context) *Operation {
	op, _ := ctx.Value(operationKey{}).(*Operation)
	return op
}

// NewContext returns a copy of ctx that carries op.
func NewContext(ctx context.Context, op *Operation) context.Context {
	return &operationContext{Context: ctx, op: op}
}

type operationContext struct {
	context.Context //nolint:containedctx // it is one
	op              *Operation
	added           atomic.Pointer[Secret] // by the transport, see [Conceal]
}

// Value implements [context.Context].
func (c *operationContext) Value(key any) any {
	switch key {
	case operationKey{}:
		return c.op
	case addedKey{}:
		return &c.added
	default:
		return c.Context.Value(key)
	}
}
