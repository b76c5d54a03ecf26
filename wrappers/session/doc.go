// Package session keeps a program signed in at a vendor: it signs in before the
// first call, renews the session ahead of its end, replaces it when the vendor
// has dropped it, and signs out. What is peculiar to a vendor is in a [Driver];
// an [Engine] does the rest.
//
// It promises, for any number of goroutines that share an Engine:
//
//   - One sign-in at a time. All who wait share its success and its failure,
//     each as long as its own context lasts.
//   - Refused credentials are not tried again until the program says so. After
//     other failures the engine waits, longer each time, before it tries again.
//     See [Rejected] for how failures are told apart.
//   - A call that a dead session has made fail is sent once more in a new one,
//     if its body can be read again; never twice, and never because a single
//     operation is not permitted.
//   - Credentials go to the scheme, host and port of the base URL only, over
//     https unless that is this machine. Signing in follows no redirect.
//   - Nothing secret is printed by any value, error or log.
//   - An idle engine has no goroutine; [Engine.Close] leaves none behind.
//
// A package for a vendor embeds an Engine beside the generated client:
//
//	engine, err := session.New(&driver{credentials}, "https://api.acme.example", opts...)
//	if err != nil {
//		return nil, err
//	}
//	return &Client{Engine: engine, Client: acmeapi.New(engine.Client())}, nil
//
// A program with another client gives it an [http.Client] with
// [Engine.Transport]. The example of the package is a complete driver. A [Store]
// lets processes share a session and keeps it between runs; package storetest
// tests implementations. A [Pool] holds the engines of many accounts.
package session
