package main

import (
	"os"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
)

// writeList writes the list of 10,000 users into a file.
func writeList(file string) error { return os.WriteFile(file, bench.List(10_000).Body, 0o600) }

// Goals for the time of whole calls, as ratios to stock and to ogen.
func timeGoals(payload string) map[string]float64 {
	switch payload {
	case "login":
		return map[string]float64{stock: 0.30, ogen: 0.95}
	case "user":
		return map[string]float64{stock: 0.30, ogen: 0.70}
	default:
		return map[string]float64{stock: 0.15, ogen: 0.50}
	}
}

// clock returns the unit of times.
func (p plan) clock() string {
	if p.busy {
		return "cpu-sec/op"
	}
	return "sec/op"
}

// speedRows returns the rows of the benchmarks.
func (p plan) speedRows(found results) []row {
	summary := func(benchmark, measured string) figure {
		values := found[benchmark][measured]
		if measured == p.clock() {
			return p.summary(values)
		}
		return median(values)
	}
	rowOf := func(what, benchmark, measured, unit string, goals map[string]float64) row {
		r := row{what: what, unit: unit, figures: map[string]figure{}, goals: goals, noisy: unit == timeUnit}
		for _, peer := range append(generated(), hand) {
			r.figures[peer] = summary(benchmark+"/peer="+peer, measured)
		}
		return r
	}
	var rows []row
	for _, payload := range bench.Payloads() {
		name := "Call/payload=" + payload.Name
		rows = append(rows,
			rowOf("call, "+payload.Name, name, p.clock(), timeUnit, timeGoals(payload.Name)),
			rowOf("– allocations", name, "allocs/op", "", map[string]float64{stock: 0.35}),
			rowOf("– allocated", name, "B/op", bytesUnit, nil),
		)
	}
	for _, payload := range bench.Payloads() {
		rows = append(rows, rowOf("decoding, "+payload.Name, "Decode/payload="+payload.Name, p.clock(), timeUnit, nil))
	}
	for _, kind := range []string{"query", "body"} {
		name := "Request/kind=" + kind
		times := rowOf("request with a "+kind, name, p.clock(), timeUnit, map[string]float64{stock: 0.60})
		allocations := rowOf("– allocations", name, "allocs/op", "", nil)
		for _, r := range []row{times, allocations} {
			measured := "allocs/op"
			if r.unit == timeUnit {
				measured = p.clock()
			}
			floor := summary(name+"/peer=none", measured)
			for peer, figure := range r.figures {
				r.figures[peer] = figure.minus(floor)
			}
			rows = append(rows, r)
		}
	}
	rows = append(rows,
		rowOf("64 callers, loopback, list-100", "Loopback/transport=own", p.clock(), timeUnit, map[string]float64{stock: 0.25}),
		rowOf("– with the same transport", "Loopback/transport=shared", p.clock(), timeUnit, map[string]float64{stock: 0.25}),
		rowOf("64 callers, TLS, HTTP/2, user", "TLS/http=2", p.clock(), timeUnit, nil),
	)
	http1 := rowOf("– HTTP/1.1", "TLS/http=1.1", p.clock(), timeUnit, nil)
	http1.against = &rows[len(rows)-1]
	http1.againstGoal = 1.20
	return append(rows, http1)
}
