package filestore

import (
	"fmt"
	"os"
	"strings"

	"github.com/gofrs/flock"
)

// write puts data in place of what is stored under name. The caller holds the
// write lock of name.
func (s *Store) write(name string, data []byte) error {
	if err := s.at("create", nil); err != nil {
		return err
	}
	file, err := os.CreateTemp(s.dir, name+".*"+tempFile)
	if err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	if err := s.fill(file, data); err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return err
	}
	if err := s.at("rename", nil); err != nil {
		_ = os.Remove(file.Name())
		return err
	}
	if err := rename(file.Name(), s.path(name+recordFile)); err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("filestore: %w", err)
	}
	return s.syncDir()
}

// fill writes data to the disk and closes file.
func (s *Store) fill(file *os.File, data []byte) error {
	steps := []struct {
		name string
		do   func() error
	}{
		{"chmod", func() error { return file.Chmod(fileMode) }}, // the umask may have taken rights from the user
		{"write", func() error { _, err := file.Write(data); return err }},
		{"sync", file.Sync},
		{"close", file.Close},
	}
	for _, step := range steps {
		if err := s.at(step.name, file); err != nil {
			return err
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("filestore: %w", err)
		}
	}
	return nil
}

// remove removes what is stored under name. The caller holds the write lock of
// name.
func (s *Store) remove(name string) error {
	if err := s.at("remove", nil); err != nil {
		return err
	}
	if err := os.Remove(s.path(name + recordFile)); err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return s.syncDir()
}

// syncDir makes the names in the directory durable.
func (s *Store) syncDir() error {
	if err := s.at("sync directory", nil); err != nil {
		return err
	}
	if err := syncDir(s.dir); err != nil {
		return fmt.Errorf("filestore: %w", err)
	}
	return nil
}

// at is called before each step of a write.
func (s *Store) at(step string, file *os.File) error {
	if s.step == nil {
		return nil
	}
	if err := s.step(step, file); err != nil {
		return fmt.Errorf("filestore: %s: %w", step, err)
	}
	return nil
}

// sweep removes files that a crash has left behind half written: those of which
// nobody holds the write lock. What cannot be removed stays.
func (s *Store) sweep() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		name, rest, _ := strings.Cut(entry.Name(), ".")
		if len(name) != len(fileName("")) || !strings.HasSuffix(rest, tempFile) {
			continue
		}
		lock := s.flock(name + writeFile)
		if ok, _ := s.try(lock); ok {
			_ = os.Remove(s.path(entry.Name()))
			_ = lock.Unlock()
		}
	}
}

func (s *Store) flock(file string) *flock.Flock {
	return flock.New(s.path(file), flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(fileMode))
}
