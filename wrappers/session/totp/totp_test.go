package totp_test

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/totp"
)

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

func newChallenger(t *testing.T, opts ...totp.Option) *totp.Challenger {
	t.Helper()
	c, err := totp.New(rest.NewSecret(secret), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(t *testing.T, c *totp.Challenger) string {
	t.Helper()
	code, err := c.Answer(t.Context(), session.Challenge{Kind: session.ChallengeTOTP})
	if err != nil {
		t.Fatal(err)
	}
	return code.Reveal()
}

func at(t *testing.T, c *totp.Challenger, moment time.Time) string {
	t.Helper()
	code, err := c.At(moment)
	if err != nil {
		t.Fatal(err)
	}
	return code.Reveal()
}

// The vectors of RFC 6238, appendix B.
func TestVectors(t *testing.T) {
	tests := []struct {
		moment               int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	}
	for _, tt := range tests {
		for algorithm, want := range map[totp.Algorithm]string{totp.SHA1: tt.sha1, totp.SHA256: tt.sha256, totp.SHA512: tt.sha512} {
			size := map[totp.Algorithm]int{totp.SHA1: 20, totp.SHA256: 32, totp.SHA512: 64}[algorithm]
			seed := strings.Repeat("1234567890", 7)[:size]
			text := rest.NewSecret(base32.StdEncoding.EncodeToString([]byte(seed)))
			c, err := totp.New(text, totp.WithDigits(8), totp.WithAlgorithm(algorithm))
			if err != nil {
				t.Fatal(err)
			}
			if got := at(t, c, time.Unix(tt.moment, 0)); got != want {
				t.Errorf("%s at %d: code %s, want %s", algorithm, tt.moment, got, want)
			}
		}
	}
}

func TestSecretsAreReadAsTheyAreShown(t *testing.T) {
	moment := time.Unix(1234567890, 0)
	want := at(t, newChallenger(t), moment)
	for _, text := range []string{
		"jbswy3dpehpk3pxpjbswy3dpehpk3pxp", "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", " jbsw-y3dp-ehpk-3pxp\u00a0JBSWY3DPEHPK3PXP\r\n", secret + "====",
	} {
		c, err := totp.New(rest.NewSecret(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := at(t, c, moment); got != want {
			t.Errorf("%q: code %s, want %s", text, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]struct {
		secret string
		option totp.Option
	}{
		"no secret":            {" - ", nil},
		"not base32":           {"JBSWY3DPEHPK3PX1", nil},
		"half a character":     {"J", nil},
		"5 digits":             {secret, totp.WithDigits(5)},
		"9 digits":             {secret, totp.WithDigits(9)},
		"no period":            {secret, totp.WithPeriod(0)},
		"negative period":      {secret, totp.WithPeriod(-30 * time.Second)},
		"half a second":        {secret, totp.WithPeriod(1500 * time.Millisecond)},
		"algorithm MD5":        {secret, totp.WithAlgorithm("MD5")},
		"algorithm lower case": {secret, totp.WithAlgorithm("sha1")},
	}
	for name, tt := range tests {
		_, err := totp.New(rest.NewSecret(tt.secret), tt.option)
		if err == nil || strings.Contains(err.Error(), "JBSWY") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestURL(t *testing.T) {
	moment := time.Unix(1234567890, 0)
	tests := map[string][]totp.Option{
		"otpauth://totp/Acme:me@acme.example?secret=" + secret + "&issuer=Acme":                       nil,
		" otpauth://totp/?secret=" + strings.ToLower(secret) + "\n":                                   nil,
		"otpauth://TOTP/me?digits=8&period=60&algorithm=sha256&secret=" + secret:                      {totp.WithDigits(8), totp.WithPeriod(time.Minute), totp.WithAlgorithm(totp.SHA256)},
		"otpauth://totp/me?algorithm=SHA512&image=https%3A%2F%2Facme.example%2Flogo&secret=" + secret: {totp.WithAlgorithm(totp.SHA512)},
	}
	for text, opts := range tests {
		c, err := totp.FromURL(rest.NewSecret(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, want := at(t, c, moment), at(t, newChallenger(t, opts...), moment); got != want {
			t.Errorf("%s: code %s, want %s", text, got, want)
		}
	}
}

func TestURLRefuses(t *testing.T) {
	for _, text := range []string{
		"", secret, "https://totp/me?secret=" + secret, "otpauth://hotp/me?counter=1&secret=" + secret, "otpauth://" + secret,
		"otpauth://totp/me", "otpauth://totp/me?secret=", "otpauth://totp/me?secret=JBSWY1", "otpauth://totp/%zz?secret=" + secret,
		"otpauth://totp/me?%zz&secret=" + secret, "otpauth://totp/me?algorithm=MD5&secret=" + secret, "otpauth://totp/me?encoder=steam&secret=" + secret,
		"otpauth://totp/me?digits=six&secret=" + secret, "otpauth://totp/me?digits=-6&secret=" + secret, "otpauth://totp/me?digits=10&secret=" + secret,
		"otpauth://totp/me?period=0&secret=" + secret, "otpauth://totp/me?period=99999999999&secret=" + secret,
	} {
		_, err := totp.FromURL(rest.NewSecret(text))
		if err == nil || strings.Contains(err.Error(), "JBSWY") {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

// Scenario 66: no code is given out twice.
func TestNoStepIsUsedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChallenger(t)
		time.Sleep(7 * time.Second) // into a step
		begun := time.Now()
		first := answer(t, c)
		if time.Since(begun) != 0 || first != at(t, c, begun) {
			t.Errorf("the first code is %s, after %v", first, time.Since(begun))
		}
		second := answer(t, c)
		if waited := time.Since(begun); waited != 23*time.Second {
			t.Errorf("waited for %v, want the 23 s to the next step", waited)
		}
		if second == first || second != at(t, c, time.Now()) {
			t.Errorf("codes %s and %s", first, second)
		}
	})
}

func TestGoroutinesGetDifferentSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChallenger(t, totp.WithPeriod(10*time.Second))
		begun := time.Now()
		var mu sync.Mutex
		steps := map[int64]int{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				code := answer(t, c)
				mu.Lock()
				defer mu.Unlock()
				if code != at(t, c, time.Now()) {
					t.Errorf("code of another step")
				}
				steps[time.Now().Unix()/10]++
			})
		}
		wg.Wait()
		if len(steps) != 10 || time.Since(begun) != 90*time.Second {
			t.Errorf("%d steps in %v, want 10 in 1m30s", len(steps), time.Since(begun))
		}
	})
}

func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChallenger(t)
		answer(t, c)
		why := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer cancel()
		begun := time.Now()
		_, err := c.Answer(ctx, session.Challenge{Kind: session.ChallengeTOTP})
		if !errors.Is(err, why) || time.Since(begun) != time.Second {
			t.Errorf("got error %v after %v", err, time.Since(begun))
		}
		answer(t, c) // the step that was waited for is still free
		if waited := time.Since(begun); waited != 30*time.Second {
			t.Errorf("waited for %v", waited)
		}
	})
}

// A clock that is set back does not bring steps back, unless it was so wrong
// that the codes cannot have been good.
func TestClockIsSetBack(t *testing.T) {
	now := time.Unix(1_800_000_000, 0) // the beginning of a step
	tests := []struct {
		name string
		back time.Duration
		want time.Duration // wait
	}{
		{"not at all", 0, 30 * time.Second},
		{"within the step", -29 * time.Second, time.Second},
		{"by a second", time.Second, 31 * time.Second},
		{"by nine steps", 270 * time.Second, 300 * time.Second},
		{"by ten steps", 300 * time.Second, 0},
		{"by hours", 2 * time.Hour, 0},
	}
	for _, tt := range tests {
		c := newChallenger(t)
		if wait := c.Take(now); wait != 0 {
			t.Errorf("%s: the first code takes %v", tt.name, wait)
		}
		if wait := c.Take(now.Add(-tt.back)); wait != tt.want {
			t.Errorf("%s: the second code takes %v, want %v", tt.name, wait, tt.want)
		}
		if wait := c.Take(now.Add(5 * time.Second)); wait != 25*time.Second {
			t.Errorf("%s: the step comes back", tt.name)
		}
	}
}

func TestCodesOfOtherKindsAreNotMadeUp(t *testing.T) {
	for _, kind := range []session.ChallengeKind{session.ChallengeSMS, session.ChallengeEmail, "other"} {
		code, err := newChallenger(t).Answer(t.Context(), session.Challenge{Kind: kind})
		if err == nil || !code.IsZero() || !strings.Contains(err.Error(), string(kind)) {
			t.Errorf("%s: got a code or error %v", kind, err)
		}
	}
	if _, err := newChallenger(t).Answer(t.Context(), session.Challenge{Kind: session.ChallengeCode}); err != nil {
		t.Error(err)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	c := newChallenger(t)
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, verb+"\n", c)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("dump", "value", c)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("dump", "value", c)
	for _, form := range []string{secret, strings.ToLower(secret), url.QueryEscape(secret), fmt.Sprintf("%x", secret)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("secret printed: %s", out.String())
		}
	}
}
