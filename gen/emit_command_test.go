package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const emitSpec = `{"openapi":"3.0.3","info":{"title":"Fifth API","version":"1"},"paths":{"/p":{"get":{"operationId":"getThing","responses":` +
	`{"200":{"description":"d","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}}}}}},` +
	`"components":{"schemas":{"Thing":{"type":"object","properties":{"id":{"type":"string"}}}}}}`

func TestEmitWritesThePackageOfAnyDescription(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "fifthapi")
	spec := writeFile(t, "thing.yaml", emitSpec)
	for range 2 { // the second time it overwrites its own files
		var stdout, stderr bytes.Buffer
		if code := runEmit(t.Context(), []string{"-package", "fifthapi", spec, dir}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Fatalf("exit code %d\n%s", code, &stderr)
		}
		if got := strings.Count(stdout.String(), ": written\n"); got != 2 {
			t.Errorf("it names %d files, want 2:\n%s", got, &stdout)
		}
	}
	for name, wants := range map[string][]string{
		"types.gen.go":  {header + "thing.yaml. DO NOT EDIT.\n", "\npackage fifthapi\n", "\ntype Thing struct {\n"},
		"client.gen.go": {"generated from thing.yaml.", `Vendor: "fifth"`, "func (c *Client) GetThing("},
	} {
		code, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(code), want) {
				t.Errorf("%s has no %q", name, want)
			}
		}
	}
}

func TestEmitLeavesFilesThatWereNotGeneratedAlone(t *testing.T) {
	dir := t.TempDir()
	const own = "package mine\n"
	path := writeIn(t, dir, "types.gen.go", own)
	var stdout, stderr bytes.Buffer
	if code := runEmit(t.Context(), []string{"-package", "mineapi", writeFile(t, "thing.yaml", emitSpec), dir}, &stdout, &stderr); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
	if want := path + " is not a generated file"; !strings.Contains(stderr.String(), want) {
		t.Errorf("no %q in\n%s", want, &stderr)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != own {
		t.Errorf("the file is now %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "client.gen.go")); err == nil {
		t.Error("it wrote the other file")
	}
}

func TestEmitRefusesWhatIsNoPackageOrNoDescription(t *testing.T) {
	spec := writeFile(t, "thing.yaml", emitSpec)
	broken := writeFile(t, "broken.yaml", "openapi: [")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no package", []string{spec, "d"}, `-package is ""`},
		{"a package without api", []string{"-package", "acme", spec, "d"}, `-package is "acme"`},
		{"a package in upper case", []string{"-package", "Acmeapi", spec, "d"}, `-package is "Acmeapi"`},
		{"a package that is no identifier", []string{"-package", "ac-meapi", spec, "d"}, `-package is "ac-meapi"`},
		{"no directory", []string{"-package", "acmeapi", spec}, "emit takes a description and a directory"},
		{"no such file", []string{"-package", "acmeapi", "absent.yaml", "d"}, "absent.yaml"},
		{"no description", []string{"-package", "acmeapi", broken, "d"}, "broken.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var stdout, stderr bytes.Buffer
			if code := runEmit(t.Context(), tt.args, &stdout, &stderr); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, &stderr)
			}
			if _, err := os.Stat("d"); err == nil {
				t.Error("it made the directory")
			}
		})
	}
}
