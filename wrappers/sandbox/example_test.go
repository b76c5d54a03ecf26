package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/sandbox"
)

func Example() {
	srv := sandbox.New()
	defer srv.Close()
	alertsite := srv.Vendor(sandbox.AlertSite)

	locations := func(session string) string {
		resp, err := http.Get(alertsite.URL() + "/locations?login=demo%40example.com&session=" + session)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		return response{body: read(resp)}.at("metadata.message")
	}

	resp, err := http.Post(alertsite.URL()+"/login", "application/json",
		strings.NewReader(`{"login": "demo@example.com", "password": "sandbox-password-1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	session := response{body: read(resp)}.at("metadata.session")

	fmt.Println(locations(session))
	srv.Clock().Advance(15 * time.Minute)
	fmt.Println(locations(session))
	fmt.Println(alertsite.Logins(), "login,", alertsite.Count("getLocations"), "calls")
	// Output:
	// No errors.
	// Session is invalid.
	// 1 login, 2 calls
}
