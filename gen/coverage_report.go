package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// coverageText writes tables of operations and certainty, then the lists of
// what is omitted, missing, in conflict or unnamed.
func coverageText(w io.Writer, vendors []vendorCoverage) error {
	rows := append(slices.Clip(vendors), sumCoverage(vendors))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "vendor\tnamed\tcovered\tomitted\tmissing\tin spec\tunnamed\tfull\tpartial\tpath only\t")
	for _, v := range rows {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", v.Vendor, v.Named, v.Covered, len(v.Omitted), len(v.Missing),
			v.Operations, len(v.Unnamed), v.Detail.Full, v.Detail.Partial, v.Detail.Path)
	}
	fmt.Fprintln(t, "\nvendor\tkind\tall\tdocumented\tobserved\tinferred\tunknown\t")
	for _, v := range rows {
		for _, c := range v.Certainty {
			fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t\n", v.Vendor, c.Kind, c.all(), c.Documented, c.Observed, c.Inferred, c.Unknown)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, coverageLists(rows[len(rows)-1]))
	return err
}

// coverageLists returns the operations of a sum that deserve a look.
func coverageLists(sum vendorCoverage) string {
	var b strings.Builder
	list := func(title string, n int, line func(i int) string) {
		if n > 0 {
			b.WriteString("\n" + title + "\n")
		}
		for i := range n {
			b.WriteString("  " + line(i) + "\n")
		}
	}
	list("Missing: named by a document, neither in the spec nor in x-omitted", len(sum.Missing), func(i int) string { return sum.Missing[i] })
	list("In conflict: in the spec and in x-omitted", len(sum.Conflicts), func(i int) string { return sum.Conflicts[i] })
	list("Unnamed: in the spec, but no document names it", len(sum.Unnamed), func(i int) string {
		u := sum.Unnamed[i]
		if u.claims() {
			return fmt.Sprintf("%s (%s: not allowed)", u.Operation, cmp.Or(u.Certainty, "no certainty"))
		}
		return fmt.Sprintf("%s (%s)", u.Operation, u.Certainty)
	})
	list("Omitted", len(sum.Omitted), func(i int) string { return sum.Omitted[i].Operation + ": " + sum.Omitted[i].Reason })
	return b.String()
}

// coverageJSON writes the vendors and their sum.
func coverageJSON(w io.Writer, vendors []vendorCoverage) error {
	return writeJSON(w, struct {
		Vendors []vendorCoverage `json:"vendors"`
		Total   vendorCoverage   `json:"total"`
	}{vendors, sumCoverage(vendors)})
}
