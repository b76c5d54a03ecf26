package otelsession_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/latchkey-go/latchkey/wrappers/session/otelsession"
)

// recorded is an SDK that keeps everything.
type recorded struct {
	*otelsession.Instruments
	t       *testing.T
	spans   *tracetest.SpanRecorder
	tracers *trace.TracerProvider
	reader  *metric.ManualReader
}

func record(t *testing.T) *recorded {
	t.Helper()
	r := &recorded{t: t, spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader()}
	r.tracers = trace.NewTracerProvider(trace.WithSpanProcessor(r.spans))
	in, err := otelsession.New(r.tracers, metric.NewMeterProvider(metric.WithReader(r.reader)))
	if err != nil {
		t.Fatal(err)
	}
	r.Instruments = in
	t.Cleanup(r.wantNoSecret)
	return r
}

func (r *recorded) metrics() []metricdata.Metrics {
	r.t.Helper()
	var all metricdata.ResourceMetrics
	if err := r.reader.Collect(context.Background(), &all); err != nil {
		r.t.Fatal(err)
	}
	var found []metricdata.Metrics
	for _, scope := range all.ScopeMetrics {
		found = append(found, scope.Metrics...)
	}
	return found
}

// count returns a counter, or how often a histogram was written, for the given
// attributes.
func (r *recorded) count(name string, attributes ...attribute.KeyValue) int {
	r.t.Helper()
	want := attribute.NewSet(attributes...)
	for _, m := range r.metrics() {
		if m.Name != name {
			continue
		}
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				if point.Attributes.Equals(&want) {
					return int(point.Value)
				}
			}
		case metricdata.Histogram[float64]:
			for _, point := range data.DataPoints {
				if point.Attributes.Equals(&want) {
					return int(point.Count)
				}
			}
		}
	}
	return 0
}

// want compares counts for the vendor acme; pairs are further attributes.
func (r *recorded) want(count int, name string, pairs ...string) {
	r.t.Helper()
	attributes := []attribute.KeyValue{attribute.String("vendor", "acme")}
	for i := 0; i+1 < len(pairs); i += 2 {
		attributes = append(attributes, attribute.String(pairs[i], pairs[i+1]))
	}
	if got := r.count(name, attributes...); got != count {
		r.t.Errorf("%s %v: got %d, want %d", name, pairs, got, count)
	}
}

// ended returns the spans with a name that have ended.
func (r *recorded) ended(name string) []trace.ReadOnlySpan {
	var found []trace.ReadOnlySpan
	for _, span := range r.spans.Ended() {
		if span.Name() == name {
			found = append(found, span)
		}
	}
	return found
}

// one returns the only span with a name.
func (r *recorded) one(name string) trace.ReadOnlySpan {
	r.t.Helper()
	found := r.ended(name)
	if len(found) != 1 {
		r.t.Fatalf("%d spans %s have ended, want 1", len(found), name)
	}
	return found[0]
}

func value(span trace.ReadOnlySpan, key string) string {
	for _, a := range span.Attributes() {
		if string(a.Key) == key {
			return a.Value.Emit()
		}
	}
	return ""
}

func events(span trace.ReadOnlySpan) string {
	names := make([]string, 0, len(span.Events()))
	for _, event := range span.Events() {
		names = append(names, event.Name)
	}
	return strings.Join(names, " ")
}

// wantNoSecret looks for secrets, and for the account, in all that was
// recorded.
func (r *recorded) wantNoSecret() {
	var b strings.Builder
	for _, span := range r.spans.Started() {
		fmt.Fprintln(&b, span.Name(), span.Attributes(), span.Status(), span.Links())
		for _, event := range span.Events() {
			fmt.Fprintln(&b, event.Name, event.Attributes)
		}
	}
	fmt.Fprintf(&b, "%+v", r.metrics())
	for _, secret := range []string{password, "secret-token", "secret-refresh", "me@acme.example"} {
		if strings.Contains(b.String(), secret) {
			r.t.Errorf("%q was recorded", secret)
		}
	}
}
