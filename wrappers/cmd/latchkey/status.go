package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// A report is what status says of one account.
type report struct {
	Vendor  string `json:"vendor"`
	Login   string `json:"login,omitempty"`
	BaseURL string `json:"base_url"`
	state
	Store    string `json:"store,omitempty"`
	Password string `json:"password,omitempty"` // where it comes from when the session is over
}

func (a *app) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [VENDOR]",
		Short: "Show who is signed in where, since when and until when",
		Long: `Shows the accounts that are remembered or named in the environment, and how
their sessions stand as far as is known without asking the vendor. With a
VENDOR it exits with 3 if nobody is signed in there.`,
		Example:           "  latchkey status\n  latchkey status babel --json",
		Args:              optionalVendorArgument,
		ValidArgsFunction: a.completeVendor,
		RunE: func(cmd *cobra.Command, args []string) error {
			names := vendorNames()
			if len(args) == 1 {
				names = args
			}
			var reports []report
			for _, name := range names {
				t, err := a.target(name)
				if err != nil {
					return err
				}
				list, err := a.status(cmd.Context(), t)
				if err != nil {
					return err
				}
				reports = append(reports, list...)
			}
			if err := a.printStatus(reports); err != nil {
				return err
			}
			if len(args) == 1 {
				return reports[0].err()
			}
			return nil
		},
	}
	return a.listingFlags(a.sessionFlags(cmd))
}

// err returns nil if calls can be made without signing in, else an error that
// says why not.
func (r report) err() error {
	switch r.State {
	case stateSignedIn, stateKey:
		return nil
	case stateNone:
		return fmt.Errorf("%s: %w", r.Vendor, errNotSignedIn)
	default:
		return fmt.Errorf("%s: %w: %s", r.Vendor, errNotSignedIn, r.State)
	}
}

// status reports on the accounts of a vendor: that of the target first.
func (a *app) status(ctx context.Context, t target) ([]report, error) {
	first, err := a.statusOf(ctx, t)
	if err != nil {
		return nil, err
	}
	reports := []report{first}
	for _, acc := range a.accounts().list(t.name) {
		if acc.BaseURL == t.baseURL || a.flags.baseURL != "" {
			continue
		}
		r, err := a.statusOf(ctx, target{vendor: t.vendor, baseURL: acc.BaseURL, account: acc, known: true})
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func (a *app) statusOf(ctx context.Context, t target) (report, error) {
	r := report{Vendor: t.name, BaseURL: t.baseURL, Login: t.getenv(t.login), state: state{State: stateNone}}
	inEnvironment := t.baseURL == t.vendor.baseURL || t.getenv("BASE_URL") != "" || !t.known
	if r.Login == "" || !inEnvironment {
		r.Login = t.account.Login
	}
	switch {
	case t.key != "" && t.getenv(t.key) != "" && inEnvironment:
		r.State, r.Login, r.Password = stateKey, "", t.env(t.key)
		return r, nil
	case t.account.KeyFile != "" && r.Login == "":
		r.State, r.Password = stateKey, t.account.KeyFile
		return r, nil
	case r.Login == "":
		return r, nil
	}
	r.Password = t.passwordSource(r.Login)
	kept, err := a.openStore(ctx, t.account)
	if err != nil {
		return r, err
	}
	r.Store = kept.kind
	if kept.store == nil {
		r.State = stateNotStored
		return r, nil
	}
	p, err := look(ctx, t.vendor, t.baseURL, r.Login, kept.store)
	if err != nil {
		return r, err
	}
	r.state = standing(p.record, time.Now())
	return r, nil
}

// passwordSource tells where the password of a login comes from, without asking
// for it.
func (t target) passwordSource(login string) string {
	own := login == t.account.Login
	switch {
	case t.getenv("PASSWORD") != "":
		return t.env("PASSWORD")
	case own && t.account.PasswordFile != "":
		return t.account.PasswordFile
	case own && t.account.Helper != "":
		return "helper"
	default:
		return ""
	}
}

func (a *app) printStatus(reports []report) error {
	if a.flags.json {
		return a.out.json(reports)
	}
	rows := [][]string{{"VENDOR", "LOGIN", "STATE", "SINCE", "UNTIL", "BASE URL"}}
	for _, r := range reports {
		row := []string{r.Vendor, dash(r.Login), r.State, "-", "-", r.BaseURL}
		if !r.Since.IsZero() {
			row[3] = clock(r.Since)
		}
		switch {
		case !r.Until.IsZero() && r.Renewed:
			row[4] = clock(r.Until) + " (renews itself)"
		case !r.Until.IsZero():
			row[4] = clock(r.Until)
		case r.State == stateSignedIn:
			row[4] = "not known"
		}
		rows = append(rows, row)
	}
	a.out.columns(rows)
	return nil
}

// dash stands for nothing in a table.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
