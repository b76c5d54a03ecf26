package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// results are the figures of all rounds, by benchmark (such as
// "Call/payload=user/peer=ours") and unit (such as "sec/op").
type results map[string]map[string][]float64

// speed runs the benchmarks and keeps their output in work/speed.txt, for
// benchstat.
func (p plan) speed(ctx context.Context, progress io.Writer) (results, error) {
	fmt.Fprintln(progress, "building the benchmarks")
	if _, err := command(ctx, ".", "go", "test", "-c", "-o", "work/run/run.test", "./work/run"); err != nil {
		return nil, err
	}
	if _, err := command(ctx, "work/run", "./run.test", "-test.run=."); err != nil {
		return nil, err
	}
	var all bytes.Buffer
	// One round after the other, so that what else the machine does meets all.
	for round := range p.count {
		fmt.Fprintf(progress, "measuring, round %d of %d\n", round+1, p.count)
		for _, selected := range p.selections() {
			args := append([]string{"-test.run=^$", "-test.benchtime=" + p.benchtime.String()}, selected...)
			out, err := command(ctx, "work/run", "./run.test", args...)
			if err != nil {
				return nil, err
			}
			all.Write(out)
		}
	}
	if err := os.WriteFile("work/speed.txt", all.Bytes(), 0o600); err != nil {
		return nil, err
	}
	return parse(&all)
}

// selections returns the arguments that select benchmarks, for one process
// each. On a busy machine single calls have one processor: with more, the
// garbage collector works ahead on those that are idle, which would count.
func (p plan) selections() [][]string {
	if p.busy {
		return [][]string{{"-test.bench=^Benchmark(Call|Decode|Request)$", "-test.cpu=1"}, {"-test.bench=^Benchmark(Loopback|TLS)$"}}
	}
	return [][]string{{"-test.bench=."}}
}

// parse reads the output of benchmarks.
func parse(r io.Reader) (results, error) {
	found := results{}
	for reader := benchfmt.NewReader(r, "the output"); reader.Scan(); {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			base, parts := record.Name.Parts()
			if n := len(parts); n > 0 && parts[n-1][0] == '-' { // the number of processors
				parts = parts[:n-1]
			}
			name := string(base) + string(bytes.Join(parts, nil))
			if found[name] == nil {
				found[name] = map[string][]float64{}
			}
			for _, value := range record.Values {
				found[name][value.Unit] = append(found[name][value.Unit], value.Value)
			}
		}
	}
	if len(found) == 0 {
		return nil, errors.New("the benchmarks printed nothing")
	}
	return found, nil
}

// A figure is a median and the range that the true one is in with 95 %, or the
// range of what was measured if that was too little to tell.
type figure struct{ value, low, high float64 }

func exactly(value float64) figure { return figure{value, value, value} }

func median(values []float64) figure {
	if len(values) == 0 {
		return figure{}
	}
	s := benchmath.AssumeNothing.Summary(benchmath.NewSample(values, &benchmath.DefaultThresholds), 0.95)
	f := figure{s.Center, s.Lo, s.Hi}
	if math.IsInf(f.low, 0) || math.IsInf(f.high, 0) {
		f.low, f.high = slices.Min(values), slices.Max(values)
	}
	return f
}

// minus returns f without the part that other is.
func (f figure) minus(other figure) figure {
	return figure{f.value - other.value, f.low - other.high, f.high - other.low}
}

// memory returns the row of the largest size of a process that makes one call
// for the list of 10,000 users, which it reads from a file.
func (p plan) memory(ctx context.Context, progress io.Writer) (row, error) {
	r := row{what: "peak memory, list-10000", unit: bytesUnit, figures: map[string]figure{}, goals: map[string]float64{stock: 1}}
	fmt.Fprintln(progress, "measuring memory")
	file, err := filepath.Abs("work/list.json")
	if err != nil {
		return r, err
	}
	if err := writeList(file); err != nil {
		return r, err
	}
	if _, err := command(ctx, ".", "go", "build", "-o", "work/peak/peak", "./work/peak"); err != nil {
		return r, err
	}
	values := map[string][]float64{}
	for range p.count {
		for _, peer := range append(generated(), hand) {
			out, err := command(ctx, ".", "work/peak/peak", peer, file)
			if err != nil {
				return r, err
			}
			size, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				return r, err
			}
			values[peer] = append(values[peer], size)
		}
	}
	for peer, sizes := range values {
		r.figures[peer] = median(sizes)
	}
	return r, nil
}
