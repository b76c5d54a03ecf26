package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// module is where this program runs, and what its import path begins with.
const (
	module = "github.com/latchkey-go/latchkey/gen/peerbench"
	root   = "../.."
)

// peers are the clients, in the order of the table. Each has the package of
// that name below work/.
const (
	ours  = "ours"
	stock = "stock"
	ogen  = "ogen"
	hand  = "hand"
)

// generated are the clients that are generated.
func generated() []string { return []string{ours, stock, ogen} }

// packageOf returns the name of the package that is generated for a peer.
func packageOf(peer string) string {
	if peer == ours {
		return "benchapi"
	}
	return peer
}

// prepare generates the clients of testdata/bench.yaml and puts the adapters
// and programs that use them beside them.
func prepare(ctx context.Context, progress io.Writer) error {
	fmt.Fprintln(progress, "generating the clients")
	if err := os.RemoveAll("work"); err != nil {
		return err
	}
	for _, peer := range generated() {
		dir := filepath.Join("work", packageOf(peer))
		if err := generate(ctx, peer, "testdata/bench.yaml", dir); err != nil {
			return err
		}
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata/adapters", peer))); err != nil {
			return err
		}
	}
	return os.CopyFS("work", os.DirFS("testdata/program"))
}

// generate writes the package of a peer for the description spec into dir.
func generate(ctx context.Context, peer, spec, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	spec, err := filepath.Abs(spec)
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	switch peer {
	case ours:
		_, err = command(ctx, root, "go", "run", "./gen", "emit", "-package", packageOf(peer), spec, dir)
	case stock:
		_, err = command(ctx, ".", "go", "tool", "oapi-codegen", "-generate", "types,client", "-package", peer, "-o", filepath.Join(dir, "stock.gen.go"), spec)
	case ogen:
		_, err = command(ctx, ".", "go", "tool", "ogen", "-loglevel", "warn", "-clean", "-config", "testdata/ogen.yml", "-package", peer, "-target", dir, spec)
	}
	return err
}

// command runs a program in dir and returns what it prints.
func command(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the commands and their arguments are those of this program
	cmd.Dir = dir
	return output(cmd)
}

func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", cmd, err, out, &stderr)
	}
	return out, nil
}

// build runs go build, with env added to the environment, and returns how long
// that took, in seconds: by the clock or, if the machine is busy, by the
// processors.
func (p plan) build(ctx context.Context, env []string, args ...string) (float64, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build"}, args...)...) //nolint:gosec // as above
	cmd.Env = append(os.Environ(), env...)
	start := time.Now()
	if _, err := output(cmd); err != nil {
		return 0, err
	}
	if p.busy {
		return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), nil
	}
	return time.Since(start).Seconds(), nil
}

// summary returns what counts of the times of several rounds.
func (p plan) summary(times []float64) figure {
	if p.busy && len(times) > 0 {
		return exactly(slices.Min(times))
	}
	return median(times)
}
