package main

import (
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// An app is one run of the command.
type app struct {
	stdin     *os.File
	stdinUsed bool
	out       *screen
	err       *screen
	flags     flags
	started   bool            // a command runs: what goes wrong from now on is no matter of its arguments
	end       <-chan struct{} // closed when the program is interrupted
}

// flags are those that several commands have.
type flags struct {
	baseURL  string
	store    string
	storeDir string
	json     bool
	timeout  time.Duration
	verbose  bool
}

func newApp(stdin *os.File, stdout, stderr io.Writer) *app {
	return &app{stdin: stdin, out: newScreen(stdout), err: newScreen(stderr)}
}

func (a *app) prompter() *prompter { return &prompter{in: a.stdin, out: a.err} }

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "latchkey",
		Short: "Sign in to vendor APIs and call them",
		Long: `Signs in to the APIs of Anomify, AlertSite, Misaka and Babel, keeps the sessions
between runs, and calls any operation, checked against its description first.

What a command has to say is on standard output, everything else on standard
error. Passwords, tokens and codes never stand in arguments.

` + exitHelp,
		Example: `  latchkey sandbox                      # stand-ins for the vendors, to try it out
  latchkey login babel
  latchkey ops babel --grep license
  latchkey call babel getLicenses take=10 -o table
  latchkey header babel | curl -H @- "$BABEL_BASE_URL/v1/licenses"`,
		Version:           rest.Version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: a.start,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return usagef("there is no command %q%s", args[0], suggestion(args[0], commandNames(cmd)))
		},
	}
	root.SetOut(a.out.w)
	root.SetErr(a.err.w)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.help(cmd) })
	root.Flags().Bool("version", false, "print the version") // -v is --verbose elsewhere
	root.AddCommand(
		a.vendorsCommand(), a.opsCommand(), a.describeCommand(),
		a.loginCommand(), a.statusCommand(), a.logoutCommand(), a.headerCommand(), a.callCommand(),
		a.sandboxCommand(), a.demoCommand(), a.versionCommand(),
	)
	addExamples(root)
	return root
}

// help prints the help of a command: first its purpose in one line.
func (a *app) help(cmd *cobra.Command) {
	text := cmd.Short + ".\n\n"
	if long := strings.TrimSpace(cmd.Long); long != "" {
		text += long + "\n\n"
	}
	_, _ = io.WriteString(a.out.w, text+cmd.UsageString()) // the sink remembers what goes wrong
}

// addExamples adds examples to the commands that cobra brings.
func addExamples(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	examples := map[string]string{
		"help":       "  latchkey help call",
		"completion": "  latchkey completion bash > ~/.local/share/bash-completion/completions/latchkey",
		"bash":       "  source <(latchkey completion bash)",
		"zsh":        "  source <(latchkey completion zsh)",
		"fish":       "  latchkey completion fish | source",
		"powershell": "  latchkey completion powershell | Out-String | Invoke-Expression",
	}
	for _, cmd := range root.Commands() {
		for _, c := range append(cmd.Commands(), cmd) {
			if c.Example == "" {
				c.Example = examples[c.Name()]
			}
			if c.Name() == "help" {
				c.Args = func(_ *cobra.Command, args []string) error {
					if found, _, err := root.Find(args); err != nil || len(args) > 0 && found == root {
						return usagef("there is no command %q%s", args[0], suggestion(args[0], commandNames(root)))
					}
					return nil
				}
			}
		}
	}
}

// start runs before every command.
func (a *app) start(cmd *cobra.Command, _ []string) error {
	a.started, a.end = true, cmd.Context().Done()
	switch {
	case a.flags.store != "" && !slices.Contains(storeKinds(), a.flags.store):
		return usagef("--store must be auto, keyring, file or memory")
	case a.flags.timeout < 0:
		return usagef("--timeout must not be negative")
	default:
		return nil
	}
}

// sessionFlags adds the flags of commands that use a session.
func (a *app) sessionFlags(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.StringVar(&a.flags.baseURL, "base-url", "", "address of the API (default: VENDOR_BASE_URL, the last login's, or the vendor's own)")
	f.StringVar(&a.flags.store, "store", environment("LATCHKEY_STORE", storeAuto), "where sessions are kept: auto, keyring, file or memory")
	f.StringVar(&a.flags.storeDir, "store-dir", os.Getenv("LATCHKEY_STORE_DIR"), "directory for sessions and accounts (default: latchkey in the user's configuration)")
	f.DurationVar(&a.flags.timeout, "timeout", rest.DefaultTimeout, "give a call up after this long; 0 waits for as long as it takes")
	f.BoolVarP(&a.flags.verbose, "verbose", "v", false, "tell on standard error what becomes of the session")
	_ = cmd.RegisterFlagCompletionFunc("store", cobra.FixedCompletions(storeKinds(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("store-dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	noFiles(cmd, "base-url", "timeout")
	return cmd
}

// noFiles says of flags that their values are no files.
func noFiles(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// listingFlags adds the flags of commands that list something.
func (a *app) listingFlags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&a.flags.json, "json", false, "print JSON")
	return cmd
}

// environment returns an environment variable, or other if it is not set.
func environment(name, other string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return other
}
