// Command peerbench compares the clients that this project generates with those
// of its peers: stock oapi-codegen, ogen, and net/http with encoding/json by
// hand. It makes all of them from the same descriptions, builds them, measures
// them in one run, and prints one table of ratios with the goals beside them.
//
//	go run . [-quick] [-busy] [-gate] [-count N] [-part all|speed|memory|size]
//
// It is a module of its own, so that nothing of a peer reaches those who import
// the clients. What it generates and measures is below work/, which git ignores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A plan says what is measured, and how.
type plan struct {
	count     int           // rounds; of each figure the median counts
	benchtime time.Duration // of each benchmark in each round
	cold      bool          // also build with an empty cache
	busy      bool          // the time of the processors in the best round counts, not the median of the clock
}

// run returns 0 for success, 1 if a goal that does not depend on time is missed
// and -gate is set, 2 for anything that went wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("peerbench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("quick", false, "few short rounds, no builds from nothing: a minute or two instead of a quarter of an hour")
	count := flags.Int("count", 0, "rounds, of whose figures the median counts (default 10, quick 3)")
	busy := flags.Bool("busy", false, "compare the time of the processors in the best round, for machines that are busy with something else")
	gate := flags.Bool("gate", false, "exit with 1 if a goal for allocations, lines, sizes or modules is missed; times never count")
	part := flags.String("part", "all", "all, speed, memory or size")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 || *count < 0 || !slices.Contains([]string{"all", "speed", "memory", "size"}, *part) {
		flags.Usage()
		return 2
	}
	p := plan{count: 10, benchtime: time.Second / 2, cold: true, busy: *busy}
	if *quick {
		p = plan{count: 3, benchtime: time.Second / 5, busy: *busy}
	}
	if *count > 0 {
		p.count = *count
	}
	table, err := p.measure(ctx, *part, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "peerbench:", err)
		return 2
	}
	fmt.Fprintf(stdout, "Measured with `%s`.\n\n", strings.Join(append([]string{"go run -C gen/peerbench ."}, args...), " "))
	table.print(stdout)
	if missed := table.missed(); *gate && len(missed) > 0 {
		fmt.Fprintf(stderr, "peerbench: missed: %s\n", strings.Join(missed, "; "))
		return 1
	}
	return 0
}

// measure returns the table of one part or of all.
func (p plan) measure(ctx context.Context, part string, progress io.Writer) (table, error) {
	t := table{busy: p.busy}
	wants := func(name string) bool { return part == "all" || part == name }
	if wants("speed") || wants("memory") {
		if err := prepare(ctx, progress); err != nil {
			return t, err
		}
	}
	if wants("speed") {
		results, err := p.speed(ctx, progress)
		if err != nil {
			return t, err
		}
		t.rows = append(t.rows, p.speedRows(results)...)
	}
	if wants("memory") {
		row, err := p.memory(ctx, progress)
		if err != nil {
			return t, err
		}
		t.rows = append(t.rows, row)
	}
	if wants("size") {
		rows, err := p.size(ctx, progress)
		if err != nil {
			return t, err
		}
		t.rows = append(t.rows, rows...)
	}
	return t, nil
}
