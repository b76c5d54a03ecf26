package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// allPages returns the items of all pages of a list as one list. Either the
// description says where the address of the next page is, or the operation has
// a parameter that leaves out entries at the start.
func (p *plan) allPages(ctx context.Context, client *rest.Client) ([]byte, error) {
	items, next := p.op.Pages()
	var list []json.RawMessage
	var err error
	if len(next) > 0 {
		list, err = p.follow(ctx, client, items, next)
	} else {
		list, err = p.skip(ctx, client)
	}
	if err != nil {
		return nil, err
	}
	if list == nil {
		list = []json.RawMessage{}
	}
	return json.Marshal(list)
}

// follow asks for one page after the other, each at the address that the one
// before gives.
func (p *plan) follow(ctx context.Context, client *rest.Client, items, next []string) ([]json.RawMessage, error) {
	first := func(opts ...rest.CallOption) (*rest.Raw, error) {
		return rest.Do[rest.Raw](ctx, p.request.build(client, p.rest, opts...))
	}
	split := func(page *rest.Raw) ([]json.RawMessage, string) {
		var address string
		if json.Unmarshal(memberAt(json.RawMessage(*page), next), &address) != nil {
			address = "" // null, or something else: no further page
		}
		var list []json.RawMessage
		if json.Unmarshal(memberAt(json.RawMessage(*page), items), &list) != nil {
			return nil, address
		}
		return list, address
	}
	var all []json.RawMessage
	sequence := rest.Pages(ctx, p.request.build(client, p.rest), first, split)
	for item, err := range sequence {
		if err != nil {
			return nil, sent(err)
		}
		all = append(all, item)
	}
	return all, nil
}

// memberAt returns what is at a path, or nothing.
func memberAt(data json.RawMessage, path []string) json.RawMessage {
	for _, name := range path {
		var members map[string]json.RawMessage
		if json.Unmarshal(data, &members) != nil {
			return nil
		}
		data = members[name]
	}
	return data
}

// pages reports whether an operation has pages.
func pages(op *catalog.Operation) bool {
	_, next := op.Pages()
	return len(next) > 0 || slices.ContainsFunc(op.Parameters, func(ref *openapi3.ParameterRef) bool {
		return ref.Value.Name == "skip" && ref.Value.In == openapi3.ParameterInQuery
	})
}

// skip asks for one page after the other, each without the entries of those
// before, until one is empty, or all are there as far as the answer counts them.
func (p *plan) skip(ctx context.Context, client *rest.Client) ([]json.RawMessage, error) {
	start, _ := strconv.Atoi(plain(p.request.values["query skip"]))
	take, _ := strconv.Atoi(plain(p.request.values["query take"]))
	var all []json.RawMessage
	var last []byte
	for {
		p.request.values["query skip"] = json.Number(strconv.Itoa(start + len(all)))
		raw, err := rest.Do[rest.Raw](ctx, p.request.build(client, p.rest))
		if err != nil {
			return nil, sent(err)
		}
		list, total, err := theList(*raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", p.rest.Vendor, p.rest.ID, err)
		}
		if len(list) > 0 && bytes.Equal(*raw, last) {
			return nil, fmt.Errorf("%s: %s: the same page came again: skip has no effect there", p.rest.Vendor, p.rest.ID)
		}
		all, last = append(all, list...), *raw
		if len(list) == 0 || len(list) < take || total > 0 && start+len(all) >= total {
			return all, nil
		}
	}
}

// theList returns the only list in an answer, and how many entries there are if
// the answer has one number called total….
func theList(answer []byte) (list []json.RawMessage, total int, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil {
		return nil, 0, fmt.Errorf("--all: the answer is no object with a list in it")
	}
	found := 0
	for name, value := range members {
		var items []json.RawMessage
		switch {
		case value[0] == '[' && json.Unmarshal(value, &items) == nil:
			list = items
			found++
		case len(name) > 5 && name[:5] == "total":
			total, _ = strconv.Atoi(string(value))
		}
	}
	if found > 1 {
		return nil, 0, fmt.Errorf("--all: the answer has %d lists", found)
	}
	return list, total, nil
}

// itemsSchema returns the schema of the list that --all prints.
func (p *plan) itemsSchema() *openapi3.SchemaRef {
	schema := p.op.Answer()
	items, _ := p.op.Pages()
	if len(items) == 0 {
		properties := catalog.ShapeOf(schema).Properties
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if catalog.ShapeOf(properties[name]).Type == openapi3.TypeArray {
				return properties[name]
			}
		}
		return nil
	}
	for _, name := range items {
		schema = catalog.ShapeOf(schema).Properties[name]
	}
	return schema
}
