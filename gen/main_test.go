package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestHelpListsTheCommands(t *testing.T) {
	for _, word := range []string{"-h", "--help", "-help", "help"} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{word}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("%s: exit %d, stderr %q", word, code, &stderr)
		}
		for _, c := range subcommands() {
			if want := "\n  " + c.name + " "; !strings.Contains(stdout.String(), want) {
				t.Errorf("%s: no line about %s in\n%s", word, c.name, &stdout)
			}
		}
	}
}

func TestEachCommandExplainsItself(t *testing.T) {
	for _, c := range subcommands() {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{c.name, "-h"}, &stdout, &stderr); code != 0 || !strings.Contains(stderr.String(), "usage: go run ./gen ") {
			t.Errorf("%s -h: exit %d\n%s%s", c.name, code, &stdout, &stderr)
		}
	}
}

func TestAnUnknownCommandSuggestsTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"valdate":   `gen: there is no command "valdate"; did you mean validate?` + "\n",
		"generated": `gen: there is no command "generated"; did you mean generate?` + "\n",
		"ap":        `gen: there is no command "ap"; did you mean api?` + "\n",
		"deploy":    `gen: there is no command "deploy"` + "\n",
		"":          `gen: there is no command ""` + "\n",
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{name}, &stdout, &stderr); code != 2 || !strings.HasPrefix(stderr.String(), want) {
			t.Errorf("%q: exit %d\ngot  %swant %s", name, code, &stderr, want)
		}
	}
}
