package contract

import (
	"fmt"
	"strings"
)

// contextLines is how many unchanged lines surround a change.
const contextLines = 3

// unified returns edits as a unified diff, "" if there are none.
func unified(lines []string, edits []edit, file string) string {
	if len(edits) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", file, file)
	shift := 0 // lines that were added so far
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].line-(edits[n-1].line+edits[n-1].remove) <= 2*contextLines {
			n++
		}
		shift += writeHunk(&b, lines, edits[:n], shift)
		edits = edits[n:]
	}
	return b.String()
}

// writeHunk writes neighbouring edits as one hunk, and returns how many lines it
// adds.
func writeHunk(b *strings.Builder, lines []string, edits []edit, shift int) int {
	last := edits[len(edits)-1]
	from, to := max(edits[0].line-contextLines, 0), min(last.line+last.remove+contextLines, len(lines))
	added := 0
	var body strings.Builder
	next := from
	write := func(mark string, lines []string) {
		for _, line := range lines {
			body.WriteString(mark + strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	for _, e := range edits {
		write(" ", lines[next:e.line])
		write("-", lines[e.line:e.line+e.remove])
		write("+", e.insert)
		next = e.line + e.remove
		added += len(e.insert) - e.remove
	}
	write(" ", lines[next:to])
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n%s", from+1, to-from, from+1+shift, to-from+added, body.String())
	return added
}
