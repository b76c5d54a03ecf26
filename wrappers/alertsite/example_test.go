package alertsite_test

import (
	"context"
	"fmt"

	"github.com/latchkey-go/latchkey/generated/alertsiteapi"
	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func Example() {
	ctx := context.Background()
	server := sandbox.New(sandbox.WithVendors(sandbox.AlertSite))
	defer server.Close()
	standin := server.Vendor(sandbox.AlertSite)

	client, err := alertsite.New(
		alertsite.Credentials{Login: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword)},
		session.WithBaseURL(standin.URL()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close(ctx)

	_, err = client.AddMonitor(ctx, &alertsiteapi.AddMonitorRequest{
		Name: "Home page", SiteType: alertsiteapi.SiteTypeInputWebsite, BillingPlancode: "UBM - A/A",
		Interval: rest.Int(15), URL: rest.Ptr("https://www.example.com"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := client.GetMonitors(ctx, &alertsiteapi.GetMonitorsParams{SiteType: []alertsiteapi.SiteType{alertsiteapi.SiteTypeWebsite}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, monitor := range answer.Results {
		if monitor.Name == "Home page" {
			fmt.Println(monitor.Name, "every", monitor.Interval, "minutes")
		}
	}
	// Output: Home page every 15 minutes
}
