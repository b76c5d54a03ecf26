package main

import (
	"bytes"
	"fmt"
	"strings"
)

// safe escapes characters with which JSON could command a terminal.
func (s *screen) safe(text []byte) []byte {
	if bytes.IndexFunc(text, isCommand) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		if isCommand(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

func isCommand(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// coloured colours indented JSON.
func coloured(text []byte) []byte {
	const key, str, word, reset = "\x1b[34m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
	var b bytes.Buffer
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end := i + 1
			for text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end++
			colour := str
			if end < len(text) && text[end] == ':' {
				colour = key
			}
			b.WriteString(colour)
			b.Write(text[i:end])
			b.WriteString(reset)
			i = end
		case strings.IndexByte("-0123456789tfn", c) >= 0:
			end := i
			for end < len(text) && strings.IndexByte(",\n]} ", text[end]) < 0 {
				end++
			}
			b.WriteString(word)
			b.Write(text[i:end])
			b.WriteString(reset)
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.Bytes()
}
