package anomify_test

import (
	"context"
	"fmt"

	"github.com/latchkey-go/latchkey/wrappers/anomify"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

// The account has two-factor authentication: the first call signs in and asks
// for the code.
func Example() {
	ctx := context.Background()
	server := sandbox.New(sandbox.WithVendors(sandbox.Anomify))
	defer server.Close()
	standin := server.Vendor(sandbox.Anomify)
	standin.RequireSecondFactor(true)

	client, err := anomify.New(
		anomify.Credentials{Email: sandbox.DemoLogin, Password: rest.NewSecret(sandbox.DemoPassword)},
		session.WithBaseURL(standin.URL()),
		session.WithChallenger(session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
			return rest.NewSecret(sandbox.DemoCode), nil // a program would ask somebody
		})),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close(ctx)

	answer, err := client.PingUser(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Data.Ping)
	// Output: pong
}
