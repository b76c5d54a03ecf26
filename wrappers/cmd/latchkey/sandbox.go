package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/sandbox/page"
)

func (a *app) sandboxCommand() *cobra.Command {
	var listen string
	var factor bool
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Stand in for the vendors, to try things out without an account",
		Long: `Serves stand-ins for the four vendors until it is interrupted, and a page that
shows what they offer and what becomes of their sessions. They answer as the
descriptions say, with the session rules of the vendors; nothing leaves this
machine. The lines that it prints can be evaluated by a shell.`,
		Example: `  latchkey sandbox
  latchkey sandbox --listen 127.0.0.1:0 --second-factor`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return a.sandbox(cmd.Context(), listen, factor) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8599", "address to listen at; port 0 takes a free one")
	cmd.Flags().BoolVar(&factor, "second-factor", false, "ask for a second factor where the vendor has one")
	noFiles(cmd, "listen")
	return a.listingFlags(cmd)
}

// A standinLine is what sandbox says of one stand-in.
type standinLine struct {
	Vendor   string `json:"vendor"`
	BaseURL  string `json:"base_url"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty"`
	Key      string `json:"key,omitempty"`
}

func (a *app) sandbox(ctx context.Context, listen string, factor bool) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return usagef("%v; choose another address with --listen", err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ip := net.ParseIP(host)
	if !ip.IsLoopback() {
		a.err.warn("other machines can reach the sandbox")
	}
	if ip.IsUnspecified() {
		host = "127.0.0.1" // which is one of all addresses
	}
	standins := sandbox.NewUnstarted()
	standins.URL = "http://" + net.JoinHostPort(host, port)
	defer standins.Close()
	lines := standinLines(standins, factor)
	server := &http.Server{Handler: page.Handler(standins), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if err := a.printSandbox(standins.URL, lines); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close() // the way to end it
	}
}

func standinLines(server *sandbox.Server, factor bool) []standinLine {
	var lines []standinLine
	for _, v := range vendors {
		standin := server.Vendor(sandbox.Vendor(v.name))
		standin.RequireSecondFactor(factor)
		account := standin.Account()
		line := standinLine{Vendor: v.name, BaseURL: standin.URL(), Login: account.Login, Password: account.Password, Key: account.APIKey}
		if factor && v.factor {
			line.Code = account.Code
		}
		lines = append(lines, line)
	}
	return lines
}

// printSandbox prints what lets this command talk to the stand-ins, as lines for
// a shell.
func (a *app) printSandbox(url string, lines []standinLine) error {
	if a.flags.json {
		return a.out.json(map[string]any{"url": url, "vendors": lines})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# The page of the sandbox is %s/ until ^C. In another shell:\n", url)
	for i, v := range vendors {
		l := lines[i]
		fmt.Fprintf(&b, "export %s=%s %s=%s %s=%s", v.env("BASE_URL"), quote(l.BaseURL), v.env(v.login), l.Login, v.env("PASSWORD"), l.Password)
		var notes []string
		if l.Key != "" {
			notes = append(notes, "or the key "+v.env(v.key)+"="+quote(l.Key))
		}
		if l.Code != "" {
			notes = append(notes, "second factor "+l.Code)
		}
		if len(notes) > 0 {
			b.WriteString("   # " + strings.Join(notes, "; "))
		}
		b.WriteString("\n")
	}
	b.WriteString("# then, for example: latchkey call babel getLoggedInUser\n")
	_, err := a.out.w.Write([]byte(b.String()))
	return err
}
