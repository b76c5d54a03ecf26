package rest

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret is a text that must not be printed: a password, a session id, a
// token, an API key. It prints as [redacted] through package fmt (every verb),
// log/slog, and every encoder that looks for MarshalJSON or MarshalText, and
// it holds its text in a closure, so that dumping a value by reflection does
// not show it either. Only requests carry it as it is; see [Encode].
//
// The zero Secret is the empty text and prints as nothing. A Secret is
// immutable and safe for concurrent use. Secrets cannot be compared with ==;
// use [Secret.Equal].
type Secret struct {
	get func() string
}

// NewSecret returns a Secret that holds text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{get: func() string { return text }}
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.get == nil {
		return ""
	}
	return s.get()
}

// IsZero reports whether the text is empty.
func (s Secret) IsZero() bool { return s.get == nil }

// Equal reports whether s and other hold the same text, in a time that depends
// on their lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns [redacted], or nothing for the empty text.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format implements [fmt.Formatter], for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// GoString implements [fmt.GoStringer].
func (s Secret) GoString() string { return s.String() }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements [encoding.TextMarshaler]. It does not reveal the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON implements [encoding/json.Marshaler]. It does not reveal the text.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]: it takes the text as it is.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
