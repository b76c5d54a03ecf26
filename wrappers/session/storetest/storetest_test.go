package storetest_test

import (
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/storetest"
)

func TestMemoryStore(t *testing.T) {
	storetest.Test(t, func(*testing.T) (one, other session.Store) {
		s := &session.MemoryStore{}
		return s, s
	})
}
