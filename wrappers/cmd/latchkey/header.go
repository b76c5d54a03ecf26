package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

func (a *app) headerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "header VENDOR",
		Short: "Print the header of the session, for curl and the like",
		Long: `Prints the header that carries the session, such as "Authorization: Bearer …". It
is a secret. If the session is over as far as is known here, another one is
opened, as for call; whether the vendor still knows it shows when it is used.`,
		Example: `  latchkey header anomify | curl -H @- "$ANOMIFY_BASE_URL/user/info"
  curl -H "$(latchkey header babel)" "$BABEL_BASE_URL/v1/auth/user"   # shows it to ps`,
		Args:              vendorArgument,
		ValidArgsFunction: a.completeVendor,
		RunE:              a.onTarget(a.header),
	}
	return a.sessionFlags(cmd)
}

func (a *app) header(ctx context.Context, t target) error {
	op := &rest.Operation{Vendor: t.name, ID: "header", Method: http.MethodGet, Path: "/", Session: true}
	caught := &catcher{own: op}
	err := a.perform(ctx, t, work{
		own:  op,
		wrap: func(base http.RoundTripper) http.RoundTripper { caught.base = base; return caught },
		do: func(ctx context.Context, client *rest.Client) error {
			request := client.NewRequest(op, nil)
			request.Literal("/")
			return sent(rest.DoEmpty(ctx, request))
		},
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(caught.header)) {
		if name == "User-Agent" || name == "Accept" || name == "Accept-Encoding" {
			continue
		}
		for _, value := range caught.header[name] {
			if _, err := fmt.Fprintf(a.out.w, "%s: %s\n", name, value); err != nil {
				return err
			}
		}
	}
	return nil
}
