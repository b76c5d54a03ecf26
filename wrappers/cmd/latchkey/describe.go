package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

func (a *app) describeCommand() *cobra.Command {
	return a.listingFlags(&cobra.Command{
		Use:   "describe VENDOR OPERATION",
		Short: "Show what is known of an operation, how certain it is, and where from",
		Long: `Shows the parameters of an operation, the members of its body and its answer,
with their types; how certain each is (documented: a page of the vendor says so;
observed: seen in traffic or in an independent client; inferred: a deduction,
with the reason); the documents that say so; and an example.`,
		Example:           "  latchkey describe alertsite getMonitors\n  latchkey describe misaka login --json",
		Args:              operationArguments,
		ValidArgsFunction: a.completeOperation,
		RunE:              func(_ *cobra.Command, args []string) error { return a.describe(args[0], args[1]) },
	})
}

// A description is what describe says.
type description struct {
	catalog.Entry
	Vendor      string           `json:"vendor"`
	Description string           `json:"description,omitempty"`
	Reason      string           `json:"reason,omitempty"`
	Page        string           `json:"page,omitempty"`
	Sources     []catalog.Source `json:"sources"`
	Inputs      []catalog.Field  `json:"inputs"`
	Body        string           `json:"body,omitempty"` // media type
	Answer      []catalog.Field  `json:"answer"`
	Example     string           `json:"example"`
}

func (a *app) describe(vendorName, id string) error {
	v, err := findVendor(vendorName)
	if err != nil {
		return err
	}
	op, err := loadOperation(v.name, id)
	if err != nil {
		return err
	}
	d, err := newDescription(op)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.out.json(d)
	}
	_, err = io.WriteString(a.out.w, d.text())
	return err
}

func newDescription(op *catalog.Operation) (*description, error) {
	d := &description{
		Entry: op.Entry, Vendor: op.Vendor, Description: strings.TrimSpace(op.Spec.Description), Reason: op.Reason(),
		Sources: []catalog.Source{}, Inputs: op.Inputs(), Answer: op.Outputs(), Example: exampleCall(op).text(),
	}
	d.Body, _ = op.Body()
	if op.Spec.ExternalDocs != nil {
		d.Page = op.Spec.ExternalDocs.URL
	}
	sources, err := op.Sources()
	if err != nil {
		return nil, err
	}
	d.Sources = append(d.Sources, sources...)
	return d, nil
}

func (d *description) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n%s\n  %s %s\n", d.Vendor, d.ID, wrap(d.Summary, 0), d.Method, d.Path)
	certainty := "  " + d.Certainty
	if d.Reason != "" {
		certainty += ": " + d.Reason
	}
	b.WriteString(wrap(certainty, 2) + "\n")
	if d.Session {
		b.WriteString("  needs a session\n")
	} else {
		b.WriteString("  needs no session\n")
	}
	if d.Description != "" {
		for paragraph := range strings.SplitSeq(d.Description, "\n\n") {
			b.WriteString("\n" + wrap(paragraph, 0) + "\n")
		}
	}
	parameters := slices.DeleteFunc(slices.Clone(d.Inputs), func(f catalog.Field) bool { return f.In == "body" })
	members := slices.DeleteFunc(slices.Clone(d.Inputs), func(f catalog.Field) bool { return f.In != "body" })
	writeFields(&b, "Parameters", parameters)
	writeFields(&b, "Body ("+d.Body+")", members)
	writeFields(&b, "Answer", d.Answer)
	b.WriteString("\nSources\n")
	for _, s := range d.Sources {
		where := []string{s.Address, s.Edition}
		if s.Address == "" {
			where[0] = s.Document
		}
		where = slices.DeleteFunc(where, func(text string) bool { return text == "" || text == "unknown" })
		fmt.Fprintf(&b, "  %s (%s)\n", s.Title, strings.Join(where, ", "))
	}
	b.WriteString("\nExample\n  " + strings.ReplaceAll(d.Example, "\n", "\n  ") + "\n")
	return b.String()
}

// writeFields writes a list of parameters or members.
func writeFields(b *strings.Builder, title string, fields []catalog.Field) {
	if len(fields) == 0 {
		return
	}
	b.WriteString("\n" + title + "\n")
	for _, f := range fields {
		line := "  " + f.Name + "  " + f.Type
		if f.In == "path" || f.In == "query" || f.In == "header" {
			line += ", in the " + f.In
		}
		if f.Required {
			line += ", required"
		}
		line += ", " + f.Certainty
		b.WriteString(line + "\n")
		text := f.Description
		if len(f.Values) > 0 {
			text += " One of " + strings.Join(f.Values, ", ") + "."
		}
		if f.Certainty == "inferred" && f.Reason != "" {
			text += " Inferred: " + f.Reason + "."
		}
		if text = strings.TrimSpace(text); text != "" {
			b.WriteString(wrap("      "+text, 6) + "\n")
		}
	}
}

// wrap breaks a text into lines of up to 100 characters; all but the first are
// indented.
func wrap(text string, indent int) string {
	const width = 100
	var b strings.Builder
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	b.WriteString(lead)
	used := len(lead)
	for i, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+length > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			used = indent
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += length
	}
	return b.String()
}
