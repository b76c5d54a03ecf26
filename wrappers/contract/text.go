package contract

import (
	"fmt"
	"strings"
)

// String returns the report as text: what was looked at, one line for each
// finding, grouped by operation and status, and how much was confirmed.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d compared with the description%s.\n", answers(r.Answers), r.Compared, r.skipped())
	if r.Unmatched > 0 {
		fmt.Fprintf(&b, "%s to requests that no described operation fits.\n", answers(r.Unmatched))
	}
	if r.Dropped > 0 {
		fmt.Fprintf(&b, "%s had more differences than are kept.\n", answers(r.Dropped))
	}
	group := ""
	for _, f := range r.Findings {
		if head := fmt.Sprintf("\n%s %s (%s), status %d\n", f.Method, f.Path, f.Operation, f.Status); head != group {
			group = head
			b.WriteString(head)
		}
		fmt.Fprintf(&b, "  %-20s  %s\n", f.Kind, f.line())
	}
	levels := map[string]int{}
	for _, p := range r.confirmedProperties() {
		levels[p.Certainty]++
	}
	b.WriteString("\nConfirmed: ")
	fmt.Fprintf(&b, "%d documented, %d observed and %d inferred properties were seen as described.\n",
		levels["documented"], levels["observed"], levels["inferred"])
	return b.String()
}

// skipped says which bodies were not compared, and why.
func (r *Report) skipped() string {
	var parts []string
	for _, part := range []struct {
		n   int
		why string
	}{{r.NotJSON, "not JSON"}, {r.TooLarge, "larger than 1 MiB"}, {r.CutShort, "cut short"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.why))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// line says what a finding is about.
func (f *Finding) line() string {
	where := f.Where
	if where == "" {
		where = "the answer"
	}
	seen := answers(f.Count)
	switch f.Kind {
	case UnknownProperty:
		return fmt.Sprintf("%s: %s, in %s", where, f.types, seen)
	case MissingMember:
		return fmt.Sprintf("%s is required, absent in %s", where, seen)
	case UnknownEnum:
		return fmt.Sprintf("%s has a value that is not listed, in %s", where, seen)
	case UnknownStatus:
		text := fmt.Sprintf("described are %s, in %s", f.Described, seen)
		if f.Decision != "" {
			text += "; " + f.Decision
		}
		return text
	case UnknownContentType:
		described := f.Described
		if described == "" {
			described = "no body"
		}
		return fmt.Sprintf("%s, described is %s, in %s", strings.Join(f.Observed, ", "), described, seen)
	default:
		return fmt.Sprintf("%s: %s, described is %s, in %s", where, f.types, f.Described, seen)
	}
}

// confirmedProperties returns one confirmation for each property of the
// description of which a value other than null was seen.
func (r *Report) confirmedProperties() []Confirmation {
	seen := map[string]bool{}
	var list []Confirmation
	for _, c := range r.Confirmed {
		if !seen[c.Pointer] && isProperty(c.Pointer) && c.types&^null != 0 {
			seen[c.Pointer] = true
			list = append(list, c)
		}
	}
	return list
}

// isProperty tells whether a pointer leads to a property of a schema.
func isProperty(pointer string) bool {
	tokens := strings.Split(pointer, "/")
	return len(tokens) > 2 && tokens[len(tokens)-2] == "properties"
}

func answers(n int) string {
	if n == 1 {
		return "1 answer"
	}
	return fmt.Sprintf("%d answers", n)
}
