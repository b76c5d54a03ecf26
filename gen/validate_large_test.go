package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// largeSpec returns a document of n operations that is clean under the rules
// for any file: each operation has a parameter, a body, two answers, examples
// and schemas that refer to each other.
func largeSpec(n int) []byte {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: Large, version: \"1\"}\nsecurity: []\npaths:\n")
	for i := range n {
		fmt.Fprintf(&b, `  /things%[1]d/{id}:
    post:
      operationId: postThing%[1]d
      summary: Post a thing.
      description: Posts a thing with a long description that is like that of a real operation, so that the size is realistic.
      tags: [Things]
      parameters:
        - {name: id, in: path, required: true, description: Number of the thing., schema: {type: integer, format: int64}, example: 7}
        - {name: limit, in: query, description: Number of entries., schema: {type: integer, default: 10, maximum: 100}}
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Thing%[1]dRequest"}
            examples: {one: {value: {name: one, tags: [a, b], size: 3}}}
      responses:
        "200":
          description: The thing.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Thing%[1]dAnswer"}
              examples: {one: {value: {status: "0", thing: {name: one, tags: [a, b], size: 3, next: {name: two}}}}}
        default:
          description: It failed.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Thing%[1]dAnswer"}
              examples: {failed: {value: {status: "1"}}}
`, i)
	}
	b.WriteString("components:\n  schemas:\n")
	for i := range n {
		fmt.Fprintf(&b, `    Thing%[1]dRequest:
      allOf: [{$ref: "#/components/schemas/Thing%[1]d"}]
    Thing%[1]dAnswer:
      type: object
      required: [status]
      properties:
        status: {type: string, description: Zero for success.}
        thing: {$ref: "#/components/schemas/Thing%[1]d"}
    Thing%[1]d:
      type: object
      required: [name]
      properties:
        name: {type: string, description: Name of the thing.}
        size: {type: integer, format: int32, description: Size in bytes.}
        tags: {type: array, items: {type: string, enum: [a, b, c]}}
        next: {$ref: "#/components/schemas/Thing%[2]d"}
`, i, (i+1)%n)
	}
	return []byte(b.String())
}

// A large document is found clean, and one defect in it is found.
func TestLargeSpec(t *testing.T) {
	for name, tt := range map[string]struct {
		old, replacement string
		want             int
	}{
		"clean":  {"", "", 0},
		"defect": {"format: int64", "format: int65", 1},
	} {
		s, err := loadSpec("large.yaml", []byte(strings.Replace(string(largeSpec(50)), tt.old, tt.replacement, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if findings := checkSpec(t.Context(), s, "openapi"); len(findings) != tt.want {
			t.Errorf("%s: got %v", name, findings)
		}
	}
}

func BenchmarkValidate1000Operations(b *testing.B) {
	data := largeSpec(1000)
	file := filepath.Join(b.TempDir(), "large.yaml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if findings := validateFile(b.Context(), file, "openapi"); len(findings) != 0 {
			b.Fatal(findings[0])
		}
	}
}
