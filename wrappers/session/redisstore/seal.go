package redisstore

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// keySize is the length of a key in bytes; it makes the cipher AES-256.
const keySize = 32

// What the data of a record begins with.
const (
	markPlain  = "p" // JSON follows
	markSealed = "s" // the nonce, then the sealed JSON, then its tag
)

var (
	errForm   = fmt.Errorf("%w: not in the form that this store writes", session.ErrCorrupt)
	errOpen   = fmt.Errorf("%w: sealed with another key, or changed since", session.ErrCorrupt)
	errKey    = fmt.Errorf("redisstore: a key is not %d bytes long", keySize)
	errNoKeys = errors.New("redisstore: no key to seal sessions with")
)

// A sealer keeps what is in Redis secret and unchanged. It holds its keys in a
// closure, so that dumping a value does not show them. A nil sealer does not
// seal.
type sealer struct {
	ciphers func() []cipher.AEAD // the first one seals
}

func newSealer(keys []rest.Secret) (*sealer, error) {
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	ciphers := make([]cipher.AEAD, 0, len(keys))
	for _, key := range keys {
		if len(key.Reveal()) != keySize {
			return nil, errKey
		}
		block, err := aes.NewCipher([]byte(key.Reveal()))
		if err != nil {
			return nil, errKey
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, errKey
		}
		ciphers = append(ciphers, aead)
	}
	return &sealer{ciphers: func() []cipher.AEAD { return ciphers }}, nil
}

// seal returns data as it is to be kept under key.
func (s *sealer) seal(key string, data []byte) string {
	if s == nil {
		return markPlain + string(data)
	}
	return markSealed + string(s.ciphers()[0].Seal(nil, nil, data, bound(key))) //nolint:gosec // the cipher makes the nonce, at random
}

// open returns what was kept under key. Its errors are session.ErrCorrupt.
func (s *sealer) open(key, kept string) ([]byte, error) {
	mark := markSealed
	if s == nil {
		mark = markPlain
	}
	if len(kept) == 0 || kept[:1] != mark {
		return nil, errForm
	}
	data := []byte(kept[1:])
	if s == nil {
		return data, nil
	}
	for _, aead := range s.ciphers() {
		if opened, err := aead.Open(nil, nil, data, bound(key)); err == nil {
			return opened, nil
		}
	}
	return nil, errOpen
}

// bound returns what a sealed record is bound to: it opens under its own key
// only.
func bound(key string) []byte { return []byte("latchkey session 1\x00" + key) }
