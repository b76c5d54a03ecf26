package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// An account is what the command remembers of a login: who, where, and where
// the credentials are, but none of them.
type account struct {
	Vendor       string    `json:"vendor"`
	BaseURL      string    `json:"base_url"`
	Login        string    `json:"login,omitempty"`
	PasswordFile string    `json:"password_file,omitempty"`
	KeyFile      string    `json:"key_file,omitempty"`
	TOTPFile     string    `json:"totp_file,omitempty"`
	Helper       string    `json:"helper,omitempty"`
	Store        string    `json:"store"` // keyring or file
	Since        time.Time `json:"since"`
}

// accounts are the files in a directory, one per vendor and base URL; "" has
// none.
type accounts string

// file returns the name of the file of an account.
func (dir accounts) file(vendor, baseURL string) string {
	sum := sha256.Sum256([]byte(baseURL))
	return filepath.Join(string(dir), vendor+"-"+hex.EncodeToString(sum[:6])+".json")
}

// list returns the accounts of a vendor, the last login first. Files that cannot
// be read are left out.
func (dir accounts) list(vendor string) []account {
	if dir == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(string(dir), vendor+"-*.json"))
	if err != nil {
		return nil
	}
	var list []account
	for _, file := range files {
		var a account
		data, err := os.ReadFile(file) //nolint:gosec // a file of our own
		if err == nil && json.Unmarshal(data, &a) == nil && a.Vendor == vendor {
			list = append(list, a)
		}
	}
	slices.SortStableFunc(list, func(a, b account) int { return cmp.Compare(b.Since.UnixNano(), a.Since.UnixNano()) })
	return list
}

// find returns the account of a vendor at a base URL.
func (dir accounts) find(vendor, baseURL string) (account, bool) {
	list := dir.list(vendor)
	i := slices.IndexFunc(list, func(a account) bool { return a.BaseURL == baseURL })
	if i < 0 {
		return account{}, false
	}
	return list[i], true
}

// save writes an account.
func (dir accounts) save(a account) error {
	if err := os.MkdirAll(string(dir), 0o700); err != nil {
		return err
	}
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(dir.file(a.Vendor, a.BaseURL), append(data, '\n'))
}

// remove forgets an account.
func (dir accounts) remove(a account) error {
	err := os.Remove(dir.file(a.Vendor, a.BaseURL))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// writeFile replaces a file at once: whoever reads it sees the old or the new
// one, and an interruption leaves nothing half written.
func writeFile(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
