package session

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// bearer is a driver that only signs.
type bearer struct{ Driver }

func (bearer) Apply(h http.Header, g *Grant) { h.Set("Authorization", "Bearer "+g.Token.Reveal()) }

// TestI13InnerValuesDoNotShowSecrets: not even somebody who prints what is
// inside an engine sees a secret.
func TestI13InnerValuesDoNotShowSecrets(t *testing.T) {
	const secret = "tk-0123456789abcdef"
	g := &Grant{Token: rest.NewSecret(secret), Refresh: rest.NewSecret(secret), Extra: map[string]rest.Secret{"a": rest.NewSecret(secret)}}
	l := newLive(g, bearer{}, instant{1, 1}, instant{1, 1}, 0)
	if h := l.headers(); len(h) != 1 || h[0].values[0] != "Bearer "+secret {
		t.Fatalf("headers: %v", h)
	}
	s := &stash{record: &Record{Token: g.Token}, found: l, refresh: g.Refresh}
	w := &wire{grant: g}
	var out strings.Builder
	logger := slog.New(slog.NewTextHandler(&out, nil))
	for _, v := range []any{g, *g, l, s, *s, *s.record, w, result{live: l}, flight{live: l}, memoryRecord{data: g.Token}} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x\n", v, v, v, v, v, v)
		logger.Info("dump", "value", v)
		data, _ := json.Marshal(v)
		out.Write(data)
	}
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), secret[3:]} {
		if i := strings.Index(out.String(), form); i >= 0 {
			t.Errorf("printed: …%s…", out.String()[max(0, i-100):i+len(form)])
		}
	}
}
