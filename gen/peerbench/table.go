package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"time"
)

// Units of the table. Counts have none.
const (
	timeUnit  = "s"
	bytesUnit = "B"
)

// A row is one comparison.
type row struct {
	what, unit string
	figures    map[string]figure  // by peer
	goals      map[string]float64 // largest ratio of ours to the peer's
	noisy      bool               // depends on what else the machine does

	against     *row    // compares ours with ours of another row, too
	againstGoal float64 // largest ratio
}

// ratio returns ours divided by that of a peer, or NaN if one is missing.
func (r row) ratio(peer string) float64 {
	if r.figures[ours].value == 0 || r.figures[peer].value == 0 {
		return math.NaN()
	}
	return r.figures[ours].value / r.figures[peer].value
}

// A table is what is printed.
type table struct {
	rows []row
	busy bool // times are those of the processors in the best round
}

// print writes the table as Markdown.
func (t table) print(w io.Writer) {
	fmt.Fprintf(w, "Go %s, %s/%s, %d processors, %s.\n\n", runtime.Version()[2:], runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly))
	fmt.Fprintln(w, "| | ours | stock | ogen | by hand | ours/stock | ours/ogen |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|")
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s |", r.what)
		for _, peer := range append(generated(), hand) {
			fmt.Fprintf(w, " %s |", r.figures[peer].format(r.unit))
		}
		for _, peer := range []string{stock, ogen} {
			fmt.Fprintf(w, " %s |", verdict(r.ratio(peer), r.goals[peer]))
		}
		fmt.Fprintln(w)
	}
	for _, r := range t.rows {
		if r.against != nil {
			ratio := r.figures[ours].value / r.against.figures[ours].value
			fmt.Fprintf(w, "\nOurs over HTTP/1.1 takes %s times as long as over HTTP/2.\n", verdict(ratio, r.againstGoal))
		}
	}
	times := ""
	if t.busy {
		times = " Times are those that the processors worked, in the best round."
	}
	fmt.Fprintf(w, "\nMedians; ± where the range that the median is in with 95 %% is wider than a tenth of it.%s A ratio below 1 is in\n", times)
	fmt.Fprintln(w, "favour of ours; beside it the goal, and whether it is reached.")
}

// missed names the goals that are missed and do not depend on the machine.
func (t table) missed() []string {
	var names []string
	for i, r := range t.rows {
		for peer, goal := range r.goals {
			if ratio := r.ratio(peer); !r.noisy && ratio > goal {
				names = append(names, fmt.Sprintf("%s: %.2f of %s, goal %.2f", t.title(i), ratio, peer, goal))
			}
		}
	}
	return names
}

// title returns what row i is about: rows that begin with a dash belong to one
// above.
func (t table) title(i int) string {
	what := t.rows[i].what
	for ; i > 0 && t.rows[i].what[0] > '~'; i-- {
		what = t.rows[i-1].what + " " + t.rows[i].what
	}
	return what
}

// verdict returns a ratio and, if there is one, its goal and whether it is met.
func verdict(ratio, goal float64) string {
	switch {
	case math.IsNaN(ratio):
		return ""
	case goal == 0:
		return fmt.Sprintf("%.2f", ratio)
	case ratio > goal:
		return fmt.Sprintf("%.2f (≤ %.2f **miss**)", ratio, goal)
	default:
		return fmt.Sprintf("%.2f (≤ %.2f ok)", ratio, goal)
	}
}

// format returns the figure with three digits and its unit.
func (f figure) format(unit string) string {
	if f.value == 0 {
		return ""
	}
	text := ""
	switch unit {
	case timeUnit:
		text = scaled(f.value*1e9, 1000, "ns", "µs", "ms", "s")
	case bytesUnit:
		text = scaled(f.value, 1024, "B", "KiB", "MiB", "GiB")
	default:
		text = scaled(f.value, 1000, "", "k", "M", "G")
	}
	if spread := max(f.high-f.value, f.value-f.low) / math.Abs(f.value); spread > 0.1 {
		return fmt.Sprintf("%s ±%.0f%%", text, 100*spread)
	}
	return text
}

// scaled returns value with the unit in which it has at most three digits
// before the point.
func scaled(value, base float64, units ...string) string {
	i := 0
	for ; i < len(units)-1 && math.Abs(value) >= base; i++ {
		value /= base
	}
	digits := 0
	if abs := math.Abs(value); abs < 10 && value != math.Trunc(value) {
		digits = 2
	} else if abs < 100 && value != math.Trunc(value) {
		digits = 1
	}
	text := fmt.Sprintf("%.*f", digits, value)
	if units[i] == "" || base == 1000 && units[0] == "" {
		return text + units[i]
	}
	return text + " " + units[i]
}
