package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

const helperHelp = `A credential helper is a command that prints the password, spoken to as git
does: it is started without a shell, with the argument get behind its own, and
reads on its standard input

  protocol=https
  host=api.misaka.io
  username=me@example.com

with an empty line at the end. It answers with lines username=… and password=….
It is asked only when a session has to be opened with the password, or when no
login is given.`

// helperGrace is how long a helper's output is waited for after its end, which
// processes that it started may hold open.
const helperGrace = 2 * time.Second

// ask gets what is missing of the credentials from the helper.
func (c *credentials) ask(ctx context.Context, baseURL string, diagnostics *screen) error {
	words := strings.Fields(c.helper)
	if len(words) == 0 {
		return usagef("the credential helper is empty")
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return usagef("the base URL is no URL")
	}
	question := "protocol=" + u.Scheme + "\nhost=" + u.Host + "\n" // no path: that is how git asks, too
	if strings.ContainsAny(c.login, "\r\n\x00") {
		return usagef("the login has a line break in it")
	}
	if c.login != "" {
		question += "username=" + c.login + "\n"
	}
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], "get")...) //nolint:gosec // the user says which command
	cmd.Stdin = strings.NewReader(question + "\n")
	cmd.Stderr = diagnostics.w.w // a file, which nobody has to copy to
	cmd.WaitDelay = helperGrace
	out, err := cmd.Output()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("credential helper %s: %w", words[0], err)
	}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		switch {
		case name == "username" && c.login == "":
			c.login = value
		case name == "password":
			c.password = rest.NewSecret(value)
		}
	}
	if c.login == "" || c.password.IsZero() {
		return fmt.Errorf("credential helper %s: it printed no username= and password=", words[0])
	}
	return nil
}
