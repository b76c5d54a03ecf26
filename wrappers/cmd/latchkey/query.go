package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/itchyny/gojq"
)

// compileQuery compiles a jq program.
func compileQuery(text string) (*gojq.Code, error) {
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, usagef("--query: %v", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, usagef("--query: %v", err)
	}
	return code, nil
}

// printQuery prints what the query picks from the answer: one value after the
// other, with -o raw texts as they are, and with -o table all in one table.
func (a *app) printQuery(ctx context.Context, p *plan, answer []byte) error {
	value, err := decodeJSON(answer)
	if err != nil {
		return err
	}
	results := p.query.RunWithContext(ctx, value)
	var table []any
	for {
		result, ok := results.Next()
		if !ok {
			break
		}
		if err, isError := result.(error); isError {
			halt := (*gojq.HaltError)(nil)
			if errors.As(err, &halt) && halt.Value() == nil {
				break
			}
			return fmt.Errorf("--query: %w", err)
		}
		if p.flags.output == "table" {
			table = append(table, result)
			continue
		}
		if err := a.printResult(result, p.flags.output); err != nil {
			return err
		}
	}
	switch len(table) {
	case 0:
		return nil
	case 1:
		return a.printResult(table[0], "table")
	default:
		return a.printResult(table, "table")
	}
}

func (a *app) printResult(result any, form string) error {
	if text, ok := result.(string); ok && form == "raw" {
		_, err := io.WriteString(a.out.w, text+"\n")
		return err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil { // sorts the members, as gojq does
		return err
	}
	if form == "yaml" {
		if _, err := io.WriteString(a.out.w, "---\n"); err != nil {
			return err
		}
	}
	return a.out.value(b.Bytes(), form)
}
