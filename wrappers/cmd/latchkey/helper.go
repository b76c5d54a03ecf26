package main

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"strings"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

const helperHelp = `A credential helper is a command that prints the password, spoken to as git
does: it is started without a shell, with the argument get behind its own, and
reads on its standard input

  protocol=https
  host=api.misaka.io
  path=
  username=me@example.com

with an empty line at the end. It answers with lines username=… and password=….
It is asked only when a session has to be opened with the password.`

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
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], "get")...) //nolint:gosec // the user says which command
	cmd.Stdin = strings.NewReader(fmt.Sprintf("protocol=%s\nhost=%s\npath=%s\nusername=%s\n\n", u.Scheme, u.Host, strings.TrimPrefix(u.Path, "/"), c.login))
	cmd.Stderr = diagnostics.w
	out, err := cmd.Output()
	if err != nil {
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
