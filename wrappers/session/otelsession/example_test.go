package otelsession_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/latchkey-go/latchkey/wrappers/session"
	"github.com/latchkey-go/latchkey/wrappers/session/otelsession"
)

func Example() {
	reader := metric.NewManualReader() // in place of an exporter
	instruments, err := otelsession.New(trace.NewTracerProvider(), metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		log.Fatal(err)
	}
	engine, err := session.New(driver{}, "https://api.acme.example",
		session.WithTransport(&acme{}), session.WithObserver(instruments.Observer()))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = engine.Close(context.Background()) }()

	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://api.acme.example/data", nil)
	if err != nil {
		log.Fatal(err)
	}
	resp, err := engine.Transport().RoundTrip(req)
	if err != nil {
		log.Fatal(err)
	}
	_ = resp.Body.Close()

	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		log.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
			fmt.Println(m.Name, sum.DataPoints[0].Value)
		}
	}
	// Output: session.logins 1
}
