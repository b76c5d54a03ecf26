package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/term"
)

// A screen is where output goes. On a terminal it shows progress and colours;
// NO_COLOR in the environment keeps the colours away.
type screen struct {
	w        io.Writer
	terminal bool
	colour   bool
	dirty    atomic.Bool // there is a progress line
}

func newScreen(w io.Writer) *screen {
	s := &screen{w: w}
	if f, ok := w.(*os.File); ok {
		s.terminal = term.IsTerminal(int(f.Fd()))
	}
	s.colour = s.terminal && !noColour()
	return s
}

// progress replaces the progress line of a terminal.
func (s *screen) progress(vendor, step string) {
	if s.terminal {
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

// table prints one line per trial, and below it what went wrong.
func (s *screen) table(trials []*trial) {
	rows := [][]string{{"VENDOR", "OPERATIONS", "DOCUMENTED", "OBSERVED", "INFERRED", "LOGINS", "REFRESHES", "REPLAYS", "RESULT"}}
	for _, t := range trials {
		c := t.certainties()
		row := []string{string(t.vendor)}
		for _, n := range []int{len(t.operations), c[0], c[1], c[2], t.standin.Logins(), t.standin.Refreshes(), int(t.replays.Load())} {
			row = append(row, strconv.Itoa(n))
		}
		result := "ok"
		if len(t.faults) > 0 {
			result = "failed"
		}
		rows = append(rows, append(row, result))
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for i, row := range rows {
		s.row(row, widths, i == 0)
	}
	for _, t := range trials {
		for _, fault := range t.faults {
			fmt.Fprintf(s.w, "%s: %s\n", t.vendor, fault)
		}
	}
}

// row prints one line: words to the left, numbers to the right.
func (s *screen) row(cells []string, widths []int, head bool) {
	var b strings.Builder
	last := len(cells) - 1
	for i, cell := range cells {
		space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		switch i {
		case 0:
			b.WriteString(cell + space)
		case last:
			b.WriteString("  " + s.paint(cell, head))
		default:
			b.WriteString("  " + space + cell)
		}
	}
	line := b.String()
	if head && s.colour {
		line = "\x1b[1m" + line + "\x1b[0m"
	}
	fmt.Fprintln(s.w, line)
}

// paint colours a result.
func (s *screen) paint(result string, head bool) string {
	if !s.colour || head {
		return result
	}
	if result == "ok" {
		return "\x1b[32m" + result + "\x1b[0m"
	}
	return "\x1b[31m" + result + "\x1b[0m"
}

// noColour reports whether the user wants no colours.
func noColour() bool { return os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" }
