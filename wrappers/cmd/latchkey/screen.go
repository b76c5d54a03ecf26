package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/term"
)

// A screen is where output goes. On a terminal it shows progress and colours;
// NO_COLOR in the environment keeps the colours away.
type screen struct {
	w        *sink
	terminal bool
	colour   bool
	dirty    atomic.Bool // there is a progress line
}

func newScreen(w io.Writer) *screen {
	s := &screen{w: &sink{w: w}}
	if f, ok := w.(*os.File); ok {
		s.terminal = term.IsTerminal(int(f.Fd()))
	}
	s.colour = s.terminal && !noColour()
	return s
}

// progress replaces the progress line of a terminal.
func (s *screen) progress(vendor, step string) {
	if s.terminal && os.Getenv("TERM") != "dumb" {
		s.dirty.Store(true)
		fmt.Fprintf(s.w, "\r\x1b[K%s: %s…", vendor, step)
	}
}

// clear removes the progress line.
func (s *screen) clear() {
	if s.dirty.Swap(false) {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
}

// paint colours the result of a trial.
func (s *screen) paint(result string) string {
	switch {
	case !s.colour:
		return result
	case result == resultOK:
		return "\x1b[32m" + result + "\x1b[0m"
	default:
		return "\x1b[31m" + result + "\x1b[0m"
	}
}

// noColour reports whether the user wants no colours.
func noColour() bool { return os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" }
