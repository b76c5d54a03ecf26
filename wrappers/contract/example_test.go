package contract_test

import (
	"context"
	"fmt"
	"log"

	"github.com/latchkey-go/latchkey/specs"
	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/contract"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func Example() {
	server := sandbox.New()
	defer server.Close()
	standin := server.Vendor(sandbox.Anomify)
	standin.Fault(sandbox.Fault{Operation: "getUserInfo", Body: `{"status": {"code": 200, "took": 3}, "data": {"nickname": null}}`})

	spec, err := specs.FS.ReadFile("anomify.yaml")
	if err != nil {
		log.Fatal(err)
	}
	checker, err := contract.New(spec, contract.WithFile("specs/anomify.yaml"))
	if err != nil {
		log.Fatal(err)
	}
	client, err := anomify.New(
		anomify.Credentials{Email: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword)},
		session.WithBaseURL(standin.URL()), session.WithTransport(checker.Transport(rest.NewTransport())),
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.GetUserInfo(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, finding := range checker.Report().Findings {
		fmt.Println(finding.Operation, finding.Kind, finding.Where, finding.Observed, finding.Nullable)
	}
	// Output:
	// getUserInfo unknown property data.nickname [] true
	// getUserInfo unknown property status.took [integer] false
}
