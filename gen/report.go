package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// A finding is one thing that is wrong with a file.
type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`   // from 1; 0 if the finding is about no line
	Column   int    `json:"column"` // in characters, from 1; 0 if unknown
	Rule     string `json:"rule"`
	Message  string `json:"message"` // one line
	Severity string `json:"severity"`
}

// severityError is the severity of every finding: each makes the check fail.
const severityError = "error"

func newFinding(file string, line, column int, rule, format string, args ...any) finding {
	return finding{
		File: file, Line: line, Column: column, Rule: rule, Message: oneLine(fmt.Sprintf(format, args...)), Severity: severityError,
	}
}

// place returns file, line and column as far as they are known.
func (f finding) place() string {
	switch {
	case f.Line == 0:
		return oneLine(f.File)
	case f.Column == 0:
		return fmt.Sprintf("%s:%d", oneLine(f.File), f.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", oneLine(f.File), f.Line, f.Column)
	}
}

// maxMessage is the length in characters after which messages are cut.
const maxMessage = 400

// oneLine returns text on one line of printable characters, cut if it is long.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '?'
		}
	}
	if len(runes) > maxMessage {
		runes = append(runes[:maxMessage], '…')
	}
	return string(runes)
}

// tidyFindings returns findings sorted by file, line, column, rule and message,
// each once.
func tidyFindings(findings []finding) []finding {
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(findings)
}

// A reporter writes findings in one format.
type reporter func(w io.Writer, findings []finding) error

// reporters returns the formats of the check by name.
func reporters() map[string]reporter {
	return map[string]reporter{"text": reportText, "json": reportJSON, "github": reportGitHub, "sarif": reportSARIF}
}

// reportText writes one line per finding: file:line:column: message [rule].
// Findings of the rule load are left out: they stand on the error stream.
func reportText(w io.Writer, findings []finding) error {
	for _, f := range findings {
		if f.Rule == ruleLoad {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s: %s [%s]\n", f.place(), f.Message, f.Rule); err != nil {
			return err
		}
	}
	return nil
}

// reportJSON writes an array of findings, [] if there are none.
func reportJSON(w io.Writer, findings []finding) error {
	if findings == nil {
		findings = []finding{}
	}
	return writeJSON(w, findings)
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// reportGitHub writes workflow commands, which GitHub shows beside the lines of
// a pull request.
func reportGitHub(w io.Writer, findings []finding) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range findings {
		where := "file=" + property.Replace(repositoryPath(f.File))
		if f.Line > 0 {
			where += fmt.Sprintf(",line=%d", f.Line)
		}
		if f.Column > 0 {
			where += fmt.Sprintf(",col=%d", f.Column)
		}
		if _, err := fmt.Fprintf(w, "::error %s,title=%s::%s\n", where, property.Replace(f.Rule), data.Replace(f.Message)); err != nil {
			return err
		}
	}
	return nil
}

// repositoryPath returns a path relative to the top of the repository that the
// file lies in, with slashes: relative to the nearest directory above with
// .git, else with go.mod, else to the working directory.
func repositoryPath(file string) string {
	base := "."
	for _, entry := range []string{".git", "go.mod"} {
		if root, err := rootWith(filepath.Dir(file), entry); err == nil {
			base = root
			break
		}
	}
	return filepath.ToSlash(relative(base, file))
}
