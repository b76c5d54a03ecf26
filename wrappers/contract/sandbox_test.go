package contract_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/contract"
	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// A subject is a call of a wrapper and an answer that its description does not
// cover.
type subject struct {
	vendor sandbox.Vendor
	call   func(ctx context.Context, url string, opts ...session.Option) error
	fault  sandbox.Fault
	want   []string
}

func subjects() []subject {
	password := rest.NewSecret(sandbox.DemoPassword)
	return []subject{
		{
			vendor: sandbox.Anomify,
			call: func(ctx context.Context, url string, opts ...session.Option) error {
				client, err := anomify.New(anomify.Credentials{Email: sandbox.DemoLogin, Password: password}, append(opts, session.WithBaseURL(url))...)
				if err != nil {
					return err
				}
				_, err = client.GetUserInfo(ctx)
				return errors.Join(err, client.Close(ctx))
			},
			fault: sandbox.Fault{Operation: "getUserInfo", Body: `{"status": {"code": 200}, "data": {"nickname": "x"}}`},
			want:  []string{"unknown property data.nickname: string"},
		},
		{
			vendor: sandbox.AlertSite,
			call: func(ctx context.Context, url string, opts ...session.Option) error {
				client, err := alertsite.New(alertsite.Credentials{Login: sandbox.DemoLogin, Password: password}, append(opts, session.WithBaseURL(url))...)
				if err != nil {
					return err
				}
				_, err = client.GetLocations(ctx)
				return errors.Join(err, client.Close(ctx))
			},
			fault: sandbox.Fault{Operation: "getLocations", Body: `{"metadata": {"status": "0", "trace": 7}}`},
			want:  []string{"unknown property metadata.trace: integer"},
		},
		{
			vendor: sandbox.Misaka,
			call: func(ctx context.Context, url string, opts ...session.Option) error {
				client, err := misaka.New(misaka.Credentials{Email: sandbox.DemoLogin, Password: password}, append(opts, session.WithBaseURL(url))...)
				if err != nil {
					return err
				}
				_, err = client.ListDevices(ctx)
				return errors.Join(err, client.Close(ctx))
			},
			fault: sandbox.Fault{Operation: "listDevices", Body: `{"devices": [{"id": 1}, {"id": null}]}`},
			want: []string{
				"unknown property devices: array", "unknown property devices[]: object", "unknown property devices[].id: integer,null",
			},
		},
		{
			vendor: sandbox.Babel,
			call: func(ctx context.Context, url string, opts ...session.Option) error {
				client, err := babel.New(babel.Credentials{Username: sandbox.DemoLogin, Password: password}, append(opts, session.WithBaseURL(url))...)
				if err != nil {
					return err
				}
				_, err = client.GetLoggedInUser(ctx)
				return errors.Join(err, client.Close(ctx))
			},
			fault: sandbox.Fault{Operation: "getLoggedInUser", Body: `{"success": true, "user": {"badge": {"no": 1}}}`, ContentType: "text/html"},
			want: []string{
				"unknown content type : text/html", "unknown property user.badge: object", "unknown property user.badge.no: integer",
			},
		},
	}
}

// TestWrappersInFrontOfTheSandbox signs in, calls and signs out through a
// checker: once with answers as described, once with one that is not.
func TestWrappersInFrontOfTheSandbox(t *testing.T) {
	server := sandbox.New()
	defer server.Close()
	for _, s := range subjects() {
		t.Run(string(s.vendor), func(t *testing.T) {
			spec, err := specs.FS.ReadFile(string(s.vendor) + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			checker := newChecker(t, spec, contract.WithVendor(string(s.vendor)))
			transport := rest.NewTransport()
			defer transport.CloseIdleConnections()
			standin := server.Vendor(s.vendor)
			call := func() {
				if err := s.call(t.Context(), standin.URL(), session.WithTransport(checker.Transport(transport))); err != nil {
					t.Fatal(err)
				}
			}
			call()
			if r := checker.Report(); slices.ContainsFunc(r.Findings, func(f contract.Finding) bool { return !f.Open }) || r.Compared < 2 || r.Unmatched > 0 {
				t.Errorf("as described: %s", r)
			}
			checker.Reset()
			standin.Fault(s.fault)
			call()
			var got []string
			for _, line := range lines(checker.Report()) {
				if slices.Contains(s.want, line) {
					got = append(got, line)
				}
			}
			sameLines(t, got, s.want)
		})
	}
}
