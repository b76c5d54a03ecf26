//go:build !unix && !windows

package filestore

import (
	"io/fs"
	"os"
)

const noFollow = 0

func isOurs(fs.FileInfo) bool                { return true }
func isLoose(_, _ fs.FileMode) bool          { return false }
func openFile(path string) (*os.File, error) { return os.Open(path) }
func rename(from, to string) error           { return os.Rename(from, to) }
func syncDir(string) error                   { return nil }
