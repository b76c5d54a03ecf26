package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
)

func dialError() (*reply, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func cut() (*reply, error) { return nil, io.ErrUnexpectedEOF }

func TestF01WrongPassword(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 422} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.before = on("/login", status(code))
			first := h.fail("/data")
			wantIs(t, first, session.ErrRejected)
			if answer := (*rest.Error)(nil); !errors.As(first, &answer) || answer.StatusCode != code {
				t.Errorf("%v does not hold the vendor's answer", first)
			}
			for range 100 {
				time.Sleep(time.Hour)
				wantIs(t, h.fail("/data"), session.ErrRejected)
			}
			want(t, "requests", len(h.seen()), 1)
		})
	}
}

func TestF01TheErrorSaysWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.password = "another"
		err := h.engine.SignIn(t.Context())
		want(t, "error", err.Error(), "acme: sign in: credentials refused: login: 401")
	})
}

func TestF01ADriverCanDeclareARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
			_, err := post(ctx, client, "public", false)
			return nil, session.Rejected(errors.Join(err, errors.New("code 40")))
		}
		wantIs(t, h.fail("/data"), session.ErrRejected)
		wantIs(t, h.fail("/data"), session.ErrRejected)
		want(t, "requests", len(h.seen()), 1)
	})
}

func TestF02AccountLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.locked = time.Now().Add(5 * time.Minute)
		err := h.fail("/data")
		wantIs(t, err, session.ErrLocked)
		lock := (*session.LockedError)(nil)
		if !errors.As(err, &lock) || lock.Until.Before(h.locked) || lock.Until.After(h.locked.Add(2*time.Second)) {
			t.Errorf("locked until %v, want %v", lock, h.locked)
		}
		for time.Now().Before(h.locked) {
			wantIs(t, h.fail("/data"), session.ErrLocked)
			wantIs(t, h.engine.SignIn(t.Context()), session.ErrLocked)
			time.Sleep(10 * time.Second)
		}
		want(t, "requests while locked", len(h.seen()), 1)
		time.Sleep(2 * time.Second)
		want(t, "status after the lock-out", h.get("/data"), 200)
	})
}

func TestF02LockedForNobodyKnowsHowLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
			_, err := post(ctx, client, "public", false)
			return nil, session.Locked(time.Time{}, err)
		}
		for range 100 {
			wantIs(t, h.fail("/data"), session.ErrLocked)
			time.Sleep(time.Hour)
		}
		want(t, "requests", len(h.seen()), 1)
	})
}

func TestF03VendorOrNetworkDown(t *testing.T) {
	for name, fault := range map[string]func() (*reply, error){
		"503": status(503), "500": status(500), "refused": dialError,
		"no such host": func() (*reply, error) { return nil, &net.DNSError{Err: "no such host", IsNotFound: true} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.before, h.loginTime = on("/login", fault), 20*time.Millisecond
				together(64, func(int) {
					for range 3 {
						err := h.fail("/data")
						if wait := (*session.BackoffError)(nil); !errors.As(err, &wait) || !errors.Is(err, session.ErrTransient) {
							t.Errorf("got %v", err)
						}
					}
				})
				want(t, "sign-ins in the first step", h.count("/login"), 1)
				want(t, "state", h.engine.Status().State, session.StateBackoff)
				time.Sleep(time.Second)
				h.fail("/data")
				want(t, "sign-ins in the second step", h.count("/login"), 2)
			})
		})
	}
}

func TestF04ThrottledSignInKeepsTheOldSessionInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.lifetime = time.Hour
		h.get("/data")
		h.set(func() {
			h.before = on("/login", func() (*reply, error) {
				resp := answer(429, nil)
				resp.Header.Set("Retry-After", "3600")
				return resp, nil
			})
		})
		time.Sleep(56 * time.Minute)
		for range 30 {
			want(t, "status", h.get("/data"), 200)
			time.Sleep(5 * time.Second)
		}
		want(t, "sign-ins", h.count("/login"), 2)
		time.Sleep(3 * time.Minute)
		wait := (*session.BackoffError)(nil)
		if err := h.fail("/data"); !errors.As(err, &wait) || wait.After > 10*time.Minute {
			t.Errorf("got %v", err)
		}
	})
}

func TestF05UnclearSignIn(t *testing.T) {
	for name, fault := range map[string]func() (*reply, error){
		"cut":            cut,
		"reset":          func() (*reply, error) { return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET} },
		"garbage":        func() (*reply, error) { return text(200, "application/json", "]["), nil },
		"a page":         func() (*reply, error) { return text(200, "text/html", "<html>"), nil },
		"no token in it": func() (*reply, error) { return answer(200, map[string]any{}), nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.before = on("/login", fault)
				begun := time.Now()
				for time.Since(begun) < 15*time.Minute {
					err := h.fail("/data")
					if n := h.count("/login"); n < 3 {
						wantIs(t, err, session.ErrTransient)
					} else {
						wantIs(t, err, session.ErrRejected)
					}
					time.Sleep(time.Second)
				}
				want(t, "sign-ins in 15 minutes", h.count("/login"), 3)
			})
		})
	}
}

func TestF06SecondFactorAndNobodyToAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.factor = "123456"
		for range 10 {
			err := h.fail("/data")
			wantIs(t, err, session.ErrChallenge)
			needed := (*session.ChallengeError)(nil)
			if !errors.As(err, &needed) || needed.Challenge.Kind != session.ChallengeTOTP {
				t.Errorf("got %v", err)
			}
			time.Sleep(time.Hour)
		}
		want(t, "requests", len(h.seen()), 1)
	})
}

// codes answers challenges with one code after the other.
type codes struct {
	mu    sync.Mutex
	texts []string
	asked []session.Challenge
}

func (c *codes) Answer(_ context.Context, challenge session.Challenge) (rest.Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, challenge)
	if len(c.texts) == 0 {
		return rest.Secret{}, errors.New("no more codes")
	}
	code := c.texts[0]
	c.texts = c.texts[1:]
	return rest.NewSecret(code), nil
}

func TestF07SecondFactorRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &codes{texts: []string{"111111", "222222", "333333"}}
		h := newHarness(t, plain, session.WithChallenger(c))
		h.factor = "123456"
		for range 10 {
			wantIs(t, h.fail("/data"), session.ErrChallengeFailed)
			time.Sleep(time.Hour)
		}
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "codes tried", h.count("/factor"), 2)
		want(t, "challenges", fmt.Sprint(c.asked), "[{totp 1 } {totp 2 }]")
		want(t, "calls", h.count("/data"), 0)
	})
}

func TestF07SecondFactorRefusedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithChallenger(&codes{texts: []string{"111111", "123456"}}))
		h.factor, h.loginTime = "123456", time.Second
		together(64, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "codes tried", h.count("/factor"), 2)
		want(t, "prompts", h.events.count(session.EventChallenge), 2)
	})
}

func TestF07SecondFactorRefusedWithoutAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithChallenger(&codes{texts: []string{"111111", "222222"}}))
		h.factor = "123456"
		h.driver.signIn = func(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
			if _, err := post(ctx, client, "login", false, "password", h.password); err != nil {
				return nil, err
			}
			code, err := answer.Answer(ctx, session.Challenge{Kind: session.ChallengeSMS})
			if err != nil {
				return nil, err
			}
			_, err = post(ctx, client, "factor", false, "code", code.Reveal())
			return nil, err
		}
		wantIs(t, h.fail("/data"), session.ErrChallengeFailed)
		wantIs(t, h.fail("/data"), session.ErrChallengeFailed)
		want(t, "codes tried", h.count("/factor"), 1)
	})
}

func TestF07ADriverThatAsksForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		h := newHarness(t, plain, session.WithChallenger(session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
			asked++
			return rest.NewSecret("1"), nil
		})))
		h.driver.signIn = func(ctx context.Context, client *rest.Client, answer session.Challenger) (*session.Grant, error) {
			for {
				if _, err := answer.Answer(ctx, session.Challenge{Kind: session.ChallengeSMS}); err != nil {
					return nil, err
				}
				_, _ = post(ctx, client, "public", false)
			}
		}
		wantIs(t, h.fail("/data"), session.ErrChallengeFailed)
		want(t, "prompts", asked, 3)
	})
}

func TestF08PromptCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := false
		h := newHarness(t, plain, session.WithChallenger(session.ChallengerFunc(func(context.Context, session.Challenge) (rest.Secret, error) {
			if !again {
				return rest.Secret{}, fmt.Errorf("prompt: %w", context.Canceled)
			}
			return rest.NewSecret("123456"), nil
		})))
		h.factor = "123456"
		for range 5 {
			wantIs(t, h.fail("/data"), context.Canceled)
		}
		want(t, "sign-ins", h.count("/login"), 5)
		again = true
		want(t, "status", h.get("/data"), 200)
	})
}

func TestF08PromptUnansweredOrBroken(t *testing.T) {
	for name, answer := range map[string]func(ctx context.Context) error{
		"unanswered":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"no terminal": func(context.Context) error { return errors.New("no terminal") },
		"panic":       func(context.Context) error { panic("no terminal") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain, session.WithChallenger(session.ChallengerFunc(func(ctx context.Context, _ session.Challenge) (rest.Secret, error) {
					return rest.Secret{}, answer(ctx)
				})))
				h.factor = "123456"
				begun := time.Now()
				err := h.fail("/data")
				if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the caller's context has not ended, but got %v", err)
				}
				if wait := (*session.BackoffError)(nil); !errors.As(err, &wait) {
					t.Errorf("got %v", err)
				}
				if took := time.Since(begun); name == "unanswered" && took != 5*time.Minute {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestF08ThePromptHasTheTimeItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := session.ChallengerFunc(func(ctx context.Context, _ session.Challenge) (rest.Secret, error) {
			<-ctx.Done()
			return rest.Secret{}, ctx.Err()
		})
		h := newHarness(t, plain, session.WithChallenger(wait), session.WithChallengeTimeout(40*time.Second))
		h.factor = "123456"
		begun := time.Now()
		wantIs(t, h.fail("/data"), session.ErrTransient)
		want(t, "it waited", time.Since(begun), 40*time.Second)
	})
}

func TestF08ChallengeAnsweredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithDeferredChallenges(10*time.Minute))
		h.factor = "123456"
		needed := (*session.ChallengeError)(nil)
		together(8, func(int) {
			err := h.fail("/data")
			if found := (*session.ChallengeError)(nil); errors.As(err, &found) {
				h.set(func() { needed = found })
			} else {
				t.Errorf("got %v", err)
			}
		})
		time.Sleep(time.Minute)
		wantIs(t, h.fail("/data"), session.ErrChallenge)
		wrong := needed.Continue(t.Context(), rest.NewSecret("111111"))
		second := (*session.ChallengeError)(nil)
		if !errors.As(wrong, &second) || second.Challenge.Attempt != 2 {
			t.Fatalf("after a wrong code: %v", wrong)
		}
		if err := needed.Continue(t.Context(), rest.NewSecret("123456")); err == nil {
			t.Error("a challenge was answered twice")
		}
		if err := second.Continue(t.Context(), rest.NewSecret("123456")); err != nil {
			t.Error(err)
		}
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 1)
		if err := second.Continue(t.Context(), rest.NewSecret("123456")); err == nil {
			t.Error("a challenge was answered after its end")
		}
	})
}

func TestF08ChallengeNotAnsweredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain, session.WithDeferredChallenges(10*time.Minute))
		h.factor = "123456"
		wantIs(t, h.fail("/data"), session.ErrChallenge)
		time.Sleep(11 * time.Minute)
		wantIs(t, h.fail("/data"), session.ErrChallenge)
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "state", h.engine.Status().State, session.StateLatched)
		h.driver.password = func() string { return h.password }
		wantIs(t, h.engine.SignIn(t.Context()), session.ErrChallenge)
		want(t, "sign-ins", h.count("/login"), 2)
	})
}

func TestF09SignInRedirected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.before = on("/login", redirect(307, "https://elsewhere.example/login"))
		err := h.fail("/data")
		wantIs(t, err, session.ErrRedirected)
		if wait := (*session.BackoffError)(nil); !errors.As(err, &wait) {
			t.Errorf("got %v", err)
		}
		want(t, "requests", len(h.seen()), 1)
		h.set(func() { h.before = nil })
		time.Sleep(30 * time.Second)
		want(t, "status", h.get("/data"), 200)
	})
}

func TestF10DeadSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		h.revoke()
		sent := len(h.seen())
		code, body, err := h.do(t.Context(), http.MethodPut, "/data", strings.NewReader("text"))
		if err != nil {
			t.Fatal(err)
		}
		want(t, "status", code, 200)
		want(t, "answer", body, `{"body":"text","path":"/data"}`)
		var paths []string
		for _, r := range h.seen()[sent:] {
			paths = append(paths, r.path)
		}
		want(t, "requests", strings.Join(paths, " "), "/data /login /data")
		want(t, "replays", h.events.count(session.EventReplay), 1)
	})
}

func TestF10RevokedWithManyCallsUnderWay(t *testing.T) {
	for _, single := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.single, h.loginTime, h.dataTime = single, 20*time.Millisecond, 35*time.Millisecond
			h.get("/data")
			h.revoke()
			together(64, func(i int) {
				time.Sleep(time.Duration(i) * time.Millisecond)
				for range 4 {
					want(t, "status", h.get("/data"), 200)
				}
			})
			want(t, "sign-ins", h.count("/login"), 2)
		})
	}
}

func TestF11LateRefusalsReplayOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate = true
		h.get("/data")
		before, arrived, release := hold("/slow", 64)
		h.set(func() { h.before = before })
		var calls sync.WaitGroup
		for range 64 {
			calls.Go(func() { want(t, "status", h.get("/slow"), 200) })
		}
		arrived.Wait()
		h.revoke()
		h.get("/data")
		sent := len(h.seen())
		release()
		calls.Wait()
		want(t, "requests for 64 late refusals", len(h.seen())-sent, 64)
	})
}

func TestF12RefusedAfterReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		code, body, err := h.do(t.Context(), http.MethodGet, "/forbidden", nil)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "status", code, 401)
		want(t, "answer", body, `{"error":"not for you"}`)
		want(t, "times sent", h.count("/forbidden"), 2)
		want(t, "sign-ins", h.count("/login"), 2)
		want(t, "state", h.engine.Status().State, session.StateActive)
	})
}

func TestF13EndpointThatAlwaysRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		for range 100 {
			want(t, "status", h.get("/forbidden"), 401)
			time.Sleep(time.Second)
		}
		if n := h.count("/login"); n > 4 {
			t.Errorf("%d sign-ins for 100 refusals", n)
		}
	})
}

func TestF13RefusalsOfOneOperationCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.dataTime = time.Second
		together(8, func(int) { want(t, "status", h.get("/forbidden"), 401) })
		h.revoke()
		want(t, "status of another operation", h.get("/data"), 200)
	})
}

func TestF13AnOperationRefusedForAWhileIsNotRefusedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.before = on("/data", status(401)) // a replica that lags behind
		want(t, "status", h.get("/data"), 401)
		h.set(func() { h.before = nil })
		want(t, "status", h.get("/data"), 200)
		h.revoke()
		want(t, "status after a revocation", h.get("/data"), 200)
	})
}

func TestF14DeadSessionInTheBodyOfAStreamedPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.judge = func(_ *http.Response, body string) session.Verdict {
			if strings.Contains(body, `"status":"40"`) {
				return session.SessionDead
			}
			return session.Alive
		}
		h.get("/data")
		const dead = `{"metadata":{"status":"40","message":"log in again"}}`
		h.set(func() {
			h.before = on("/upload", func() (*reply, error) { return text(200, "application/json; charset=utf-8", dead), nil })
		})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, baseURL+"/upload", io.MultiReader(strings.NewReader("stream")))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := h.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		want(t, "answer", string(data), dead)
		want(t, "times sent", h.count("/upload"), 1)
		wantIs(t, session.Reason(resp), session.ErrNotReplayable)
		want(t, "status of the next call", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 2)
	})
}

func TestF15RenewalAheadFails(t *testing.T) {
	for name, k := range map[string]kind{"refresh": refreshing, "sign in": plain} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, k)
				h.rotate, h.lifetime = true, time.Hour
				h.get("/data")
				h.set(func() {
					h.before = func(req *http.Request, _ string) (*reply, error) {
						if strings.HasSuffix(req.URL.Path, "/login") || strings.HasSuffix(req.URL.Path, "/refresh") {
							return status(503)()
						}
						return nil, nil
					}
				})
				time.Sleep(56 * time.Minute)
				for range 150 {
					want(t, "status", h.get("/data"), 200)
					time.Sleep(time.Second)
				}
				if n := h.count("/login") + h.count("/refresh"); n < 4 || n > 80 {
					t.Errorf("%d attempts in 150 s", n)
				}
				h.set(func() { h.before = nil })
				time.Sleep(6 * time.Minute)
				want(t, "status", h.get("/data"), 200)
			})
		})
	}
}

func TestF15RenewalAheadServesTheOldSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		time.Sleep(56 * time.Minute)
		h.set(func() { h.loginTime = 10 * time.Second })
		begun := time.Now()
		together(64, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "time that callers waited", time.Since(begun), 0)
		synctest.Wait()
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "state", h.engine.Status().State, session.StateRefreshing)
		time.Sleep(11 * time.Second)
		h.get("/data")
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "generation", h.engine.Status().Generation, 2)
	})
}

func TestF15EndOfTheSessionDuringAFailingRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		h.set(func() { h.before = on("/refresh", status(503)) })
		time.Sleep(59 * time.Minute)
		h.get("/data")
		synctest.Wait()
		h.set(func() { h.before = nil })
		time.Sleep(2 * time.Minute)
		want(t, "status", h.get("/data"), 200)
		want(t, "refreshes", h.count("/refresh"), 2)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestF16RefreshTokenRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		h.revoke()
		want(t, "status", h.get("/data"), 200)
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "sign-ins", h.count("/login"), 2)
		h.revoke()
		h.set(func() { h.password = "another" })
		wantIs(t, h.fail("/data"), session.ErrRejected)
		for range 10 {
			wantIs(t, h.fail("/data"), session.ErrRejected)
		}
		want(t, "refreshes", h.count("/refresh"), 2)
		want(t, "sign-ins", h.count("/login"), 3)
	})
}

func TestF17RefreshTimedOutAfterItWasSent(t *testing.T) {
	for name, fault := range map[string]func() (*reply, error){
		"cut": cut,
		"hangs": func() (*reply, error) {
			time.Sleep(31 * time.Second)
			return nil, context.DeadlineExceeded
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, refreshing)
				h.rotate, h.lifetime = true, time.Hour
				h.get("/data")
				h.set(func() { h.after = on("/refresh", fault) })
				time.Sleep(2 * time.Hour)
				want(t, "status", h.get("/data"), 200)
				want(t, "refreshes", h.count("/refresh"), 1)
				want(t, "sign-ins", h.count("/login"), 2)
				want(t, "refresh tokens used twice", h.reused, 0)
			})
		})
	}
}

func TestF17RefreshThatWasNeverSentKeepsItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime = true, time.Hour
		h.get("/data")
		h.set(func() { h.before = on("/refresh", dialError) })
		time.Sleep(2 * time.Hour)
		wantIs(t, h.fail("/data"), session.ErrTransient)
		h.set(func() { h.before = nil })
		time.Sleep(time.Second)
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestF18TwoProcessesAndOneSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVendor()
		v.single = true
		a, b := start(t, v, newDriver(v), plain), start(t, v, newDriver(v), plain)
		begun := time.Now()
		stolen := 0
		for range 1800 {
			for _, h := range []*harness{a, b} {
				if _, _, err := h.do(t.Context(), http.MethodGet, "/data", nil); err != nil {
					wait := (*session.BackoffError)(nil)
					if !errors.As(err, &wait) || !errors.Is(err, session.ErrStolen) {
						t.Fatalf("got %v", err)
					}
					stolen++
				}
			}
			time.Sleep(time.Second)
		}
		if stolen == 0 || a.events.count(session.EventStolen)+b.events.count(session.EventStolen) == 0 {
			t.Error("nobody noticed")
		}
		if n, most := v.count("/login"), 8+int(time.Since(begun)/(20*time.Second)); n > most {
			t.Errorf("%d sign-ins in %v, want at most %d", n, time.Since(begun), most)
		}
	})
}

func TestF18ShortSessionsThatAreRevokedAtTimesAreNotStolen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime = true, 12*time.Second
		for range 20 {
			for range 30 {
				want(t, "status", h.get("/data"), 200)
				time.Sleep(time.Second)
			}
			h.revoke()
		}
		want(t, "warnings", h.events.count(session.EventStolen), 0)
	})
}

func TestF18ARenewalThatEndsTheOldSessionCostsNoBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, refreshing)
		h.rotate, h.lifetime = true, 12*time.Second
		h.after = func(req *http.Request, _ string) (*reply, error) {
			if strings.HasSuffix(req.URL.Path, "/refresh") {
				time.Sleep(100 * time.Millisecond) // the old session is dead, the new one on its way
			}
			return nil, nil
		}
		for range 2000 {
			together(4, func(int) { want(t, "status", h.get("/data"), 200) })
			time.Sleep(50 * time.Millisecond)
		}
		want(t, "warnings", h.events.count(session.EventStolen), 0)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestF19CallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.loginTime = time.Second
		begun := time.Now()
		var calls sync.WaitGroup
		calls.Go(func() { // the first one, for whom the sign-in began
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, _, err := h.do(ctx, http.MethodGet, "/data", nil)
			wantIs(t, err, context.DeadlineExceeded)
			want(t, "it waited", time.Since(begun), 50*time.Millisecond)
		})
		synctest.Wait()
		calls.Go(func() { // one that follows
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
			defer cancel()
			_, _, err := h.do(ctx, http.MethodGet, "/data", nil)
			wantIs(t, err, context.DeadlineExceeded)
			want(t, "it waited", time.Since(begun), 60*time.Millisecond)
		})
		calls.Go(func() {
			want(t, "status", h.get("/data"), 200)
			want(t, "it waited", time.Since(begun), time.Second)
		})
		calls.Wait()
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestF19TheCauseOfTheEndIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.loginTime = time.Second
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
		err := h.engine.SignIn(ctx)
		wantIs(t, err, cause)
		wantIs(t, err, context.Canceled)
		wantIs(t, h.engine.SignIn(ctx), cause)
	})
}

func TestF19ValuesOfTheCallersContextAreNotTheDrivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		h := newHarness(t, plain)
		h.driver.signIn = func(ctx context.Context, _ *rest.Client, _ session.Challenger) (*session.Grant, error) {
			if ctx.Value(key{}) != nil {
				t.Error("the driver sees the value")
			}
			return &session.Grant{Token: rest.NewSecret("x")}, nil
		}
		if err := h.engine.SignIn(context.WithValue(t.Context(), key{}, 1)); err != nil {
			t.Error(err)
		}
	})
}

func TestF19AnEndedContextDoesNotStopACallInASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.get("/data")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/data", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := h.engine.Transport().RoundTrip(req) // the base transport decides
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		want(t, "calls", h.count("/data"), 2)
	})
}

func TestF20AllCallersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.loginTime = time.Second
		together(8, func(int) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, _, err := h.do(ctx, http.MethodGet, "/data", nil)
			wantIs(t, err, context.DeadlineExceeded)
		})
		begun := time.Now()
		want(t, "status of a late caller", h.get("/data"), 200)
		want(t, "it waited", time.Since(begun), 950*time.Millisecond)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestF21SignInHangs(t *testing.T) {
	for name, hang := range map[string]func(context.Context){
		"and obeys its context":         func(ctx context.Context) { <-ctx.Done() },
		"and does not obey its context": func(context.Context) { time.Sleep(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				calls := 0
				h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
					if calls++; calls > 1 {
						return &session.Grant{Token: rest.NewSecret("x")}, nil
					}
					_, _ = post(ctx, client, "public", false)
					hang(ctx)
					return nil, ctx.Err()
				}
				begun := time.Now()
				together(8, func(int) {
					err := h.engine.SignIn(t.Context())
					wantIs(t, err, session.ErrTransient)
					if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("the caller's context has not ended, but got %v", err)
					}
				})
				if took := time.Since(begun); took < 30*time.Second || took > 35*time.Second {
					t.Errorf("took %v", took)
				}
				time.Sleep(30 * time.Second)
				begun = time.Now()
				if err := h.engine.SignIn(t.Context()); err != nil {
					t.Error(err)
				}
				want(t, "the next one took", time.Since(begun), 0)
				want(t, "sign-ins", calls, 2)
			})
		})
	}
}

func TestF22DriverPanics(t *testing.T) {
	for name, bad := range map[string]func() (*session.Grant, error){
		"panic":             func() (*session.Grant, error) { panic("at the disco") },
		"runtime error":     func() (*session.Grant, error) { return []*session.Grant{}[runtime.NumCPU()], nil },
		"Goexit":            func() (*session.Grant, error) { runtime.Goexit(); return nil, nil },
		"neither":           func() (*session.Grant, error) { return nil, nil },
		"nothing to sign":   func() (*session.Grant, error) { return &session.Grant{Subject: "nobody"}, nil },
		"a refusal as well": func() (*session.Grant, error) { panic(session.Rejected(nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, func(d *driver) session.Driver { return unsigned{d} })
				calls := 0
				h.driver.signIn = func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
					if calls++; calls == 1 {
						return bad()
					}
					return &session.Grant{Token: rest.NewSecret("x")}, nil
				}
				together(8, func(int) { wantIs(t, h.engine.SignIn(t.Context()), session.ErrDriver) })
				want(t, "calls of the driver", calls, 1)
				time.Sleep(30 * time.Second)
				if err := h.engine.SignIn(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// unsigned is a driver that writes no header if there is no token.
type unsigned struct{ *driver }

func (d unsigned) Apply(h http.Header, g *session.Grant) {
	if !g.Token.IsZero() {
		d.driver.Apply(h, g)
	}
}

func TestF22JudgePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.judge = func(*http.Response, string) session.Verdict { panic("no") }
		want(t, "status", h.get("/data"), 200)
	})
}

func TestF23AsleepForEightHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClocks()
		h := newHarness(t, refreshing, session.WithClock(c.read))
		h.rotate, h.told = true, 3600
		h.get("/data")
		c.wall.Add(int64(8 * time.Hour)) // the monotonic clock stood still
		together(8, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "refreshes", h.count("/refresh"), 1)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

func TestF24ClockSetBackTwoHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClocks()
		h := newHarness(t, plain, session.WithClock(c.read))
		h.told = 3600
		h.get("/data")
		c.wall.Add(int64(-2 * time.Hour))
		h.get("/data")
		want(t, "sign-ins right after", h.count("/login"), 1)
		c.wall.Add(int64(time.Hour))
		c.mono.Add(int64(time.Hour))
		together(8, func(int) { want(t, "status", h.get("/data"), 200) })
		want(t, "sign-ins an hour later", h.count("/login"), 2)
	})
}

func TestF25TheVendorsClockIsWrong(t *testing.T) {
	for _, off := range []time.Duration{-time.Hour, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.driver.signIn = func(ctx context.Context, client *rest.Client, _ session.Challenger) (*session.Grant, error) {
				got, err := post(ctx, client, "login", false, "password", h.driver.password())
				if err != nil {
					return nil, err
				}
				g := &session.Grant{Token: rest.NewSecret(textOf(got, "token"))}
				issued := time.Now().Add(off).Unix()
				g.Lifetime, _ = session.JWTLifetime(jwt(fmt.Sprintf(`{"iat":%d,"exp":%d}`, issued, issued+1800)))
				return g, nil
			}
			h.get("/data")
			time.Sleep(25 * time.Minute)
			h.get("/data")
			want(t, "sign-ins after 25 minutes", h.count("/login"), 1)
			time.Sleep(6 * time.Minute)
			h.get("/data")
			want(t, "sign-ins after 31 minutes", h.count("/login"), 2)
		})
	}
}

func TestF26AbsurdExpiresIn(t *testing.T) {
	for _, told := range []any{0, -3600, 1e18, "soon"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, plain)
			h.told = told
			h.get("/data")
			time.Sleep(365 * 24 * time.Hour)
			h.get("/data")
			want(t, "sign-ins", h.count("/login"), 1)
			if !h.engine.Status().Expires.IsZero() {
				t.Errorf("expires at %v", h.engine.Status().Expires)
			}
		})
	}
}

func TestF28PlainHTTP(t *testing.T) {
	v := newVendor()
	for _, tt := range []struct {
		url string
		ok  bool
	}{
		{"http://api.acme.example", false},
		{"http://10.0.0.1", false},
		{"http://localhost.evil.example", false},
		{"http://127.0.0.1.nip.io", false},
		{"http://localhost:8080", true},
		{"http://127.0.0.1:8080", true},
		{"http://[::1]:8080", true},
		{"http://acme.localhost", true},
		{"HTTPS://api.acme.example", true},
	} {
		_, err := session.New(newDriver(v), baseURL, session.WithBaseURL(tt.url), session.WithTransport(v))
		if tt.ok && err != nil {
			t.Errorf("%s: %v", tt.url, err)
		}
		if !tt.ok {
			wantIs(t, err, session.ErrInsecure)
		}
		if _, err := session.New(newDriver(v), tt.url, session.WithInsecureHTTP(), session.WithTransport(v)); err != nil {
			t.Errorf("%s with WithInsecureHTTP: %v", tt.url, err)
		}
	}
	want(t, "requests", len(v.seen()), 0)
}

func TestF29StoreFails(t *testing.T) {
	for name, failure := range map[string]error{"unwritable": errors.New("read-only"), "full": syscall.ENOSPC} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &watchedStore{}
				store.fail(failure)
				h := newHarness(t, refreshing, session.WithStore(store))
				h.rotate, h.lifetime = true, time.Hour
				together(8, func(int) { want(t, "status", h.get("/data"), 200) })
				want(t, "sign-ins", h.count("/login"), 1)
				want(t, "warnings", h.events.count(session.EventStore), 1)
				store.fail(nil)
				time.Sleep(time.Hour)
				h.get("/data")
				want(t, "sign-ins", h.count("/login"), 1)
				want(t, "refreshes", h.count("/refresh"), 1)
			})
		})
	}
}

func TestF29StoreFailsAndMustNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &watchedStore{}
		h := newHarness(t, full, session.WithStore(store), session.WithStorePolicy(session.FailClosed))
		store.fail(errors.New("away"))
		wantIs(t, h.fail("/data"), session.ErrStore)
		want(t, "requests", len(h.seen()), 0)
		store.fail(nil)
		time.Sleep(time.Second)
		want(t, "status", h.get("/data"), 200)
	})
}

func TestF29SessionThatCannotBeStoredIsSignedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &watchedStore{}
		h := newHarness(t, full, session.WithStore(store), session.WithStorePolicy(session.FailClosed))
		h.after = on("/login", func() (*reply, error) { store.fail(errors.New("away")); return nil, nil })
		wantIs(t, h.fail("/data"), session.ErrStore)
		want(t, "sessions left open", h.alive(), 0)
	})
}

func TestF29CorruptRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &corruptStore{corrupt: true}
		h := newHarness(t, plain, session.WithStore(store))
		want(t, "status", h.get("/data"), 200)
		want(t, "sign-ins", h.count("/login"), 1)
		want(t, "warnings", h.events.count(session.EventStore), 1)
		other := start(t, h.vendor, newDriver(h.vendor), plain, session.WithStore(store))
		want(t, "status", other.get("/data"), 200)
		want(t, "sign-ins after the record was replaced", h.count("/login"), 1)
	})
}

// A corruptStore holds something that cannot be read at first.
type corruptStore struct {
	session.MemoryStore
	corrupt bool
}

func (s *corruptStore) Load(ctx context.Context, key string) (*session.Record, session.Version, error) {
	if s.corrupt {
		return nil, "garbage", session.ErrCorrupt
	}
	return s.MemoryStore.Load(ctx, key)
}

func (s *corruptStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	if s.corrupt {
		if old != "garbage" {
			return "", session.ErrConflict
		}
		s.corrupt, old = false, ""
	}
	return s.MemoryStore.CompareAndSwap(ctx, key, old, r)
}

func TestF29LostRefreshTokensAreNotUsedByTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		v.rotate, v.lifetime = true, time.Hour
		var engines [4]*harness
		for i := range engines {
			engines[i] = start(t, v, newDriver(v), refreshing, session.WithStore(store))
			engines[i].get("/data")
		}
		want(t, "sign-ins", v.count("/login"), 1)
		store.fail(errors.New("away"))
		time.Sleep(2 * time.Hour)
		together(4, func(i int) { want(t, "status", engines[i].get("/data"), 200) })
		want(t, "refresh tokens used twice", v.reused, 0)
		store.fail(nil)
		time.Sleep(2 * time.Hour)
		together(4, func(i int) { want(t, "status", engines[i].get("/data"), 200) })
		want(t, "refresh tokens used twice", v.reused, 0)
	})
}

func TestF30KilledBetweenRefreshAndStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		v.rotate, v.lifetime = true, time.Hour
		a := start(t, v, newDriver(v), refreshing, session.WithStore(store))
		a.get("/data")
		time.Sleep(2 * time.Hour)
		v.set(func() { v.after = on("/refresh", func() (*reply, error) { runtime.Goexit(); return nil, nil }) })
		_, _, err := a.do(t.Context(), http.MethodGet, "/data", nil)
		wantIs(t, err, session.ErrDriver) // as far as a process can be killed here
		v.set(func() { v.after = nil })
		b := start(t, v, newDriver(v), refreshing, session.WithStore(store))
		want(t, "status", b.get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 2)
	})
}

func TestF31LockHolderDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		h := start(t, v, newDriver(v), plain, session.WithStore(store))
		unlock, err := store.Lock(t.Context(), keyOf(t, h, store))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(10*time.Second, unlock) // as the store does when the holder dies
		begun := time.Now()
		want(t, "status", h.get("/data"), 200)
		want(t, "waited", time.Since(begun), 10*time.Second)
		want(t, "sign-ins", h.count("/login"), 1)
	})
}

// keyOf returns the key under which the engine keeps its session.
func keyOf(t *testing.T, h *harness, store *watchedStore) string {
	t.Helper()
	spy := &spyStore{watchedStore: store}
	probe := start(t, h.vendor, &driver{subject: h.driver.subject, signIn: func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
		return nil, session.Busy(0, errors.New("probe"))
	}}, plain, session.WithStore(spy))
	_ = probe.engine.SignIn(t.Context())
	return spy.key
}

type spyStore struct {
	*watchedStore
	key string
}

func (s *spyStore) Lock(ctx context.Context, key string) (func(), error) {
	s.key = key
	return s.watchedStore.Lock(ctx, key)
}

func TestF31TheKeyDependsOnTheAccountAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := map[string]bool{}
		v := newVendor()
		for _, tt := range []struct{ subject, tenant, url string }{
			{"a", "", baseURL}, {"b", "", baseURL}, {"a", "b", baseURL}, {"ab", "", baseURL}, {"a", "", baseURL + "/x"}, {"a", "", baseURL},
		} {
			spy := &spyStore{watchedStore: &watchedStore{}}
			d := newDriver(v)
			d.subject = tt.subject
			h := start(t, v, d, plain, session.WithStore(spy), session.WithTenant(tt.tenant), session.WithBaseURL(tt.url))
			_ = h.engine.SignIn(t.Context())
			keys[spy.key] = true
			want(t, "length of the key", len(spy.key), 64)
		}
		want(t, "keys", len(keys), 5)
	})
}

func TestF32CloseDuringASignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, full)
		h.loginTime = 10 * time.Second
		var calls sync.WaitGroup
		begun := time.Now()
		for range 8 {
			calls.Go(func() {
				wantIs(t, h.fail("/data"), session.ErrClosed)
				want(t, "it waited", time.Since(begun), time.Second)
			})
		}
		time.Sleep(time.Second)
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		calls.Wait()
		want(t, "requests", len(h.seen()), 1)
	})
}

func TestF33AnswersThatAreNotReadAhead(t *testing.T) {
	for name, resp := range map[string]func(body io.ReadCloser) *reply{
		"events": func(b io.ReadCloser) *reply { return stream(200, "text/event-stream", "", b) },
		"a file": func(b io.ReadCloser) *reply { return stream(200, "application/octet-stream", "", b) },
		"lines":  func(b io.ReadCloser) *reply { return stream(200, "application/x-ndjson", "", b) },
		"stream": func(b io.ReadCloser) *reply { return stream(200, "application/stream+json", "", b) },
		"text":   func(b io.ReadCloser) *reply { return stream(200, "text/plain", "", b) },
		"gzip":   func(b io.ReadCloser) *reply { return stream(200, "application/json", "gzip", b) },
		"101":    func(b io.ReadCloser) *reply { return stream(101, "application/json", "", b) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				r, w := io.Pipe()
				h.before = on("/data", func() (*reply, error) { return resp(r), nil })
				judged := "nothing"
				h.driver.judge = func(_ *http.Response, body string) session.Verdict {
					judged = body
					return session.Alive
				}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, baseURL+"/data", nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := h.engine.Transport().RoundTrip(req) // would hang if it read the body
				if err != nil {
					t.Fatal(err)
				}
				want(t, "what the driver saw", judged, "")
				go func() { _, _ = io.WriteString(w, "{}"); _ = w.Close() }()
				data, err := io.ReadAll(got.Body)
				if err != nil || string(data) != "{}" {
					t.Errorf("got %q, %v", data, err)
				}
				_ = got.Body.Close()
			})
		})
	}
}

func TestF33AnswersWithoutABody(t *testing.T) {
	for _, code := range []int{204, 304} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, plain)
				h.before = on("/data", func() (*reply, error) {
					return stream(code, "application/json", "", http.NoBody), nil
				})
				got, _, err := h.do(t.Context(), method, "/data", nil)
				if err != nil {
					t.Fatal(err)
				}
				want(t, "status", got, code)
			})
		}
	}
}

func stream(code int, contentType, encoding string, body io.ReadCloser) *reply {
	resp := text(code, contentType, "")
	resp.Body, resp.ContentLength = body, -1
	if encoding != "" {
		resp.Header.Set("Content-Encoding", encoding)
	}
	return resp
}

// TestF06NobodyToAskIsNoWait: the error comes as soon as the vendor has asked.
func TestF06NobodyToAskIsNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.factor = "123456"
		begun := time.Now()
		wantIs(t, h.fail("/data"), session.ErrChallenge)
		want(t, "took", time.Since(begun), 0)
	})
}

// TestF13AnOperationThatWasRefusedForAWhile: after five minutes a refusal may
// be about the session again.
func TestF13AnOperationThatWasRefusedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		want(t, "status", h.get("/forbidden"), 401)
		time.Sleep(6 * time.Minute)
		h.revoke()
		want(t, "status", h.get("/forbidden"), 401)
		want(t, "sign-ins", h.count("/login"), 3)
	})
}

// TestF17ARefreshTokenThatMayBeSpentIsNeverUsedAgain: not even if the sign-in
// after it fails, too.
func TestF17ARefreshTokenThatMayBeSpentIsNeverUsedAgain(t *testing.T) {
	for name, end := range map[string]func() (*reply, error){"cut": cut, "504": status(504), "500": status(500), "refused": status(400)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, refreshing)
				h.rotate, h.lifetime = true, time.Hour
				h.get("/data")
				time.Sleep(2 * time.Hour)
				h.set(func() { h.after, h.before = on("/refresh", end), on("/login", status(503)) })
				wantIs(t, h.fail("/data"), session.ErrTransient)
				h.set(func() { h.after, h.before = nil, nil })
				time.Sleep(time.Minute)
				want(t, "status", h.get("/data"), 200)
				want(t, "refresh tokens used twice", h.reused, 0)
				want(t, "refreshes", h.count("/refresh"), 1)
			})
		})
	}
}

// TestF18SessionsThatLiveForAWhileAreNotStolen: only those that die early count.
func TestF18SessionsThatLiveForAWhileAreNotStolen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		for range 20 {
			want(t, "status", h.get("/data"), 200)
			time.Sleep(31 * time.Second)
			h.revoke()
		}
		want(t, "warnings", h.events.count(session.EventStolen), 0)
	})
}

// TestF29ASessionThatMayHaveBeenStoredIsNotRefreshedAlone: the store has kept it
// although it said that it failed, and another process has renewed it.
func TestF29ASessionThatMayHaveBeenStoredIsNotRefreshedAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &lyingStore{}
		v.rotate, v.lifetime = true, time.Hour
		a := start(t, v, newDriver(v), refreshing, session.WithStore(store))
		b := start(t, v, newDriver(v), refreshing, session.WithStore(store))
		store.lie.Store(true)
		want(t, "status", a.get("/data"), 200)
		store.lie.Store(false)
		want(t, "status", b.get("/data"), 200)
		want(t, "sign-ins", v.count("/login"), 1)
		time.Sleep(2 * time.Hour)
		want(t, "status", b.get("/data"), 200)
		time.Sleep(2 * time.Hour)
		want(t, "status", a.get("/data"), 200)
		want(t, "refresh tokens used twice", v.reused, 0)
		want(t, "sign-ins", v.count("/login"), 1)
	})
}

// A lyingStore can say that it failed although it did not.
type lyingStore struct {
	session.MemoryStore
	lie atomic.Bool
}

func (s *lyingStore) CompareAndSwap(ctx context.Context, key string, old session.Version, r *session.Record) (session.Version, error) {
	version, err := s.MemoryStore.CompareAndSwap(ctx, key, old, r)
	if s.lie.Load() {
		return "", errors.New("no answer")
	}
	return version, err
}

// TestF31AHolderThatNeverLetsGo: after the time that a sign-in with a prompt may
// take, callers go on without the store.
func TestF31AHolderThatNeverLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := newVendor(), &watchedStore{}
		h := start(t, v, newDriver(v), plain, session.WithStore(store))
		unlock, err := store.Lock(t.Context(), keyOf(t, h, store))
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		begun := time.Now()
		want(t, "status", h.get("/data"), 200)
		want(t, "waited", time.Since(begun), 6*time.Minute)
	})
}

// TestF32CallersLearnOfCloseAtOnce: even if the driver does not.
func TestF32CallersLearnOfCloseAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, plain)
		h.driver.signIn = func(context.Context, *rest.Client, session.Challenger) (*session.Grant, error) {
			time.Sleep(time.Minute)
			return nil, errors.New("late")
		}
		begun := time.Now()
		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() {
				wantIs(t, h.fail("/data"), session.ErrClosed)
				want(t, "took", time.Since(begun), time.Second)
			})
		}
		time.Sleep(time.Second)
		if err := h.engine.Close(t.Context()); err != nil {
			t.Error(err)
		}
		calls.Wait()
	})
}
