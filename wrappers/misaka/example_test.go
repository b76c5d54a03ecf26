package misaka_test

import (
	"context"
	"fmt"

	"github.com/latchkey-go/latchkey/wrappers/misaka"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func Example() {
	ctx := context.Background()
	server := sandbox.New(sandbox.WithVendors(sandbox.Misaka))
	defer server.Close()
	standin := server.Vendor(sandbox.Misaka)

	client, err := misaka.New(
		misaka.Credentials{Email: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword)},
		session.WithBaseURL(standin.URL()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close(ctx)

	answer, err := client.ListRecordSets(ctx, "example.com", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, set := range answer.Results {
		fmt.Println(set.Name, set.Type, set.TTL)
	}
	// Output: localhost A 3600
}
