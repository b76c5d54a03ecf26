package keyringstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// found is what has been read from the key ring; it is empty if there is
// nothing.
type found struct {
	version session.Version
	record  []byte // nil if it is damaged
}

// encode returns what to store for record, and its version: the version, a
// space and the record. There is little room in some key rings. Both are empty
// if record is nil. The version is random, so that none ever comes back.
func encode(record *session.Record) (session.Version, string, error) {
	if record == nil {
		return "", "", nil
	}
	data, err := record.Encode()
	if err != nil {
		return "", "", err
	}
	version := rand.Text()
	return session.Version(version), version + " " + string(data), nil
}

// decode reads what encode wrote. What is damaged has a version made of what is
// there, so that it can be replaced.
func decode(text string) found {
	version, data, ok := strings.Cut(text, " ")
	if ok && len(version) == len(rand.Text()) && strings.HasPrefix(data, "{") {
		return found{version: session.Version(version), record: []byte(data)}
	}
	sum := sha256.Sum256([]byte(text))
	return found{version: session.Version("damaged-" + hex.EncodeToString(sum[:16]))}
}
