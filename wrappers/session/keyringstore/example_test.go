package keyringstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/zalando/go-keyring"

	"github.com/latchkey-go/latchkey/wrappers/alertsite"
	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/sandbox"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
	"github.com/latchkey-go/latchkey/wrappers/session/keyringstore"
)

// A program that runs twice signs in once. Its sessions are in the key ring,
// its locks on files.
func Example() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	vendor := sandbox.New()
	defer vendor.Close()
	for range 2 {
		if err := program(vendor.Vendor(sandbox.AlertSite).URL(), filepath.Join(parent, "acme")); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("sign-ins:", vendor.Vendor(sandbox.AlertSite).Logins())
	// Output: sign-ins: 1
}

func program(address, dir string) error {
	locks, err := filestore.New(dir)
	if err != nil {
		return err
	}
	store, err := keyringstore.New("acme-cli", locks, keyringstore.WithInteraction())
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

// Without a key ring a store fails, and the error says what can be done. The
// engine then goes on in memory, unless it was given session.FailClosed.
func ExampleStore_Load() {
	keyring.MockInitWithError(errors.New("no service org.freedesktop.secrets"))
	defer keyring.MockInit()
	store, err := keyringstore.New("acme-cli", &session.MemoryStore{})
	if err != nil {
		log.Fatal(err)
	}
	_, _, err = store.Load(context.Background(), "0123456789abcdef")
	fmt.Println(errors.Is(err, keyringstore.ErrUnavailable))
	fmt.Println(err)
	// Output:
	// true
	// keyringstore: key ring cannot be used: no service org.freedesktop.secrets; see that a key ring is installed, running and unlocked, or choose another store (nothing has been stored elsewhere)
}
