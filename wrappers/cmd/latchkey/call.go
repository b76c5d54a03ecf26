package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/itchyny/gojq"
	"github.com/spf13/cobra"

	"github.com/latchkey-go/latchkey/wrappers/cmd/latchkey/catalog"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// callFlags are the flags of call.
type callFlags struct {
	body      string
	output    string
	query     string
	all       bool
	unchecked bool
	secrets   bool
	check     bool
	checkFile string
}

func (a *app) callCommand() *cobra.Command {
	var f callFlags
	cmd := &cobra.Command{
		Use:   "call VENDOR OPERATION [NAME=VALUE…]",
		Short: "Call an operation and print its answer",
		Long: `Calls any operation of a vendor, in the session of the last login. If that is
over, another one is opened if the credentials are at hand: in the environment,
in the files that login was given, or from its credential helper.

NAME is a parameter, or a member of the body; a.b is the member b of a. VALUE is
text, a number, true, false or null as the description says; for a list the
items with commas between them or JSON, for an object JSON. @FILE takes the
value from a file and @- from standard input, which is the only way for secrets;
@@… is a text that begins with @. --body is the whole body, in JSON; members that
are given beside it replace its own.

The request is compared with the description, and not sent if it differs; see
describe. --unchecked sends it as it is. Secrets in answers are left out unless
--show-secrets is given.

` + exitHelp,
		Example: `  latchkey call babel getLicenses take=10 -o table
  latchkey call misaka listZones --all --query '.[].name' -o raw
  latchkey call alertsite editMonitor id=1234 name=Shop interval=5
  echo '{"apiKey":{"name":"CI"}}' | latchkey call babel insertApiKey --body -
  latchkey call anomify getMetricGraph metric_name=cpu > cpu.png`,
		Args:              callArguments,
		ValidArgsFunction: a.completeCall,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.call(cmd.Context(), args[0], args[1], args[2:], f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.body, "body", "", "file with the body in JSON, - for standard input")
	flags.StringVarP(&f.output, "output", "o", "json", "how to print the answer: json, yaml, table or raw")
	flags.StringVar(&f.query, "query", "", "jq program that picks from the answer")
	flags.BoolVar(&f.all, "all", false, "get all pages of a list, and print its items as one list")
	flags.BoolVar(&f.unchecked, "unchecked", false, "do not compare the request with the description")
	flags.BoolVar(&f.secrets, "show-secrets", false, "print secrets in the answer")
	flags.BoolVar(&f.check, "check", false, "compare the answers with the description and report on standard error")
	flags.StringVar(&f.checkFile, "check-file", "", "write that report to a file: .json as data, .patch as a change of the description, else text")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(outputs(), cobra.ShellCompDirectiveNoFileComp))
	noFiles(cmd, "query")
	return a.sessionFlags(cmd)
}

// A plan is a call that is ready to be made.
type plan struct {
	op      *catalog.Operation
	rest    *rest.Operation
	request *request
	query   *gojq.Code // nil without --query
	flags   callFlags
}

func (a *app) call(ctx context.Context, vendorName, id string, args []string, f callFlags) error {
	t, err := a.target(vendorName)
	if err != nil {
		return err
	}
	p, err := a.plan(t, id, args, f)
	if err != nil {
		return err
	}
	checker, err := newChecker(t, f)
	if err != nil {
		return err
	}
	var answer []byte
	err = a.perform(ctx, t, work{own: p.rest, wrap: checker.wrap(), do: func(ctx context.Context, client *rest.Client) error {
		var err error
		answer, err = a.send(ctx, client, p)
		return err
	}})
	if failure := (*rest.Error)(nil); a.flags.verbose && errors.As(err, &failure) && len(failure.Body) > 0 {
		a.err.note(printable(string(failure.Body)))
	}
	if err == nil && !p.op.Streams() {
		_, err = await(ctx.Done(), func() (struct{}, error) { return struct{}{}, a.print(ctx, p, answer) })
	}
	if checking := checker.report(a.err); err == nil {
		err = checking
	}
	return err
}

// plan reads the description of the operation, and nothing else, and checks the
// request.
func (a *app) plan(t target, id string, args []string, f callFlags) (*plan, error) {
	if !slices.Contains(outputs(), f.output) {
		return nil, usagef("--output must be json, yaml, table or raw")
	}
	op, err := loadOperation(t.name, id)
	if err != nil {
		return nil, err
	}
	p := &plan{op: op, rest: op.Rest(), flags: f}
	if f.query != "" {
		if p.query, err = compileQuery(f.query); err != nil {
			return nil, err
		}
	}
	if op.Streams() && (f.query != "" || f.all || f.output == "yaml" || f.output == "table") {
		return nil, usagef("%s: the answer is no JSON: it is printed as it comes", id)
	}
	if f.all && !pages(op) {
		return nil, usagef("%s: the description tells of no pages, so there is no --all", id)
	}
	if p.request, err = a.request(op, args, f); err != nil {
		return nil, err
	}
	return p, nil
}

// loadOperation loads one operation, or suggests another name.
func loadOperation(vendorName, id string) (*catalog.Operation, error) {
	spec, err := catalog.Open(vendorName)
	if err != nil {
		return nil, err
	}
	op, err := spec.Operation(id)
	if errors.Is(err, catalog.ErrUnknown) {
		return nil, usagef("%s has no operation %q%s (latchkey ops %s lists them)", vendorName, id, suggestion(id, spec.IDs()), vendorName)
	}
	return op, err
}

// send makes the call and returns the JSON of the answer. An answer of another
// kind goes to standard output at once.
func (a *app) send(ctx context.Context, client *rest.Client, p *plan) ([]byte, error) {
	switch {
	case p.op.Streams():
		return nil, a.stream(ctx, client, p)
	case p.op.Empty():
		return nil, sent(rest.DoEmpty(ctx, p.request.build(client, p.rest)))
	case p.flags.all:
		return p.allPages(ctx, client)
	}
	raw, err := rest.Do[rest.Raw](ctx, p.request.build(client, p.rest))
	if err != nil {
		return nil, sent(err)
	}
	return *raw, nil
}

// stream copies a body as it comes.
func (a *app) stream(ctx context.Context, client *rest.Client, p *plan) error {
	if a.out.terminal {
		return usagef("%s: the answer is no text; send it to a file or a pipe", p.op.ID)
	}
	body, err := rest.DoStream(ctx, p.request.build(client, p.rest))
	if err != nil {
		return sent(err)
	}
	defer func() { _ = body.Close() }()
	_, err = await(ctx.Done(), func() (int64, error) { return io.Copy(a.out.w, body) })
	if lost := a.out.w.failed(); lost != nil {
		return lost
	}
	if err != nil {
		return &unreachableError{fmt.Errorf("%s: %s: the answer broke off: %w", p.rest.Vendor, p.rest.ID, err)}
	}
	return nil
}

// print writes the answer in the form that was asked for.
func (a *app) print(ctx context.Context, p *plan, answer []byte) error {
	if len(answer) == 0 {
		return nil // nothing is described, or nothing came
	}
	if !json.Valid(answer) {
		return fmt.Errorf("%s: %s: the answer is no JSON", p.rest.Vendor, p.rest.ID)
	}
	if !p.flags.secrets {
		schema := p.op.Answer()
		if p.flags.all {
			schema = p.itemsSchema()
		}
		var hidden bool
		if answer, hidden = redact(answer, schema); hidden && a.err.terminal {
			a.err.note("secrets are left out; --show-secrets prints them")
		}
	}
	if p.query == nil {
		return a.out.value(answer, p.flags.output)
	}
	return a.printQuery(ctx, p, answer)
}

// roundTripper is what puts something in front of the network.
type roundTripper = func(base http.RoundTripper) http.RoundTripper
