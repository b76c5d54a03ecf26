package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
)

const (
	processes = 8
	rounds    = 50
)

// perform is what a process does that a test has started. It returns the exit
// status.
func perform(task, dir string) int {
	store, err := filestore.New(dir)
	if err != nil {
		return complain(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name, argument, _ := strings.Cut(task, " ")
	switch name {
	case "hold":
		return complain(hold(ctx, store))
	case "die":
		return complain(dieAt(ctx, store, argument))
	case "count":
		return complain(count(ctx, store, dir, argument == "and delete"))
	case "add":
		return complain(add(ctx, store))
	default:
		return complain(fmt.Errorf("no task %q", task))
	}
}

func complain(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// hold takes the lock and keeps it until the process is killed.
func hold(ctx context.Context, store *filestore.Store) error {
	if _, err := store.Lock(ctx, key); err != nil {
		return err
	}
	fmt.Println("locked")
	<-ctx.Done()
	return nil
}

// dieAt writes a record and kills its own process before the given step; what
// is to be written is half written then.
func dieAt(ctx context.Context, store *filestore.Store, step string) error {
	store.SetStep(func(name string, file *os.File) error {
		if name != step {
			return nil
		}
		if name == "write" {
			_, _ = file.WriteString(`{"version":"HALF","record":{"v":1,"t":"ha`)
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		if err := self.Kill(); err != nil {
			return err
		}
		select {}
	})
	_, old, err := store.Load(ctx, key)
	if err != nil {
		return err
	}
	next := record("new")
	if step == "remove" {
		next = nil
	}
	if _, err = store.CompareAndSwap(ctx, key, old, next); err != nil {
		return err
	}
	return errors.New("still alive")
}

// count counts in a plain file, under the lock. Without the lock it would lose
// some of the steps. It may delete the file of the lock while it has it.
func count(ctx context.Context, store *filestore.Store, dir string, remove bool) error {
	path := dir + ".count"
	for range rounds {
		unlock, err := store.Lock(ctx, key)
		if err != nil {
			return err
		}
		data, _ := os.ReadFile(path)
		n, _ := strconv.Atoi(string(data))
		err = os.WriteFile(path, []byte(strconv.Itoa(n+1)), 0o600)
		if _, lock, _ := store.Files(key); remove {
			_ = os.Remove(lock)
		}
		unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// add counts in the record, by compare and swap without the lock.
func add(ctx context.Context, store *filestore.Store) error {
	for range rounds {
		for {
			found, version, err := store.Load(ctx, key)
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(found.Token.Reveal())
			if err != nil {
				return err
			}
			_, err = store.CompareAndSwap(ctx, key, version, record(strconv.Itoa(n+1)))
			if err == nil {
				break
			}
			if !errors.Is(err, session.ErrConflict) {
				return err
			}
		}
	}
	return nil
}
