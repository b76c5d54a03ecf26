package redisstore_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/redisstore"
)

// wantNoSecret looks for secrets, in all forms, in what was printed or stored.
func wantNoSecret(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		raw := []byte(secret)
		for _, form := range []string{
			secret, url.QueryEscape(secret), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
			base64.RawStdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
			strings.Trim(fmt.Sprintf("%d", raw), "[]"),
		} {
			if strings.Contains(text, form) {
				t.Errorf("%s shows a secret", where)
				return
			}
		}
	}
}

// printed returns values as programs print them.
func printed(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n%s\n%q\n%x\n", v, v, v, v, v, v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("value", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("value", "v", v)
		if err, ok := v.(error); ok {
			for ; err != nil; err = errors.Unwrap(err) {
				fmt.Fprintf(&b, "%v\n%+v\n%#v\n", err, err, err)
			}
		}
	}
	return b.String()
}

// TestRedisFilesShowNoSecret reads the dump that Redis writes to its disk.
func TestRedisFilesShowNoSecret(t *testing.T) {
	s := ownServer(t, "--rdbcompression", "no")
	b := newBackend(t, s.addr)
	vendor := &acme{}
	newProcess(t, vendor, b.store(t, []rest.Secret{newKey()})).wantCall(t)
	if dump := saved(t, b, s.dir); !strings.Contains(dump, b.prefix) {
		t.Error("the dump has no session in it")
	} else {
		wantNoSecret(t, "the dump", dump, vendor.secrets...)
	}
	newProcess(t, vendor, b.store(t, nil, redisstore.WithSecretsInPlainText())).wantCall(t)
	if !strings.Contains(saved(t, b, s.dir), vendor.secrets[len(vendor.secrets)-1]) {
		t.Error("the dump does not even show a secret in plain text: this test tests nothing")
	}
}

// saved makes Redis write its file and returns it.
func saved(t *testing.T, b *backend, dir string) string {
	t.Helper()
	if err := b.client.Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	dump, err := os.ReadFile(filepath.Join(dir, "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	return string(dump)
}

func TestMemoryOfRedisShowsNoSecret(t *testing.T) {
	b := miniBackend(t)
	vendor := &acme{}
	newProcess(t, vendor, b.store(t, []rest.Secret{newKey()})).wantCall(t)
	wantNoSecret(t, "Redis", b.mini.Dump(), vendor.secrets...)
	for _, name := range b.mini.Keys() {
		wantNoSecret(t, "Redis", b.mini.HGet(name, "d"), vendor.secrets...)
	}
}

func TestAStorePrintsWithoutItsKeys(t *testing.T) {
	b := miniBackend(t)
	key := newKey()
	s := b.store(t, []rest.Secret{key})
	wantNoSecret(t, "the store", printed(s, *s), key.Reveal())
	_, err := redisstore.New(b.client, []rest.Secret{rest.NewSecret("too short to be a key")})
	wantNoSecret(t, "the error", printed(err), "too short to be a key")
}

// TestErrorsShowNoSecret: Redis, or what stands in for it, repeats in its
// errors what it was sent.
func TestErrorsShowNoSecret(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"unknown command", "-ERR unknown command 'EVALSHA', with args beginning with: 'secret-token' \r\n", "redis: load: refused: ERR unknown command"},
		{"no permission", "-NOPERM this user has no permissions to run the 'evalsha' command secret-token\r\n", "redis: load: refused: NOPERM this user has no permissions to run the"},
		{"not the protocol", "HTTP/1.1 200 secret-token\r\n", "redis: load: an answer that makes no sense"},
		{"another type", "+secret-token\r\n", "redis: load: an answer that makes no sense"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := redis.NewClient(&redis.Options{Addr: saying(t, tt.answer), MaxRetries: -1, Protocol: 2, DisableIdentity: true})
			defer func() { _ = client.Close() }()
			s, err := redisstore.New(client, nil, redisstore.WithSecretsInPlainText())
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = s.Load(t.Context(), "k")
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			wantNoSecret(t, "the error", printed(err), "secret-token")
			for _, known := range []error{session.ErrNotFound, session.ErrCorrupt, session.ErrConflict} {
				if errors.Is(err, known) {
					t.Errorf("%v is %v", err, known)
				}
			}
			if _, err := s.CompareAndSwap(t.Context(), "k", "", record("secret-token")); err == nil {
				t.Error("CompareAndSwap has no error")
			} else {
				wantNoSecret(t, "the error", printed(err), "secret-token")
			}
			if _, err := s.Lock(t.Context(), "k"); err == nil {
				t.Error("Lock has no error")
			} else {
				wantNoSecret(t, "the error", printed(err), "secret-token")
			}
		})
	}
}
