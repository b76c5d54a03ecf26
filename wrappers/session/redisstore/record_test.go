package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
	"github.com/latchkey-go/latchkey/wrappers/session/storetest"
)

func TestStore(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		storetest.Test(t, func(t *testing.T) (one, other session.Store) {
			t.Helper()
			keys, prefix := []rest.Secret{newKey()}, redisstore.WithPrefix(b.prefix+rand.Text()+":")
			return b.store(t, keys, prefix), b.store(t, keys, prefix)
		})
	})
}

func TestStoreInPlainText(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		storetest.Test(t, func(t *testing.T) (one, other session.Store) {
			t.Helper()
			plain, prefix := redisstore.WithSecretsInPlainText(), redisstore.WithPrefix(b.prefix+rand.Text()+":")
			return b.store(t, nil, plain, prefix), b.store(t, nil, plain, prefix)
		})
	})
}

func TestVersionsDoNotComeBack(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		first := put(t, s, "k", "a")
		second, err := s.CompareAndSwap(t.Context(), "k", first, record("a"))
		if err != nil || second == first {
			t.Fatalf("the same record again: version %q after %q, error %v", second, first, err)
		}
		if _, err := s.CompareAndSwap(t.Context(), "k", second, nil); err != nil {
			t.Fatal(err)
		}
		third := put(t, s, "k", "a")
		if third == first || third == second {
			t.Errorf("version %q has come back after %q and %q", third, first, second)
		}
		for _, stale := range []session.Version{first, second, "", "unknown"} {
			_, err := s.CompareAndSwap(t.Context(), "k", stale, record("b"))
			wantIs(t, err, session.ErrConflict)
			_, err = s.CompareAndSwap(t.Context(), "k", stale, nil)
			wantIs(t, err, session.ErrConflict)
		}
		wantToken(t, s, "a")
	})
}

func TestOneOfManyWritersWins(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		version := put(t, s, "k", "a")
		const writers = 16
		won := make(chan session.Version, writers)
		failed := make(chan error, writers)
		for range writers {
			go func() {
				next, err := s.CompareAndSwap(context.Background(), "k", version, record(rand.Text()))
				if err != nil {
					failed <- err
					return
				}
				won <- next
			}()
		}
		for range writers - 1 {
			wantIs(t, <-failed, session.ErrConflict)
		}
		if _, got, err := s.Load(t.Context(), "k"); err != nil || got != <-won {
			t.Errorf("the winner's version is not the one stored: %q, %v", got, err)
		}
	})
}

func TestOtherKeysOpenNothing(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		mine, theirs := b.store(t, []rest.Secret{newKey()}), b.store(t, []rest.Secret{newKey()})
		version := put(t, mine, "k", "a")
		got, seen, err := theirs.Load(t.Context(), "k")
		wantIs(t, err, session.ErrCorrupt)
		if got != nil || seen != version {
			t.Errorf("got record %v and version %q, want none and %q", got, seen, version)
		}
		if _, err := theirs.CompareAndSwap(t.Context(), "k", seen, record("b")); err != nil {
			t.Errorf("what cannot be read cannot be replaced: %v", err)
		}
		wantToken(t, theirs, "b")
	})
}

func TestKeysRotate(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		oldKey, newKey := newKey(), newKey()
		before, during, after := b.store(t, []rest.Secret{oldKey}), b.store(t, []rest.Secret{newKey, oldKey}), b.store(t, []rest.Secret{newKey})
		put(t, before, "k", "a")
		version := wantToken(t, during, "a")
		_, _, err := after.Load(t.Context(), "k")
		wantIs(t, err, session.ErrCorrupt)
		if _, err := during.CompareAndSwap(t.Context(), "k", version, record("b")); err != nil {
			t.Fatal(err)
		}
		wantToken(t, after, "b")
		_, _, err = before.Load(t.Context(), "k")
		wantIs(t, err, session.ErrCorrupt)
	})
}

func TestChangedDataIsCorrupt(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		version := put(t, s, "k", "a")
		name := b.prefix + "{k}:session"
		good, err := b.client.HGet(t.Context(), name, "d").Result()
		if err != nil {
			t.Fatal(err)
		}
		step := 1
		if b.mini == nil {
			step = 7
		}
		for i := 0; i < len(good); i += step {
			changed := []byte(good)
			changed[i] ^= 1
			wantCorrupt(t, b, s, string(changed), version)
		}
		for _, cut := range []int{0, 1, 2, 13, 14, 29, len(good) - 1} {
			wantCorrupt(t, b, s, good[:cut], version)
		}
		wantCorrupt(t, b, s, good+"x", version)
		wantCorrupt(t, b, s, `p{"v":1,"t":"forged"}`, version)
		b.client.HDel(t.Context(), name, "d")
		_, _, err = s.Load(t.Context(), "k")
		wantIs(t, err, session.ErrCorrupt)
		b.client.HDel(t.Context(), name, "v")
		b.client.HSet(t.Context(), name, "d", good+"x")
		_, _, err = s.Load(t.Context(), "k")
		wantIs(t, err, session.ErrCorrupt)
		put(t, s, "k", "b")
		wantToken(t, s, "b")
	})
}

// wantCorrupt puts data in place of what was stored.
func wantCorrupt(t *testing.T, b *backend, s session.Store, data string, version session.Version) {
	t.Helper()
	b.client.HSet(t.Context(), b.prefix+"{k}:session", "d", data)
	got, seen, err := s.Load(t.Context(), "k")
	wantIs(t, err, session.ErrCorrupt)
	if got != nil || seen != version {
		t.Errorf("data %q: got record %v and version %q, want none and %q", data, got, seen, version)
	}
}

func TestASessionOpensUnderItsOwnKeyOnly(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		put(t, s, "mine", "a")
		if err := b.client.Rename(t.Context(), b.prefix+"{mine}:session", b.prefix+"{yours}:session").Err(); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Load(t.Context(), "yours")
		wantIs(t, err, session.ErrCorrupt)
	})
}

func TestWhatSomebodyElseKeepsThereIsLeftAlone(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		s := b.store(t, []rest.Secret{newKey()})
		name := b.prefix + "{k}:session"
		b.client.Set(t.Context(), name, "not ours", 0)
		_, _, err := s.Load(t.Context(), "k")
		if err == nil || errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrCorrupt) {
			t.Errorf("Load: got error %v, want one of Redis", err)
		}
		if _, err := s.CompareAndSwap(t.Context(), "k", "", record("a")); err == nil {
			t.Error("CompareAndSwap has no error")
		}
		if got := b.client.Get(t.Context(), name).Val(); got != "not ours" {
			t.Errorf("it was replaced by %q", got)
		}
	})
}

func TestPlainText(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		plain, sealed := b.store(t, nil, redisstore.WithSecretsInPlainText()), b.store(t, []rest.Secret{newKey()})
		version := put(t, plain, "k", "visible")
		if wantToken(t, plain, "visible") != version {
			t.Error("Load returns another version")
		}
		if data := b.client.HGet(t.Context(), b.prefix+"{k}:session", "d").Val(); !strings.Contains(data, `"visible"`) {
			t.Errorf("stored %q", data)
		}
		_, _, err := sealed.Load(t.Context(), "k")
		wantIs(t, err, session.ErrCorrupt)
		put(t, sealed, "other", "hidden")
		_, _, err = plain.Load(t.Context(), "other")
		wantIs(t, err, session.ErrCorrupt)
	})
}

func TestNewWantsKeys(t *testing.T) {
	b := miniBackend(t)
	tests := []struct {
		name string
		keys []rest.Secret
		opts []redisstore.Option
		want string
	}{
		{"no keys", nil, nil, "redisstore: no key to seal sessions with"},
		{"empty key", []rest.Secret{{}}, nil, "redisstore: a key is not 32 bytes long"},
		{"short key", []rest.Secret{newKey(), rest.NewSecret("short")}, nil, "redisstore: a key is not 32 bytes long"},
		{"keys and none", []rest.Secret{newKey()}, []redisstore.Option{redisstore.WithSecretsInPlainText()}, "redisstore: keys and WithSecretsInPlainText exclude each other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := redisstore.New(b.client, tt.keys, tt.opts...); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	if _, err := redisstore.New(nil, []rest.Secret{newKey()}); err == nil {
		t.Error("no error without a client")
	}
}

func TestRecordsExpire(t *testing.T) {
	onAll(t, func(t *testing.T, b *backend) {
		left := func() time.Duration { return b.client.PTTL(t.Context(), b.prefix+"{k}:session").Val() }
		keys := []rest.Secret{newKey()}
		version := put(t, b.store(t, keys), "k", "a")
		if got := left(); got <= 29*24*time.Hour || got > 30*24*time.Hour {
			t.Errorf("by default: %v, want 30 days", got)
		}
		version, err := b.store(t, keys, redisstore.WithTTL(time.Hour)).CompareAndSwap(t.Context(), "k", version, record("b"))
		if got := left(); err != nil || got <= 50*time.Minute || got > time.Hour {
			t.Errorf("with an hour: %v, error %v", got, err)
		}
		if _, err = b.store(t, keys, redisstore.WithTTL(0)).CompareAndSwap(t.Context(), "k", version, record("c")); err != nil || left() >= 0 {
			t.Errorf("for ever: %v, error %v", left(), err)
		}
	})
}

func TestAnExpiredRecordIsNone(t *testing.T) {
	b := miniBackend(t)
	s := b.store(t, []rest.Secret{newKey()}, redisstore.WithTTL(time.Hour))
	version := put(t, s, "k", "a")
	b.mini.FastForward(time.Hour)
	_, seen, err := s.Load(t.Context(), "k")
	wantIs(t, err, session.ErrNotFound)
	if seen != "" {
		t.Errorf("got version %q of no record", seen)
	}
	_, err = s.CompareAndSwap(t.Context(), "k", version, record("b"))
	wantIs(t, err, session.ErrConflict)
}

func TestScriptsReturnAfterRedisForgotThem(t *testing.T) {
	b := miniBackend(t)
	s := b.store(t, []rest.Secret{newKey()})
	version := put(t, s, "k", "a")
	b.client.ScriptFlush(t.Context())
	if got := wantToken(t, s, "a"); got != version {
		t.Errorf("got version %q, want %q", got, version)
	}
}
