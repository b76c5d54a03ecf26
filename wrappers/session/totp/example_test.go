package totp_test

import (
	"context"
	"fmt"
	"log"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/totp"
)

// A program reads the secret from where it keeps the password, and hands the
// challenger to the client: acme.New(credentials, session.WithChallenger(codes)).
func Example() {
	codes, err := totp.FromURL(rest.NewSecret("otpauth://totp/Acme:demo@example.com?secret=JBSWY3DPEHPK3PXP"))
	if err != nil {
		log.Fatal(err)
	}
	code, err := codes.Answer(context.Background(), session.Challenge{Kind: session.ChallengeTOTP})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(code.Reveal()), "digits:", code)
	// Output: 6 digits: [redacted]
}
