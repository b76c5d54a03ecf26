package run

import (
	"testing"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
	"github.com/latchkey-go/latchkey/gen/peerbench/hand"
	"github.com/latchkey-go/latchkey/gen/peerbench/work/benchapi"
	"github.com/latchkey-go/latchkey/gen/peerbench/work/ogen"
	"github.com/latchkey-go/latchkey/gen/peerbench/work/stock"
)

func peers() []bench.Peer {
	return []bench.Peer{benchapi.Peer(), stock.Peer(), ogen.Peer(), hand.Peer()}
}

func TestPeersMakeTheSameOfEveryAnswer(t *testing.T) { bench.Check(t, peers()) }

func BenchmarkCall(b *testing.B)     { bench.Calls(b, peers()) }
func BenchmarkDecode(b *testing.B)   { bench.Decode(b, peers()) }
func BenchmarkRequest(b *testing.B)  { bench.Requests(b, peers()) }
func BenchmarkLoopback(b *testing.B) { bench.Loopback(b, peers()) }
func BenchmarkTLS(b *testing.B)      { bench.TLS(b, peers()) }
