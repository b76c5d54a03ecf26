package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const head = "openapi: 3.0.3\ninfo: {title: Test, version: \"1\"}\n"

// What cannot be loaded gives errors of one line each, with the line and column
// where there is one.
func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name, data string
		want       []string // start of each line
	}{
		{"empty", "", []string{"a.yaml: is empty"}},
		{"blanks", " \n\n", []string{"a.yaml: is empty"}},
		{"comments", "# nothing\n", []string{"a.yaml: holds nothing but comments"}},
		{"too large", strings.Repeat("#", maxSpecSize+1), []string{"a.yaml: is larger than 16 MiB"}},
		{"bad YAML", "openapi: 3.0.3\ninfo: [a\n", []string{"a.yaml:2: bad YAML: "}},
		{"bad indentation", head + "paths:\n  /a:\n    get: {}\n   put: {}\n  /b: {}\n", []string{"a.yaml:6: bad YAML: did not find expected key"}},
		{"colon in text", head + "paths:\n  /a: x: y\n", []string{"a.yaml:4: bad YAML: mapping values are not allowed"}},
		{"tab", "openapi: 3.0.3\ninfo:\n\ttitle: x\n", []string{"a.yaml:3:1: bad YAML: tab used for indentation"}},
		{"tab in the first line", "\topenapi: 3.0.3\n", []string{"a.yaml:1:1: bad YAML: tab used for indentation"}},
		{"tab behind spaces", "openapi: 3.0.3\ninfo:\n  title: x\n \tversion: x\n", []string{"a.yaml:4:2: bad YAML: tab used for indentation"}},
		{"sign that starts no text", "openapi: 3.0.3\nx-tab:\n  a: \t@b\n", []string{"a.yaml:3: bad YAML: found character that cannot start any token"}},
		{"merge conflict", head + "<<<<<<< HEAD\npaths: {}\n=======\npaths: {/a: {}}\n>>>>>>> other\n", []string{"a.yaml:3:1: bad YAML: merge conflict marker"}},
		{"rest of a merge conflict", head + "paths:\n  /a: {}\n>>>>>>> other\n", []string{"a.yaml:5:1: bad YAML: merge conflict marker"}},
		{"merge conflict in JSON", "{\n<<<<<<< HEAD\n\"openapi\": \"3.0.3\"\n=======\n\"openapi\": \"3.0.0\"\n>>>>>>> other\n}\n", []string{"a.yaml:2:1: bad YAML: merge conflict marker"}},
		{"not UTF-8", "openapi: 3.0.3\ninfo: {title: ä\xff}\n", []string{"a.yaml:2:16: bad YAML: byte 0xff is not UTF-8"}},
		{"half a character", "openapi: 3.0.3\ninfo: {title: \"\xc3\"}\n", []string{"a.yaml:2:16: bad YAML: byte 0xc3 is not UTF-8"}},
		{"half a pair", "openapi: \xed\xa0\x80\n", []string{"a.yaml:1:10: bad YAML: byte 0xed is not UTF-8"}},
		{"JSON that is not UTF-8", "{\"openapi\": \"\xff\"}\n", []string{"a.yaml:1:14: bad YAML: byte 0xff is not UTF-8"}},
		{"binary", "\x00\x01\x02", []string{"a.yaml:1:1: bad YAML: control character U+0000"}},
		{"two documents", head + "paths: {}\n---\na: 1\n", []string{"a.yaml:4:1: holds more than one"}},
		{"a list", "- a\n", []string{"a.yaml:1:1: is not an OpenAPI file: the top is a list"}},
		{"a text", "hello\n", []string{"a.yaml:1:1: is not an OpenAPI file: the top is a text"}},
		{"something else", "a: 1\n", []string{`a.yaml:1:1: is not an OpenAPI file: it has no "openapi"`}},
		{"OpenAPI 2", "swagger: \"2.0\"\n", []string{"a.yaml:1:1: is OpenAPI 2.0 (Swagger)"}},
		{"OpenAPI 3.1", "openapi: 3.1.0\n", []string{`a.yaml:1:10: is OpenAPI "3.1.0"; only OpenAPI 3.0`}},
		{"version as number", "openapi: 3.0\n", []string{"a.yaml:1:1: openapi must be a text"}},
		{"keys twice", head + "paths: {}\npaths: {}\ninfo: {}\n", []string{
			`a.yaml:4:1: key "paths" occurs twice, first in line 3`, `a.yaml:5:1: key "info" occurs twice, first in line 2`,
		}},
		{"wrong shapes", head + "paths: {/a: {get: []}}\ncomponents:\n  schemas:\n    A: {properties: [], required: true, description: 1}\n    B: {additionalProperties: no}\n", []string{
			`a.yaml:3:14: "get" in the path must be a mapping, not a list`,
			`a.yaml:6:9: "properties" in the schema must be a mapping, not a list`,
			`a.yaml:6:25: "required" in the schema must be a list of texts, not a truth value`,
			`a.yaml:6:41: "description" in the schema must be a text, not a number`,
			`a.yaml:7:9: "additionalProperties" in the schema must be a mapping, true or false, not a text`,
		}},
		{"null objects", head + "paths: {/a: , /b: {get: {responses: {'200': }}}}\ncomponents:\n  schemas:\n    A:\n    B: {properties: {b: }, allOf: [~]}\n", []string{
			`a.yaml:3:38: response must be a mapping, not null`, `a.yaml:6:5: schema must be a mapping, not null`, `a.yaml:7:22: schema must be a mapping, not null`,
			`a.yaml:7:36: schema must be a mapping, not null`,
		}},
		{"schema and content", head + "paths: {}\ncomponents:\n  headers:\n    A: {schema: {}, content: {a/b: {}}}\n", []string{
			`a.yaml:6:5: header has both schema and content`,
		}},
		{"infinity", head + "paths: {}\nx-a: .inf\n", []string{"a.yaml:4:6: number .inf is none that JSON can hold"}},
		{"undefined refs", head + `paths: {}
components:
  schemas:
    A: {$ref: "#/components/schemas/None"}
    B: {type: array, items: {$ref: "#/definitions/B"}}
    C: {$ref: "#/components/responses/R"}
  responses:
    R: {description: Done.}
`, []string{
			`a.yaml:6:15: $ref "#/components/schemas/None" leads to no schema`,
			`a.yaml:7:36: $ref "#/definitions/B" leads to no schema`,
			`a.yaml:8:15: $ref "#/components/responses/R" leads to a response, where a schema is wanted`,
		}},
		{"remote refs", head + `paths:
  /a: {$ref: "https://example.com/a.yaml#/a"}
components:
  schemas:
    A: {$ref: "other.yaml#/A"}
    B: {$ref: "/etc/passwd"}
    C: {$ref: "//example.com/c.yaml"}
`, []string{
			`a.yaml:4:14: $ref "https://example.com/a.yaml#/a" to a remote document is refused`,
			`a.yaml:7:15: $ref "other.yaml#/A" to another file is refused`,
			`a.yaml:8:15: $ref "/etc/passwd" to another file is refused`,
			`a.yaml:9:15: $ref "//example.com/c.yaml" to a remote document is refused`,
		}},
		{"ref loop", head + `paths: {}
components:
  schemas:
    A: {$ref: "#/components/schemas/B"}
    B: {$ref: "#/components/schemas/A"}
    C: {type: array, items: {$ref: "#/components/schemas/A"}}
`, []string{
			`a.yaml:6:15: $ref loop: "#/components/schemas/B" leads back to itself`,
		}},
		{"loop by composition", head + `paths: {}
components:
  schemas:
    A: {allOf: [{$ref: "#/components/schemas/B"}]}
    B: {anyOf: [{type: string}, {$ref: "#/components/schemas/A"}]}
`, []string{`a.yaml:7:33: $ref loop: the schema at #/components/schemas/A contains itself through anyOf`}},
		{"alias in itself", head + "paths: {}\nx-a: &a [*a]\n", []string{"a.yaml:4:10: alias *a contains itself"}},
		{"alias bomb", head + "paths: {}\nx-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + bomb(10), []string{"a.yaml:"}},
		{"deep", head + "paths: {}\nx-a: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "\n", []string{"a.yaml:4:"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadSpec("a.yaml", []byte(tt.data))
			if load := (*loadError)(nil); !errors.As(err, &load) {
				t.Fatalf("got %v, want a *loadError", err)
			}
			lines := strings.Split(err.Error(), "\n")
			for i, line := range lines {
				if i >= len(tt.want) || !strings.HasPrefix(line, tt.want[i]) {
					t.Errorf("got line %s", line)
				}
			}
			if len(lines) != len(tt.want) {
				t.Errorf("got %d lines, want %q", len(lines), tt.want)
			}
		})
	}
}

// bomb returns anchors each of which holds the one before ten times.
func bomb(levels int) string {
	var b strings.Builder
	last := "a"
	for i := range levels {
		name := string(rune('b' + i))
		b.WriteString("x-" + name + ": &" + name + " [" + strings.TrimSuffix(strings.Repeat("*"+last+", ", 10), ", ") + "]\n")
		last = name
	}
	return b.String()
}

func TestReadSpecErrors(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 50<<20); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "there is no such file",
		dir:                             "is a directory, not a file",
		large:                           "is larger than 16 MiB",
	} {
		if _, err := loadFile(path); err == nil || err.Error() != path+": "+want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

// JSON is read, too, with places of its own, also where YAML would not take it.
func TestLoadJSON(t *testing.T) {
	const data = "{\"openapi\": \"3.0.3\",\n\t\"info\": {\"title\": \"\\ud83d\\ude00 \\/\", \"version\": \"1\"},\n\t\"paths\": {\n\t\t\"/ä\": {\"get\": {\"responses\": {}}}}}\n"
	s, err := loadSpec("a.json", []byte("\ufeff"+data))
	if err == nil {
		t.Fatalf("a BOM is not allowed in JSON, but loaded: %v", s)
	}
	if s, err = loadSpec("a.json", []byte(data)); err != nil {
		t.Fatal(err)
	}
	if got := s.doc.Info.Title; got != "😀 /" {
		t.Errorf("title %q", got)
	}
	op := s.tree.operations()[0]
	if at := op.at(); at.Line != 4 || at.Column != 10 {
		t.Errorf("operation at %d:%d, want 4:10", at.Line, at.Column)
	}
	if findings := checkSpec(t.Context(), s, ruleOpenAPI); len(findings) != 1 || findings[0].Line != 4 {
		t.Errorf("got %v, want one finding in line 4", findings)
	}
	twice := strings.Replace(data, `"paths"`, `"info": {}, "paths"`, 1)
	if _, err := loadSpec("a.json", []byte(twice)); err == nil || !strings.HasPrefix(err.Error(), `a.json:3:2: key "info" occurs twice`) {
		t.Errorf("key twice: got %v", err)
	}
}

// Aliases and merge keys stand for what they name, for us as for kin-openapi.
func TestAliases(t *testing.T) {
	const data = head + `paths: {}
components:
  schemas:
    A: &a
      type: object
      properties: &p {a: {type: string}}
    B:
      <<: *a
      required: [a]
    C:
      type: object
      properties:
        <<: [*p]
        c: &c {type: string, enum: [1]}
        d: *c
`
	s, err := loadSpec("a.yaml", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range checkSpec(t.Context(), s, "required-exists") {
		t.Errorf("%s: %s", f.place(), f.Message)
	}
	if s.tree.byPtr["/components/schemas/C/properties/a"] == nil || s.doc.Components.Schemas["C"].Value.Properties["a"] == nil {
		t.Error("merged property not found")
	}
	if findings := checkSpec(t.Context(), s, "enum-type"); len(findings) != 1 {
		t.Errorf("got %v, want one finding for the schema that is written once", findings)
	}
}

// Every call returns a document of its own.
func TestLoadTwice(t *testing.T) {
	data := []byte(head + "paths: {}\n")
	first, err := loadSpec("a.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	first.doc.Info.Title = "changed"
	second, err := loadSpec("a.yaml", data)
	if err != nil || second.doc.Info.Title != "Test" {
		t.Errorf("title %q, %v", second.doc.Info.Title, err)
	}
	if !bytes.Equal(data, []byte(head+"paths: {}\n")) {
		t.Error("input changed")
	}
}

func FuzzLoadSpec(f *testing.F) {
	f.Add([]byte(head + "paths: {/a: {get: {responses: {'200': {description: x}}}}}\n"))
	f.Add([]byte(`{"openapi":"3.0.3","paths":{}}`))
	f.Add([]byte(head + "paths: {}\ncomponents: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}]}}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := loadSpec("a.yaml", data)
		if err != nil {
			if load := (*loadError)(nil); !errors.As(err, &load) || len(load.findings) == 0 {
				t.Errorf("got %v, want a *loadError", err)
			}
			return
		}
		for _, f := range checkSpec(t.Context(), s, "house") {
			if f.Message == "" || f.Line < 0 {
				t.Errorf("finding %+v", f)
			}
		}
	})
}
