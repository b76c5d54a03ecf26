// Package otelsession tells OpenTelemetry what happens to sessions. It uses the
// API of OpenTelemetry only; the program brings the SDK:
//
//	instruments, err := otelsession.New(otel.GetTracerProvider(), otel.GetMeterProvider())
//	if err != nil {
//		return err
//	}
//	engine, err := session.New(driver, baseURL, session.WithObserver(instruments.Observer()))
//
// The metrics, each with the attribute vendor:
//
//	session.logins          counter    sign-ins, by outcome
//	session.refreshes       counter    refreshes, by outcome
//	session.adoptions       counter    sessions that were taken over from the store
//	session.replays         counter    requests that were sent again
//	session.invalidations   counter    sessions that were dropped, by reason
//	session.store.failures  counter    failures of the store, by operation
//	session.acquire.wait    histogram  how long calls waited for a session, by outcome, in seconds
//	session.age             histogram  how old sessions were when they were dropped, in seconds
//
// An outcome is "ok" or the reason of the failure, such as "rejected". Calls
// that find a session do not wait and are not in session.acquire.wait.
//
// A sign-in is a span, session.login, and so is a refresh, session.refresh.
// They have no parent, since they are for all calls that wait for them, but a
// link to the span of each. What happens to a call, such as session.wait and
// session.replay, is an event in the call's own span.
//
// Neither metrics nor spans hold secrets or the name of the account.
// Instrumentation of package net/http may record headers if it is told to; it
// must not be told to record those in SecretHeaders of the session.Driver.
package otelsession
