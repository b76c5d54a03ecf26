package filestore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// limit is how much of a file is read, in bytes; no record is that large.
const limit = 1 << 20

// content is what a file holds. The version is random, so that none ever comes
// back.
type content struct {
	Version string          `json:"version"`
	Record  json.RawMessage `json:"record"`
}

// found is what has been read from a file; it is empty if there is none.
type found struct {
	version session.Version
	record  []byte // nil if the file is damaged
}

// encode returns the content of a file for record, and its version. Both are
// empty if record is nil.
func encode(record *session.Record) (session.Version, []byte, error) {
	if record == nil {
		return "", nil, nil
	}
	data, err := record.Encode()
	if err != nil {
		return "", nil, err
	}
	c := content{Version: rand.Text(), Record: data}
	data, err = json.Marshal(c)
	if err != nil {
		return "", nil, errors.New("filestore: the record cannot be written as JSON")
	}
	if len(data) >= limit {
		return "", nil, fmt.Errorf("filestore: a record of %d bytes is too large", len(data))
	}
	return session.Version(c.Version), append(data, '\n'), nil
}

// read returns what is stored under name.
func (s *Store) read(name string) (found, error) {
	if err := s.checkDir(); err != nil {
		return none(err)
	}
	path := s.path(name + recordFile)
	info, err := os.Lstat(path)
	if err != nil {
		return none(fmt.Errorf("filestore: %w", err))
	}
	if err := private(path, info, fileMode); err != nil {
		return found{}, err
	}
	file, err := openFile(path)
	if err != nil {
		return none(fmt.Errorf("filestore: %w", err))
	}
	defer func() { _ = file.Close() }()
	if info, err = file.Stat(); err != nil {
		return found{}, fmt.Errorf("filestore: %w", err)
	}
	if err := private(path, info, fileMode); err != nil { // it may be another by now
		return found{}, err
	}
	data, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return found{}, fmt.Errorf("filestore: %w", err)
	}
	return decode(data, info), nil
}

// none returns nothing if err says that there is no file, else err.
func none(err error) (found, error) {
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return found{}, err
}

// decode reads the content of a file. A damaged file has a version made of what
// is in it and when that was written, so that it can be replaced.
func decode(data []byte, info fs.FileInfo) found {
	var c content
	if json.Unmarshal(data, &c) == nil && c.Version != "" && len(c.Record) > 0 {
		return found{version: session.Version(c.Version), record: c.Record}
	}
	sum := sha256.Sum256(data)
	text := "damaged-" + hex.EncodeToString(sum[:8]) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36)
	return found{version: session.Version(text)}
}
