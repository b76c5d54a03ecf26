package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

// longFlags lets the names of flags stand behind one dash, too, such as -grep.
// What it does not know stays as it is.
func longFlags(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil {
		return args
	}
	var result []string
	value := false // the word is the value of the flag before it
	for i, arg := range args {
		if arg == "--" {
			return append(result, args[i:]...)
		}
		name, _, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		flag := cmd.Flags().Lookup(name)
		dashes := len(arg) - len(strings.TrimLeft(arg, "-"))
		switch {
		case value || dashes == 0 || flag == nil:
			value = false
			result = append(result, arg)
			continue
		case dashes == 1 && len(name) > 1:
			arg = "-" + arg
		}
		value = !given && flag.NoOptDefVal == ""
		result = append(result, arg)
	}
	return result
}

// flagError suggests another flag for one that does not exist. It does not
// repeat what stood behind the =.
func flagError(cmd *cobra.Command, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return err
	}
	text := "there is no flag --" + name
	if near := nearest(name, flagNames(cmd)); len(near) > 0 {
		text += "; did you mean --" + strings.Join(near, " or --") + "?"
	}
	return errors.New(text)
}

// flagNames returns the names of the flags of a command, as its help lists
// them.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	for line := range strings.Lines(cmd.Flags().FlagUsages()) {
		if _, name, ok := strings.Cut(line, "--"); ok {
			names = append(names, strings.Fields(name)[0])
		}
	}
	return names
}

// commandNames returns the names of the commands that the help lists.
func commandNames(root *cobra.Command) []string {
	var names []string
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() || cmd.Name() == "help" {
			names = append(names, cmd.Name())
		}
	}
	return names
}

// noArguments checks that there is no argument.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments", cmd.Name())
	}
	return nil
}
