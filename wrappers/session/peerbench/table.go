package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A row is one measurement of all peers.
type row struct {
	label  string
	values map[string]float64
	digits int  // after the point
	ratio  bool // say how ours compares with x/oauth2
	exact  bool // the same on every machine
	goal   string
	isMet  func(ours, oauth2 float64) bool // nil without a goal
}

// newRow returns a row without values.
func newRow(label string) *row { return &row{label: label, values: map[string]float64{}} }

// atMost sets the goal that ours is not more than limit.
func (r *row) atMost(limit float64) *row {
	r.goal = fmt.Sprintf("at most %g", limit)
	r.isMet = func(ours, _ float64) bool { return ours <= limit }
	return r
}

// exactly sets the goal that ours is want.
func (r *row) exactly(want float64) *row {
	r.exact, r.goal = true, fmt.Sprintf("%g", want)
	r.isMet = func(ours, _ float64) bool { return ours == want }
	return r
}

// fewer sets the goal that ours is at most limit, and less than x/oauth2.
func (r *row) fewer(limit float64) *row {
	r.exact, r.ratio, r.goal = true, true, fmt.Sprintf("at most %g and fewer", limit)
	r.isMet = func(ours, oauth2 float64) bool { return ours <= limit && ours < oauth2 }
	return r
}

// noMore sets the goal that ours is at most as much as x/oauth2.
func (r *row) noMore() *row {
	r.ratio, r.goal = true, "at most 1.00x"
	r.isMet = func(ours, oauth2 float64) bool { return ours <= oauth2 }
	return r
}

// met reports whether the goal is met.
func (r *row) met() bool {
	ours, ok := r.values[ourName]
	return ok && r.isMet(ours, r.values[oauth2Name])
}

// cell returns the value of a peer as text.
func (r *row) cell(name string) string {
	value, ok := r.values[name]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.*f", r.digits, value)
}

// versus returns how ours compares with x/oauth2.
func (r *row) versus() string {
	if !r.ratio || r.values[oauth2Name] == 0 {
		return ""
	}
	return fmt.Sprintf("%.2fx", r.values[ourName]/r.values[oauth2Name])
}

func (r *row) verdict() string {
	switch {
	case r.isMet == nil:
		return ""
	case r.met():
		return "ok"
	default:
		return "miss"
	}
}

// missed counts the goals that were missed, and those among them that do not
// depend on the machine.
func missed(rows []*row) (all, exact int) {
	for _, r := range rows {
		if r.isMet == nil || r.met() {
			continue
		}
		all++
		if r.exact {
			exact++
		}
	}
	return all, exact
}

// write writes the rows as one table in Markdown.
func write(w io.Writer, names []string, rows []*row) {
	head := append(append([]string{""}, names...), "vs "+oauth2Name, "goal", "")
	lines := [][]string{head}
	for _, r := range rows {
		line := []string{r.label}
		for _, name := range names {
			line = append(line, r.cell(name))
		}
		lines = append(lines, append(line, r.versus(), r.goal, r.verdict()))
	}
	widths := make([]int, len(head))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	last := len(names) + 1 // what comes after the names and numbers is text
	for i, line := range lines {
		writeLine(w, line, widths, last)
		if i == 0 {
			writeRule(w, widths, last)
		}
	}
}

func writeLine(w io.Writer, line []string, widths []int, last int) {
	for i, cell := range line {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if i == 0 || i > last {
			fmt.Fprintf(w, "| %s%s ", cell, pad)
		} else {
			fmt.Fprintf(w, "| %s%s ", pad, cell)
		}
	}
	fmt.Fprintln(w, "|")
}

func writeRule(w io.Writer, widths []int, last int) {
	for i, width := range widths {
		if i == 0 || i > last {
			fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
		} else {
			fmt.Fprintf(w, "|%s:", strings.Repeat("-", width+1))
		}
	}
	fmt.Fprintln(w, "|")
}
