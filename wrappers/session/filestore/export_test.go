package filestore

import (
	"os"
	"path/filepath"
)

// SetStep calls step before each step of a write. An error ends the write
// there; file is the one that is being written, or nil.
func (s *Store) SetStep(step func(name string, file *os.File) error) { s.step = step }

// Files returns the paths of the record, of the lock and of the write lock.
func (s *Store) Files(key string) (record, lock, write string) {
	name := filepath.Join(s.dir, fileName(key))
	return name + recordFile, name + lockFile, name + writeFile
}

// Turns returns for how many locks a goroutine has or awaits its turn.
func (s *Store) Turns() int {
	s.turns.mu.Lock()
	defer s.turns.mu.Unlock()
	return len(s.turns.files)
}
