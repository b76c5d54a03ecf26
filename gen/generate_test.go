package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestGeneratedIsUpToDate(t *testing.T) {
	files, err := generateAll("../specs")
	if err != nil {
		t.Fatal(err)
	}
	stale, err := differences("../generated", files)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range stale {
		t.Errorf("generated/%s: %s", d.name, d.what)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	first, err := generateFile("features", "testdata/generate/features.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := generateFile("features", "testdata/generate/features.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for name := range first {
			if !bytes.Equal(first[name], again[name]) {
				t.Fatalf("%s differs from run to run: line %s", name, firstDifference(first[name], again[name]))
			}
		}
	}
}

func TestCheckNamesEachFileThatIsNotAsItShouldBe(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{"a/types.gen.go": []byte("one\ntwo\n"), "b/types.gen.go": []byte("b\n")}
	writeIn(t, dir, "a/types.gen.go", "one\n2\n")
	writeIn(t, dir, "c/client.gen.go", "old\n")
	var out bytes.Buffer
	if code := writeOrCheck(dir, files, true, &out, &out); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, want := range []string{
		`generated/a/types.gen.go: stale from line 2 (have "2", want "two")`,
		"generated/b/types.gen.go: missing", "generated/c/client.gen.go: orphaned",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if code := writeOrCheck(dir, files, false, &out, &out); code != 0 {
		t.Errorf("writing: exit code %d\n%s", code, &out)
	}
	out.Reset()
	if code := writeOrCheck(dir, files, true, &out, &out); code != 0 || out.Len() > 0 {
		t.Errorf("after writing: exit code %d\n%s", code, &out)
	}
	if _, err := os.Stat(filepath.Join(dir, "c/client.gen.go")); err == nil {
		t.Error("the orphan is still there")
	}
}

func TestDefectsOfADescriptionAreNamed(t *testing.T) {
	const head = `{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/p":{"get":{"operationId":"op","responses":{"200":{"description":"d"}}`
	tests := []struct{ name, doc, want string }{
		{"cookie parameter", head + `,"parameters":[{"name":"c","in":"cookie","schema":{"type":"string"}}]}}}}`, "op: cookie parameters are not supported"},
		{"deep object", head + `,"parameters":[{"name":"q","in":"query","style":"deepObject","schema":{"type":"string"}}]}}}}`, "parameter q: style deepObject is not supported"},
		{"body that cannot be sent", head + `,"requestBody":{"content":{"text/csv":{"schema":{"type":"string"}}}}}}}}`, "bodies of text/csv cannot be sent"},
		{"property like a method", head + `}}},"components":{"schemas":{"S":{"type":"object","properties":{"decode_JSON":{"type":"string"}}}}}}`, "property decode_JSON and the method DecodeJSON have the same Go name"},
		{"schema like the client", head + `}}},"components":{"schemas":{"Client":{"type":"object","properties":{"a":{"type":"string"}}}}}}`, "schema Client: its Go name Client is taken"},
		{"operations that collide", head + `},"post":{"operationId":"Op","responses":{"204":{"description":"d"}}}}}}`, "two operations have the same Go name Op"},
		{"names that collide", head + `}}},"components":{"schemas":{"S":{"type":"object","properties":{"a_b":{"type":"string"},"aB":{"type":"string"}}}}}}`, "give one of them x-go-name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := generateFile("t", writeFile(t, "t.yaml", tt.doc))
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "Op:", "op:"), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestGeneratedCodeDoesWhatTheDescriptionSays builds what the generator makes
// of features.yaml, outside this module, and runs a program that tries it.
func TestGeneratedCodeDoesWhatTheDescriptionSays(t *testing.T) {
	files, err := generateFile("features", "testdata/generate/features.yaml")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("testdata/generate/features.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	root, err := moduleRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	tree := map[string]string{
		"main.go": string(program),
		"go.sum":  string(sums),
		"go.mod": "module example.org/features\n\ngo 1.25.0\n\nrequire github.com/latchkey-go/latchkey v0.0.0\n\n" +
			"replace github.com/latchkey-go/latchkey => " + strconv.Quote(root) + "\n",
	}
	for name, code := range files {
		tree[filepath.Join("featuresapi", name)] = string(code)
	}
	for name, text := range tree {
		writeIn(t, dir, name, text)
	}
	for _, args := range [][]string{{"vet", "-mod=mod", "./featuresapi"}, {"run", "-mod=mod", "."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

func BenchmarkGenerateAll(b *testing.B) {
	for b.Loop() {
		if _, err := generateAll("../specs"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSummariesBecomeSentences(t *testing.T) {
	for summary, want := range map[string]string{
		"List the monitors.": "lists the monitors.", "Lists the monitors.": "lists the monitors.", "Pass it on.": "passes it on.",
		"Modify it.": "modifies it.", "Play it.": "plays it.", "Refresh it.": "refreshes it.",
	} {
		if got := thirdPerson(summary); got != want {
			t.Errorf("thirdPerson(%q) = %q, want %q", summary, got, want)
		}
	}
}
