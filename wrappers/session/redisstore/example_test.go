package redisstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net/http"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
)

// Two programs share the session of an account: the first one signs in, the
// second one takes the session over.
func Example() {
	server, err := miniredis.Run() // in place of Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	vendor := &acme{}                         // in place of the vendor
	key := make([]byte, 32)                   // the same for all programs,
	if _, err := rand.Read(key); err != nil { // made once and kept with the other secrets
		log.Fatal(err)
	}

	for _, program := range []string{"first", "second"} {
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		store, err := redisstore.New(client, []rest.Secret{rest.NewSecret(string(key))})
		if err != nil {
			log.Fatal(err)
		}
		engine, err := session.New(driver{}, "https://api.acme.example", session.WithStore(store), session.WithTransport(vendor))
		if err != nil {
			log.Fatal(err)
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://api.acme.example/data", nil)
		if err != nil {
			log.Fatal(err)
		}
		resp, err := engine.Transport().RoundTrip(req)
		if err != nil {
			log.Fatal(err)
		}
		_ = resp.Body.Close()
		fmt.Printf("%s program: status %d, sign-ins so far: %d\n", program, resp.StatusCode, vendor.logins)
		_ = engine.Close(context.Background())
		_ = client.Close()
	}
	// Output:
	// first program: status 200, sign-ins so far: 1
	// second program: status 200, sign-ins so far: 1
}
