package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
)

// A copied is a body that is copied while it is read, and compared at its end.
// It may be closed while it is read, as bodies may.
type copied struct {
	body io.ReadCloser

	mu        sync.Mutex
	look      *look
	mustProve bool   // is taken for JSON only if it begins like an object or a list
	copy      []byte // what was read
	over      bool
}

// Read implements [io.Reader].
func (c *copied) Read(b []byte) (int, error) {
	n, err := c.body.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.keep(b[:max(n, 0)])
		if err != nil {
			c.finish(errors.Is(err, io.EOF))
		}
	}
	return n, err
}

// Close implements [io.Closer].
func (c *copied) Close() error {
	c.mu.Lock()
	if !c.over {
		c.finish(true)
	}
	c.mu.Unlock()
	return c.body.Close()
}

// keep copies what was read, unless it is too much or no JSON.
func (c *copied) keep(b []byte) {
	if len(c.copy)+len(b) > BodyLimit {
		c.look.checker.tooLarge.Add(1)
		c.drop()
		return
	}
	c.copy = append(c.copy, b...)
	if !c.mustProve {
		return
	}
	if start := bytes.TrimLeft(trimBOM(c.copy), " \t\r\n"); len(start) > 0 {
		c.mustProve = false
		if start[0] != '{' && start[0] != '[' {
			c.look.checker.notJSON.Add(1)
			c.drop()
		}
	}
}

// finish compares the copy and forgets it. A copy that is not whole, because the
// body broke off or was closed early, is no JSON by itself.
func (c *copied) finish(whole bool) {
	value, err := decode(c.copy)
	switch {
	case len(bytes.TrimSpace(c.copy)) == 0:
	case err == nil && whole:
		c.look.compareBody(value)
	case errors.Is(err, io.ErrUnexpectedEOF), !whole:
		c.look.checker.cutShort.Add(1)
	default:
		c.look.checker.notJSON.Add(1)
	}
	c.drop()
}

// drop forgets the copy.
func (c *copied) drop() {
	c.over, c.copy = true, nil
	c.look.done()
}

// decode reads one JSON value.
func decode(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(trimBOM(data)))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return value, nil
}

// trimBOM removes the byte order mark that some servers begin with.
func trimBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
