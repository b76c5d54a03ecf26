package main

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseKeepsEveryRound(t *testing.T) {
	const out = "BenchmarkCall/payload=user/peer=ours-2 \t 100 \t 12000 ns/op \t 13000 cpu-ns/op \t 512 B/op \t 9 allocs/op\n"
	found, err := parse(strings.NewReader(out + strings.ReplaceAll(out, "12000", "14000") + "PASS\n"))
	if err != nil {
		t.Fatal(err)
	}
	values := found["Call/payload=user/peer=ours"]
	for unit, want := range map[string][]float64{
		"sec/op": {12e-6, 14e-6}, "cpu-sec/op": {13e-6, 13e-6}, "B/op": {512, 512}, "allocs/op": {9, 9},
	} {
		same := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
		if got := values[unit]; !slices.EqualFunc(got, want, same) {
			t.Errorf("%s: got %v, want %v", unit, got, want)
		}
	}
	if _, err := parse(strings.NewReader("PASS\n")); err == nil {
		t.Error("no error for benchmarks that printed nothing")
	}
}

func TestVerdicts(t *testing.T) {
	for _, tt := range []struct {
		ratio, goal float64
		want        string
	}{
		{0.30, 0.30, "0.30 (≤ 0.30 ok)"},
		{0.31, 0.30, "0.31 (≤ 0.30 **miss**)"},
		{0.5, 0, "0.50"},
		{math.NaN(), 0.30, ""},
	} {
		if got := verdict(tt.ratio, tt.goal); got != tt.want {
			t.Errorf("verdict(%v, %v) = %q, want %q", tt.ratio, tt.goal, got, tt.want)
		}
	}
}

func TestTimesAreNotGated(t *testing.T) {
	figures := map[string]figure{ours: exactly(2), stock: exactly(1)}
	missed := table{rows: []row{
		{what: "call, user", unit: timeUnit, figures: figures, goals: map[string]float64{stock: 0.3}, noisy: true},
		{what: "– allocations", figures: figures, goals: map[string]float64{stock: 0.35}},
		{what: "– allocated", figures: figures},
	}}.missed()
	if want := "call, user – allocations: 2.00 of stock, goal 0.35"; len(missed) != 1 || missed[0] != want {
		t.Errorf("missed %q, want %q", missed, want)
	}
}

func TestFiguresHaveThreeDigitsAndAUnit(t *testing.T) {
	for _, tt := range []struct {
		figure figure
		unit   string
		want   string
	}{
		{exactly(4.2e-6), timeUnit, "4.20 µs"},
		{exactly(0.0318), timeUnit, "31.8 ms"},
		{exactly(1234567), "", "1.23M"},
		{exactly(28), "", "28"},
		{exactly(64 << 20), bytesUnit, "64 MiB"},
		{figure{1e-3, 0.5e-3, 1.2e-3}, timeUnit, "1 ms ±50%"},
		{figure{}, timeUnit, ""},
	} {
		if got := tt.figure.format(tt.unit); got != tt.want {
			t.Errorf("%v %q: got %q, want %q", tt.figure, tt.unit, got, tt.want)
		}
	}
}
