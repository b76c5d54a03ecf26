package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
)

// vendorArgument checks that there is one argument.
func vendorArgument(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one vendor: %s", cmd.Name(), strings.Join(vendorNames(), ", "))
	}
	return nil
}

func optionalVendorArgument(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return vendorArgument(cmd, args)
}

// operationArguments checks that there are a vendor and an operation.
func operationArguments(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return usagef("%s takes a vendor and an operation: latchkey %s", cmd.Name(), cmd.Use)
	}
	return nil
}

func callArguments(cmd *cobra.Command, args []string) error {
	if len(args) < 2 {
		return usagef("%s takes a vendor, an operation and arguments: latchkey %s", cmd.Name(), cmd.Use)
	}
	return nil
}

// completeVendor completes the name of a vendor as the only argument.
func (*app) completeVendor(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return vendorNames(), cobra.ShellCompDirectiveNoFileComp
}

// completeOperation completes a vendor and an operation.
func (a *app) completeOperation(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeVendor(cmd, args, word)
	}
	spec, err := catalog.Open(args[0])
	if len(args) > 1 || err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for _, e := range spec.Entries {
		if strings.HasPrefix(e.ID, word) {
			found = append(found, cobra.CompletionWithDesc(e.ID, oneLine(e.Summary)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeCall completes a vendor, an operation, and the names of parameters
// with the values they may have.
func (a *app) completeCall(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) < 2 {
		return a.completeOperation(cmd, args, word)
	}
	op, err := loadOperation(args[0], args[1])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	fields := op.Inputs()
	if name, _, ok := strings.Cut(word, "="); ok {
		return completeValue(fields, name, word)
	}
	var found []string
	for _, f := range fields {
		given := slices.ContainsFunc(args[2:], func(arg string) bool { return strings.HasPrefix(arg, f.Name+"=") })
		if !given && strings.HasPrefix(f.Name, word) && !strings.Contains(f.Name, "[]") {
			found = append(found, cobra.CompletionWithDesc(f.Name+"=", oneLine(f.In+", "+f.Type+". "+f.Description)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
}

func completeValue(fields []catalog.Field, name, word string) ([]string, cobra.ShellCompDirective) {
	i := slices.IndexFunc(fields, func(f catalog.Field) bool { return f.Name == name })
	if i < 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	values := fields[i].Values
	if fields[i].Type == "boolean" {
		values = []string{"true", "false"}
	}
	var found []string
	for _, value := range values {
		if text := name + "=" + value; strings.HasPrefix(text, word) {
			found = append(found, text)
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
