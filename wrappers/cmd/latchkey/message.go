package main

import (
	"io"
	"strings"
	"unicode"
)

// note prints a message.
func (s *screen) note(text string) {
	s.clear()
	_, _ = io.WriteString(s.w, text+"\n")
}

// warn prints a warning.
func (s *screen) warn(text string) { s.say("warning: "+text, "\x1b[33m") }

// fail prints why the program ends.
func (s *screen) fail(text string) { s.say(text, "\x1b[31m") }

func (s *screen) say(text, colour string) {
	s.clear()
	name := "latchkey: "
	if s.colour {
		name = colour + name + "\x1b[0m"
	}
	_, _ = io.WriteString(s.w, name+text+"\n")
}

// write prints a text as it is.
func (s *screen) write(text []byte) {
	s.clear()
	_, _ = s.w.Write(text)
}

// printable returns a text of somebody else's without what commands a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
