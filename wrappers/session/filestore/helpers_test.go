package filestore_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/latchkey-go/latchkey/wrappers/rest"
	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/filestore"
)

// Processes that tests start are this program, with a task in its environment.
const (
	taskVariable = "FILESTORE_TEST_TASK"
	dirVariable  = "FILESTORE_TEST_DIR"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(taskVariable); task != "" {
		os.Exit(perform(task, os.Getenv(dirVariable)))
	}
	goleak.VerifyTestMain(m)
}

const key = "0123456789abcdef"

// newStore returns a Store in a directory that does not exist yet.
func newStore(t *testing.T) (store *filestore.Store, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "sessions")
	return openStore(t, dir), dir
}

func openStore(t *testing.T, dir string) *filestore.Store {
	t.Helper()
	store, err := filestore.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func record(token string) *session.Record {
	return &session.Record{Vendor: "acme", Subject: "me", Token: rest.NewSecret(token), Obtained: time.UnixMilli(1_800_000_000_000), Lifetime: time.Hour}
}

// put stores a session whatever is there.
func put(t *testing.T, store session.Store, token string) session.Version {
	t.Helper()
	_, old, err := store.Load(t.Context(), key)
	if err != nil && !errors.Is(err, session.ErrNotFound) && !errors.Is(err, session.ErrCorrupt) {
		t.Fatal(err)
	}
	version, err := store.CompareAndSwap(t.Context(), key, old, record(token))
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// token returns the stored token, or nothing if there is no session.
func token(t *testing.T, store session.Store) string {
	t.Helper()
	found, _, err := store.Load(t.Context(), key)
	if errors.Is(err, session.ErrNotFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return found.Token.Reveal()
}

func wantIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got error %v, want one that is %v", err, target)
	}
}

// A process is one that a test has started.
type process struct {
	*exec.Cmd
	lines *bufio.Scanner
}

// start runs this program with a task. The process ends with the test.
func start(t *testing.T, task, dir string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), taskVariable+"="+task, dirVariable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	return &process{Cmd: cmd, lines: bufio.NewScanner(out)}
}

// await waits for a line of the process.
func (p *process) await(t *testing.T, want string) {
	t.Helper()
	if !p.lines.Scan() || p.lines.Text() != want {
		t.Fatalf("the process printed %q, want %q", p.lines.Text(), want)
	}
}

// files returns the names of the files in dir with one of the endings.
func files(t *testing.T, dir string, endings ...string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		for _, ending := range endings {
			if strings.HasSuffix(entry.Name(), ending) {
				names = append(names, entry.Name())
			}
		}
	}
	return names
}
