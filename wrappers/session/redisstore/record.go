package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// Load implements session.Store. A record that is sealed with another key, for
// another account, or not sealed although it should be, is session.ErrCorrupt.
func (s *Store) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	value, err := s.do(ctx, call{name: "load", script: s.scripts.load, key: s.recordName(key)})
	if err != nil {
		return nil, "", err
	}
	fields, _ := value.([]any)
	if len(fields) != 2 {
		return nil, "", fmt.Errorf("redis: load: %w", errUnclear)
	}
	if fields[0] == nil && fields[1] == nil {
		return nil, "", session.ErrNotFound
	}
	text, _ := fields[0].(string)
	version := session.Version(text)
	sealed, _ := fields[1].(string)
	data, err := s.sealer.open(key, sealed)
	if err != nil {
		return nil, version, err
	}
	record, err := session.DecodeRecord(data)
	return record, version, err
}

// CompareAndSwap implements session.Store. Versions are random.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old session.Version, record *session.Record) (session.Version, error) {
	version, data := "", ""
	if record != nil {
		text, err := record.Encode()
		if err != nil {
			return "", err
		}
		version, data = rand.Text(), s.sealer.seal(key, text)
	}
	value, err := s.do(ctx, call{
		name: "save", script: s.scripts.swap, key: s.recordName(key),
		args: []any{string(old), version, data, s.ttl.Milliseconds()},
	})
	switch {
	case err != nil:
		return "", err
	case value != int64(1):
		return "", session.ErrConflict
	default:
		return session.Version(version), nil
	}
}
