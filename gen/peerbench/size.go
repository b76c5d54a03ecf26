package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	sizeDir = "work/size"
	kinds   = 50
)

// size returns the rows about lines, builds and programs, of a description of
// 200 operations.
func (p plan) size(ctx context.Context, progress io.Writer) ([]row, error) {
	if err := os.RemoveAll(sizeDir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(sizeDir, 0o750); err != nil {
		return nil, err
	}
	spec := filepath.Join(sizeDir, "synthetic.yaml")
	if err := os.WriteFile(spec, []byte(synthetic(kinds)), 0o600); err != nil {
		return nil, err
	}
	newRow := func(what, unit string, noisy bool) row {
		return row{what: what, unit: unit, figures: map[string]figure{}, goals: map[string]float64{stock: 1}, noisy: noisy}
	}
	rows := []row{
		newRow("generated lines per operation", "", false),
		newRow("compiling the package", timeUnit, true),
		newRow("rebuilding a program after a change", timeUnit, true),
		newRow("building it with an empty cache but for the standard library", timeUnit, true),
		newRow("program with one call, stripped", bytesUnit, false),
		newRow("modules linked", "", false),
	}
	for _, peer := range generated() {
		fmt.Fprintln(progress, "sizing", peer)
		s := sized{peer: peer, dir: filepath.Join(sizeDir, packageOf(peer)), hello: filepath.Join(sizeDir, "hello-"+peer)}
		figures, err := s.measure(ctx, p, spec)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i].figures[peer] = figures[i]
		}
	}
	if !p.cold {
		rows = append(rows[:3], rows[4:]...)
	}
	return rows, nil
}

// sized is a client of the synthetic description, and a program that uses it.
type sized struct{ peer, dir, hello string }

// measure returns the figures in the order of the rows.
func (s sized) measure(ctx context.Context, p plan, spec string) ([]figure, error) {
	if err := generate(ctx, s.peer, spec, s.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.hello, 0o750); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.hello, "main.go"), []byte(s.program()), 0o600); err != nil {
		return nil, err
	}
	lines, err := s.lines()
	if err != nil {
		return nil, err
	}
	compile, rebuild, err := s.rebuild(ctx, p)
	if err != nil {
		return nil, err
	}
	var cold figure
	if p.cold {
		if cold, err = s.cold(ctx, p); err != nil {
			return nil, err
		}
	}
	size, modules, err := s.linked(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{exactly(lines / (4 * kinds)), compile, rebuild, cold, exactly(size), exactly(modules)}, nil
}

// lines returns how many lines were generated.
func (s sized) lines() (float64, error) {
	paths, err := filepath.Glob(filepath.Join(s.dir, "*.go"))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, path := range paths {
		code, err := os.ReadFile(path) //nolint:gosec // it was generated here
		if err != nil {
			return 0, err
		}
		n += bytes.Count(code, []byte("\n"))
	}
	return float64(n), nil
}

// rebuild returns how long it takes to compile the package after a change, and
// to build the program after a change of the package.
func (s sized) rebuild(ctx context.Context, p plan) (compile, program figure, err error) {
	builds := [][]string{{"./" + s.dir}, {"-o", s.binary(), "./" + s.hello}}
	times := make([][]float64, len(builds))
	for round := range min(p.count, 3) + 1 {
		for i, args := range builds {
			change := fmt.Sprintf("package %s\n\nvar changed = %q\n", packageOf(s.peer), time.Now())
			if err := os.WriteFile(filepath.Join(s.dir, "changed.go"), []byte(change), 0o600); err != nil {
				return compile, program, err
			}
			took, err := p.build(ctx, nil, args...)
			if err != nil {
				return compile, program, err
			}
			if round > 0 { // the first builds what both need
				times[i] = append(times[i], took)
			}
		}
	}
	return p.summary(times[0]), p.summary(times[1]), nil
}

func (s sized) binary() string { return filepath.Join(s.hello, "hello") }

// cold returns how long it takes to build the program if nothing but the
// standard library has been compiled before.
func (s sized) cold(ctx context.Context, p plan) (figure, error) {
	list, err := command(ctx, ".", "go", "list", "-deps", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", "./"+s.hello)
	if err != nil {
		return figure{}, err
	}
	var times []float64
	for range min(p.count, 2) {
		took, err := s.coldOnce(ctx, p, strings.Fields(string(list)))
		if err != nil {
			return figure{}, err
		}
		times = append(times, took)
	}
	return p.summary(times), nil
}

func (s sized) coldOnce(ctx context.Context, p plan, standard []string) (float64, error) {
	cache, err := os.MkdirTemp("", "peerbench")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(cache) }()
	env := []string{"GOCACHE=" + cache}
	if _, err := p.build(ctx, env, standard...); err != nil {
		return 0, err
	}
	return p.build(ctx, env, "-o", s.binary(), "./"+s.hello)
}

// linked returns the size of the stripped program and how many modules are in
// it beside the program's own.
func (s sized) linked(ctx context.Context) (size, modules float64, err error) {
	if _, err := command(ctx, ".", "go", "build", "-o", s.binary(), "-ldflags=-s -w", "./"+s.hello); err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(s.binary())
	if err != nil {
		return 0, 0, err
	}
	out, err := command(ctx, ".", "go", "version", "-m", s.binary())
	if err != nil {
		return 0, 0, err
	}
	return float64(info.Size()), float64(strings.Count(string(out), "\tdep\t")), nil
}

// program returns a program that makes one call and prints what it got.
func (s sized) program() string {
	imports, call := "", ""
	switch s.peer {
	case ours:
		imports = "\n\t\"github.com/latchkey-go/latchkey/wrappers/rest\""
		call = `	c, err := rest.NewClient("bench", os.Args[1], nil)
	if err != nil {
		return err
	}
	v, err := benchapi.New(c).ListThings7(context.Background(), nil)
	if err != nil {
		return err
	}
	fmt.Println(v.Count)`
	case stock:
		call = `	c, err := stock.NewClientWithResponses(os.Args[1])
	if err != nil {
		return err
	}
	v, err := c.ListThings7WithResponse(context.Background(), nil)
	if err != nil {
		return err
	}
	fmt.Println(*v.JSON200.Count)`
	case ogen:
		call = `	c, err := ogen.NewClient(os.Args[1])
	if err != nil {
		return err
	}
	v, err := c.ListThings7(context.Background(), ogen.ListThings7Params{})
	if err != nil {
		return err
	}
	fmt.Println(v.Count.Value)`
	}
	return `package main

import (
	"context"
	"fmt"
	"os"

	` + strconv.Quote(module+"/"+s.dir) + imports + `
)

func main() {
	if err := run(); err != nil {
		fmt.Println(err)
	}
}

func run() error {
` + call + `
	return nil
}
`
}
