package session

import (
	"context"
	"strconv"
	"sync"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A MemoryStore is a [Store] for engines within one process. The zero
// MemoryStore is empty and ready to use; it must not be copied.
type MemoryStore struct {
	mu      sync.Mutex
	records map[string]memoryRecord
	locks   map[string]chan struct{} // holds one item while locked
	changes int
}

type memoryRecord struct {
	data    rest.Secret
	version Version
}

// Load implements [Store].
func (m *MemoryStore) Load(_ context.Context, key string) (*Record, Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.records[key]
	if !ok {
		return nil, "", ErrNotFound
	}
	record, err := DecodeRecord([]byte(found.data.Reveal()))
	return record, found.version, err
}

// CompareAndSwap implements [Store].
func (m *MemoryStore) CompareAndSwap(_ context.Context, key string, old Version, record *Record) (Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[key].version != old {
		return "", ErrConflict
	}
	if record == nil {
		delete(m.records, key)
		return "", nil
	}
	data, err := record.Encode()
	if err != nil {
		return "", err
	}
	if m.records == nil {
		m.records = map[string]memoryRecord{}
	}
	m.changes++
	version := Version(strconv.Itoa(m.changes))
	m.records[key] = memoryRecord{data: rest.NewSecret(string(data)), version: version}
	return version, nil
}

// Lock implements [Store].
func (m *MemoryStore) Lock(ctx context.Context, key string) (unlock func(), err error) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks = map[string]chan struct{}{}
	}
	lock, ok := m.locks[key]
	if !ok {
		lock = make(chan struct{}, 1)
		m.locks[key] = lock
	}
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return sync.OnceFunc(func() { <-lock }), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
