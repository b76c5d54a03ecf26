package wire

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// skipSpace returns the index of the first byte from i on that is not white
// space.
func skipSpace(s string, i int) int {
	const spaces uint64 = 1<<' ' | 1<<'\t' | 1<<'\r' | 1<<'\n'
	for i < len(s) && s[i] <= ' ' && spaces>>s[i]&1 != 0 {
		i++
	}
	return i
}

// plainEnd returns the index of the first byte from i on that is a quote, a
// backslash, a control character or not ASCII; len(s) if there is none.
//
// It takes eight bytes at a time. Subtracting a bound from each byte sets the
// highest bit of those below it, and one of the three differences keeps that of
// a byte outside ASCII. A borrow can spoil only what comes after the first hit.
func plainEnd(s string, i int) int {
	const each = 0x0101010101010101
	for ; i <= len(s)-8; i += 8 {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		hit := ((w - each*' ') | ((w ^ each*'"') - each) | ((w ^ each*'\\') - each)) & (each * 0x80)
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] != '"' && s[i] != '\\' && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// quoted consumes a string and returns its content as written; nothing after
// an error.
func (d *Decoder) quoted() (raw string) {
	s, start := d.data, d.pos+1
	for i := start; ; {
		i = plainEnd(s, i)
		if i < len(s) && s[i] == '"' {
			d.pos = i + 1
			return s[start:i]
		}
		n := oddLen(s[min(i, len(s)):])
		if n == 0 {
			d.fail(i, "invalid character or escape in a string")
			return ""
		}
		i += n
	}
}

const escapes, unescaped = `"\/bfnrt`, "\"\\/\b\f\n\r\t"

// oddLen returns the length of the escape or of the bytes outside ASCII that s,
// which may be cut off, begins with; 0 if neither is there.
func oddLen(s string) (n int) {
	switch {
	case s != "" && s[0] >= utf8.RuneSelf:
		for n < len(s) && s[n] >= utf8.RuneSelf {
			n++
		}
		return n
	case s == "" || s[0] != '\\':
		return 0
	case len(s) == 1 || strings.IndexByte(escapes, s[1]) >= 0:
		return 2
	case s[1] != 'u' || len(s) >= 6 && hex4(s[2:6]) < 0:
		return 0
	}
	return 6
}

func hex4(s string) rune {
	n, err := strconv.ParseUint(s, 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// unquote returns what the content of a string stands for. raw has passed
// [Decoder.quoted].
func unquote(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 && utf8.ValidString(raw) {
		return raw
	}
	var b strings.Builder
	b.Grow(len(raw))
	for {
		n := plainEnd(raw, 0)
		b.WriteString(raw[:n])
		if raw = raw[n:]; raw == "" {
			return b.String()
		}
		r, size := unquoteRune(raw)
		b.WriteRune(r) // U+FFFD for a surrogate
		raw = raw[size:]
	}
}

// unquoteRune returns the first character of raw, or a surrogate that has no
// partner, and its length in raw.
func unquoteRune(raw string) (r rune, size int) {
	if raw[0] != '\\' {
		return utf8.DecodeRuneInString(raw)
	}
	if raw[1] != 'u' {
		return rune(unescaped[strings.IndexByte(escapes, raw[1])]), 2
	}
	r = hex4(raw[2:6])
	if strings.HasPrefix(raw[6:], `\u`) {
		if pair := utf16.DecodeRune(r, hex4(raw[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return r, 6
}
