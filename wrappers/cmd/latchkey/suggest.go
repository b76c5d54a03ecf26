package main

import (
	"cmp"
	"slices"
	"strings"
)

// suggestion returns how to go on after a name that does not exist: the nearest
// of the names that do, or all of them if they are few.
func suggestion(name string, names []string) string {
	near := nearest(name, names)
	switch {
	case len(near) > 0:
		return "; did you mean " + strings.Join(near, " or ") + "?"
	case len(names) > 0 && len(names) <= 12:
		return "; there are " + strings.Join(names, ", ")
	default:
		return ""
	}
}

// nearest returns up to three names that are like the given one, the most
// similar first.
func nearest(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	lower := strings.ToLower(name)
	for _, other := range names {
		low := strings.ToLower(other)
		d := distance(lower, low)
		if len(lower) >= 3 && strings.Contains(low, lower) {
			d = min(d, 2)
		}
		if d <= max(2, len(name)/3) && d < len(other) {
			found = append(found, candidate{other, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var result []string
	for _, c := range found[:min(len(found), 3)] {
		if c.distance <= found[0].distance+1 {
			result = append(result, c.name)
		}
	}
	return result
}

// distance returns how many letters have to be inserted, removed, replaced or
// swapped with their neighbour to turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
