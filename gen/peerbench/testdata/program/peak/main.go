// Command peak makes one call for the list of users in a file through one peer
// and prints the largest size that the process had, in bytes.
//
//	peak PEER FILE
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
	"github.com/latchkey-go/latchkey/gen/peerbench/hand"
	"github.com/latchkey-go/latchkey/gen/peerbench/work/benchapi"
	"github.com/latchkey-go/latchkey/gen/peerbench/work/ogen"
	"github.com/latchkey-go/latchkey/gen/peerbench/work/stock"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name, file string) error {
	for _, peer := range []bench.Peer{benchapi.Peer(), stock.Peer(), ogen.Peer(), hand.Peer()} {
		if peer.Name != name {
			continue
		}
		client, err := peer.New("https://api.example.com/v1", peer.HTTPClient(bench.File(file)))
		if err != nil {
			return err
		}
		if n, err := client.Users(context.Background()); err != nil || n == 0 {
			return fmt.Errorf("%s: %d users, %v", name, n, err)
		}
		peak, err := highWater()
		if err != nil {
			return err
		}
		fmt.Println(peak)
		return nil
	}
	return errors.New("no such peer")
}

// highWater returns the largest resident size so far, in bytes.
func highWater() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the system does not tell")
}
