package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart measures the time from the start of the process until its
// request arrives, of the vendor with the largest description.
func BenchmarkStart(b *testing.B) {
	arrived := make(chan time.Time, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- time.Now()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":{"code":200},"data":{}}`))
	}))
	defer server.Close()
	env := append(os.Environ(), "ANOMIFY_BASE_URL="+server.URL, "ANOMIFY_ORGANIZATION_TOKEN=k", "LATCHKEY_STORE_DIR="+b.TempDir())
	var times []time.Duration
	for b.Loop() {
		cmd := exec.Command(binary, "call", "anomify", "getUserInfo")
		cmd.Env = env
		begun := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		times = append(times, (<-arrived).Sub(begun))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(times[len(times)*9/10].Microseconds())/1000, "ms-90%")
}
