package otelsession

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/latchkey-go/latchkey/wrappers/session"
)

// scope is the name of the instrumentation.
const scope = "github.com/latchkey-go/latchkey/wrappers/session/otelsession"

// Instruments record what happens to the sessions of any number of engines.
// They are safe for concurrent use.
type Instruments struct {
	tracer        trace.Tracer
	traces        bool
	logins        metric.Int64Counter
	refreshes     metric.Int64Counter
	adoptions     metric.Int64Counter
	replays       metric.Int64Counter
	invalidations metric.Int64Counter
	failures      metric.Int64Counter
	wait          metric.Float64Histogram
	age           metric.Float64Histogram
}

// New returns Instruments. A nil provider records nothing of its kind; the
// global providers are used only if the caller hands them in.
//
// New returns the errors of the meter, which has no reason to have any.
func New(tracers trace.TracerProvider, meters metric.MeterProvider) (*Instruments, error) {
	in := &Instruments{traces: tracers != nil}
	if tracers == nil {
		tracers = tracenoop.NewTracerProvider()
	}
	if meters == nil {
		meters = metricnoop.NewMeterProvider()
	}
	in.tracer = tracers.Tracer(scope)
	meter := meters.Meter(scope)
	var errs []error
	counter := func(target *metric.Int64Counter, name, unit, description string) {
		made, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		*target, errs = made, append(errs, err)
	}
	histogram := func(target *metric.Float64Histogram, name, description string, bounds ...float64) {
		made, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(description), metric.WithExplicitBucketBoundaries(bounds...))
		*target, errs = made, append(errs, err)
	}
	counter(&in.logins, "session.logins", "{login}", "Sign-ins, by outcome.")
	counter(&in.refreshes, "session.refreshes", "{refresh}", "Refreshes, by outcome.")
	counter(&in.adoptions, "session.adoptions", "{session}", "Sessions taken over from the store.")
	counter(&in.replays, "session.replays", "{request}", "Requests sent again in another session.")
	counter(&in.invalidations, "session.invalidations", "{session}", "Sessions dropped because the vendor refused them, by reason.")
	counter(&in.failures, "session.store.failures", "{failure}", "Failures of the session store, by operation.")
	histogram(&in.wait, "session.acquire.wait", "How long calls waited for a session.",
		0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
	histogram(&in.age, "session.age", "How old sessions were when they were dropped.",
		1, 10, 30, 60, 300, 900, 1800, 3600, 4*3600, 12*3600, 24*3600, 7*24*3600, 30*24*3600)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return in, nil
}

// Observer returns an Observer for one engine.
func (in *Instruments) Observer() *Observer {
	return &Observer{in: in, flights: map[uint64]*flight{}}
}

// measure records an event in the metrics.
func (in *Instruments) measure(ctx context.Context, event session.Event) {
	count := func(counter metric.Int64Counter, more ...attribute.KeyValue) {
		counter.Add(ctx, 1, metric.WithAttributes(append(more, vendor(event))...))
	}
	switch event.Kind {
	case session.EventSignIn:
		count(in.logins, outcome(event))
	case session.EventRefresh:
		count(in.refreshes, outcome(event))
	case session.EventAdopt:
		count(in.adoptions)
	case session.EventReplay:
		count(in.replays)
	case session.EventStore:
		count(in.failures, attribute.String("operation", event.Reason))
	case session.EventInvalidate, session.EventStolen:
		count(in.invalidations, attribute.String("reason", dropped(event)))
		in.age.Record(ctx, event.Duration.Seconds(), metric.WithAttributes(vendor(event)))
	case session.EventWait:
		in.wait.Record(ctx, event.Duration.Seconds(), metric.WithAttributes(vendor(event), outcome(event)))
	default: // not counted
	}
}

func vendor(event session.Event) attribute.KeyValue {
	return attribute.String("vendor", event.Vendor)
}

// outcome returns "ok" or why it failed.
func outcome(event session.Event) attribute.KeyValue {
	text := "ok"
	if event.Err != nil {
		text = event.Reason
		if text == "" {
			text = "error"
		}
	}
	return attribute.String("outcome", text)
}

// dropped returns why a session was dropped.
func dropped(event session.Event) string {
	if event.Kind == session.EventStolen {
		return "stolen"
	}
	return event.Reason
}
