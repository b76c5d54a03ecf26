package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
)

// An acquisition is the benchmark of package session that finds the session
// which is there: no program can do only that, since the engine keeps its token
// to itself.
type acquisition struct {
	program string
	dir     string
}

// newAcquisition builds the benchmark. It needs the go command and the source
// of package session, which lies around this one.
func newAcquisition(ctx context.Context, dir string) (*acquisition, error) {
	source, err := sourceDir()
	if err != nil {
		return nil, err
	}
	a := &acquisition{program: filepath.Join(dir, "session.test.exe"), dir: dir}
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-o", a.program, ".") //nolint:gosec // the arguments are ours
	cmd.Dir = source
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	return a, nil
}

// sourceDir returns the folder of package session.
func sourceDir() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("this program does not know where its source is")
	}
	dir := filepath.Dir(filepath.Dir(file))
	_, err := os.Stat(filepath.Join(dir, "bench_test.go"))
	return dir, err
}

// time returns the median of several rounds in nanoseconds.
func (a *acquisition) time(ctx context.Context, goroutines int, e effort) (float64, error) {
	args := []string{
		"-test.run=^$", fmt.Sprintf("-test.bench=^BenchmarkAcquire$/^%d$", goroutines),
		fmt.Sprintf("-test.benchtime=%dx", e.calls), fmt.Sprintf("-test.count=%d", e.rounds),
	}
	if goroutines == 1 {
		args = append(args, "-test.cpu=1") // a benchmark has at least one goroutine per processor
	}
	cmd := exec.CommandContext(ctx, a.program, args...) //nolint:gosec // we have built it
	cmd.Dir = a.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("BenchmarkAcquire: %w\n%s", err, out)
	}
	var samples []float64
	for _, match := range regexp.MustCompile(`([0-9.]+) ns/op`).FindAllSubmatch(out, -1) {
		took, err := strconv.ParseFloat(string(match[1]), 64)
		if err != nil {
			return 0, err
		}
		samples = append(samples, took)
	}
	if len(samples) == 0 {
		return 0, fmt.Errorf("BenchmarkAcquire printed no time:\n%s", out)
	}
	return median(samples), nil
}
