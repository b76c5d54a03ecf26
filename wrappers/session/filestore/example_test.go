package filestore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
)

// A program that runs three times signs in once. Real programs keep the files
// below [os.UserConfigDir] or [os.UserCacheDir].
func Example() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	vendor := sandbox.New()
	defer vendor.Close()
	for range 3 {
		if err := program(vendor.Vendor(sandbox.AlertSite).URL(), filepath.Join(parent, "acme")); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("sign-ins:", vendor.Vendor(sandbox.AlertSite).Logins())
	// Output: sign-ins: 1
}

func program(address, dir string) error {
	store, err := filestore.New(dir)
	if err != nil {
		return err
	}
	credentials := alertsite.Credentials{Login: "demo@example.com", Password: rest.NewSecret("sandbox-password-1")}
	client, err := alertsite.New(credentials, session.WithBaseURL(address), session.WithStore(store))
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := client.SignIn(ctx); err != nil {
		return err
	}
	return client.Close(ctx)
}
