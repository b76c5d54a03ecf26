package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
)

// ErrPages is in the chain of an error for a list whose next page cannot be
// asked for.
var ErrPages = errors.New("next page")

// Pages returns the items of a list that pages. The first page comes from
// first; split returns the items of a page and the address of the next one, or
// nothing if it is the last. Next pages are asked for as r was, when their
// items are wanted. An error ends the sequence; for an address that came before
// or leaves the origin it has [ErrPages] in its chain.
func Pages[T, Item any, P interface {
	*T
	Decodable
}](ctx context.Context, r *Request, first func(...CallOption) (*T, error), split func(*T) ([]Item, string)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		var none Item
		seen := map[string]bool{}
		at := &r.client.base // where the page came from
		page, err := first(func(o *callOptions) { o.at = &at })
		for {
			if err != nil {
				yield(none, err)
				return
			}
			items, next := split(page)
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			if seen[next] {
				yield(none, r.unsent(fmt.Errorf("%w: the same one comes again", ErrPages)))
				return
			}
			seen[next] = true
			following := r.follow(at, next)
			at = following.target
			page, err = Do[T, P](ctx, following)
		}
	}
}

// follow returns the request for the page at the given address, which may be
// relative to that of the page before but must not leave the origin.
func (r *Request) follow(at *url.URL, next string) *Request {
	following := &Request{client: r.client, op: r.op, options: r.options, header: r.header.Clone(), body: r.body}
	following.note(r.secrets()...)
	target, err := url.Parse(next)
	if err != nil {
		following.fail(fmt.Errorf("%w: its address is no URL", ErrPages))
		return following
	}
	target = at.ResolveReference(target)
	if !SameOrigin(target, &r.client.base) || target.User != nil {
		following.fail(fmt.Errorf("%w: it is at another origin (%s), which gets no session", ErrPages, target.Scheme+"://"+target.Host))
		return following
	}
	following.target = target
	return following
}
