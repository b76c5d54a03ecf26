package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func (a *app) vendorsCommand() *cobra.Command {
	return a.listingFlags(&cobra.Command{
		Use:               "vendors",
		Short:             "List the vendors, and how certain their descriptions are",
		Example:           "  latchkey vendors\n  latchkey vendors --json",
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.listVendors() },
	})
}

// A vendorLine is what vendors says of one.
type vendorLine struct {
	Vendor       string   `json:"vendor"`
	Title        string   `json:"title"`
	BaseURL      string   `json:"base_url"`
	Operations   int      `json:"operations"`
	Documented   int      `json:"documented"`
	Observed     int      `json:"observed"`
	Inferred     int      `json:"inferred"`
	SecondFactor bool     `json:"second_factor"`
	SessionEnds  string   `json:"session_ends"`
	Environment  []string `json:"environment"`
}

func (a *app) listVendors() error {
	table := [][]string{{"VENDOR", "OPERATIONS", "DOCUMENTED", "OBSERVED", "INFERRED", "BASE URL", "A SESSION ENDS"}}
	var lines []vendorLine
	for _, v := range vendors {
		spec, err := catalog.Open(v.name)
		if err != nil {
			return err
		}
		counts := map[string]int{}
		for _, e := range spec.Entries {
			counts[e.Certainty]++
		}
		l := vendorLine{
			Vendor: v.name, Title: spec.Title, BaseURL: v.baseURL, Operations: len(spec.Entries), SecondFactor: v.factor, SessionEnds: v.ends,
			Documented: counts["documented"], Observed: counts["observed"], Inferred: counts["inferred"], Environment: v.variables(),
		}
		lines = append(lines, l)
		row := []string{v.name}
		for _, n := range []int{l.Operations, l.Documented, l.Observed, l.Inferred} {
			row = append(row, strconv.Itoa(n))
		}
		table = append(table, append(row, v.baseURL, v.ends))
	}
	if a.flags.json {
		return a.out.json(lines)
	}
	a.out.columns(table)
	return nil
}

// variables returns the names of the environment variables of a vendor.
func (v vendor) variables() []string {
	names := []string{v.env(v.login), v.env("PASSWORD")}
	if v.key != "" {
		names = append(names, v.env(v.key))
	}
	if v.factor {
		names = append(names, v.env("TOTP_SECRET"))
	}
	return append(names, v.env("BASE_URL"))
}

func (a *app) opsCommand() *cobra.Command {
	var word string
	cmd := &cobra.Command{
		Use:               "ops VENDOR",
		Short:             "List the operations of a vendor",
		Example:           "  latchkey ops anomify --grep metric\n  latchkey ops misaka --json",
		Args:              vendorArgument,
		ValidArgsFunction: a.completeVendor,
		RunE:              func(_ *cobra.Command, args []string) error { return a.listOperations(args[0], word) },
	}
	cmd.Flags().StringVar(&word, "grep", "", "only those whose name, path, summary or group has this word")
	noFiles(cmd, "grep")
	return a.listingFlags(cmd)
}

func (a *app) listOperations(vendorName, word string) error {
	v, err := findVendor(vendorName)
	if err != nil {
		return err
	}
	spec, err := catalog.Open(v.name)
	if err != nil {
		return err
	}
	found := []catalog.Entry{}
	table := [][]string{{"OPERATION", "METHOD", "PATH", "CERTAINTY", "SESSION", "SUMMARY"}}
	for _, e := range spec.Entries {
		text := strings.ToLower(strings.Join(append([]string{e.ID, e.Path, e.Summary}, e.Tags...), "\n"))
		if !strings.Contains(text, strings.ToLower(word)) {
			continue
		}
		found = append(found, e)
		session := "yes"
		if !e.Session {
			session = "no"
		}
		summary := e.Summary
		if e.Deprecated {
			summary = "Deprecated. " + summary
		}
		table = append(table, []string{e.ID, e.Method, e.Path, e.Certainty, session, oneLine(summary)})
	}
	if a.flags.json {
		return a.out.json(found)
	}
	if len(found) == 0 {
		a.err.note(fmt.Sprintf("%s: no operation has %q", v.name, word))
		return nil
	}
	a.out.columns(table)
	return nil
}

func (a *app) versionCommand() *cobra.Command {
	return a.listingFlags(&cobra.Command{
		Use:               "version",
		Short:             "Print the version of this program",
		Example:           "  latchkey version --json",
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.printVersion() },
	})
}

func (a *app) printVersion() error {
	v := struct {
		Version  string `json:"version"`
		Revision string `json:"revision,omitempty"`
		Go       string `json:"go"`
		System   string `json:"system"`
	}{Version: rest.Version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				v.Revision = setting.Value
			}
		}
	}
	if a.flags.json {
		return a.out.json(v)
	}
	line := "latchkey " + v.Version
	if v.Revision != "" {
		line += " (" + v.Revision[:min(12, len(v.Revision))] + ")"
	}
	_, err := fmt.Fprintln(a.out.w, line, v.Go, v.System)
	return err
}
