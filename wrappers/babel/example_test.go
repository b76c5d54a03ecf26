package babel_test

import (
	"context"
	"fmt"

	"github.com/latchkey-go/latchkey/generated/babelapi"
	"github.com/latchkey-go/latchkey/wrappers/babel"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func Example() {
	ctx := context.Background()
	server := sandbox.New(sandbox.WithVendors(sandbox.Babel))
	defer server.Close()
	standin := server.Vendor(sandbox.Babel)

	client, err := babel.New(
		babel.Credentials{Username: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword)},
		session.WithBaseURL(standin.URL()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close(ctx)

	answer, err := client.GetLoggedInUser(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	user := answer.User
	user.Department = rest.Value("Licensing")
	if _, err := client.UpdateUserSettings(ctx, &babelapi.UpdateUserSettingsRequest{User: user}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("now in", user.Department.Get())
	// Output: now in Licensing
}
