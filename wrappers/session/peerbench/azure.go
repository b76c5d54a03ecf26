package main

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	azruntime "github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// A pipeline is the one of azcore, which is how its policies are used. What
// else is in it is switched off as far as that goes.
type pipeline struct{ inner azruntime.Pipeline }

// RoundTrip implements [http.RoundTripper].
func (p pipeline) RoundTrip(req *http.Request) (*http.Response, error) {
	call, err := azruntime.NewRequestFromRequest(req)
	if err != nil {
		return nil, err
	}
	azruntime.SkipBodyDownload(call)
	return p.inner.Do(call)
}

// A sender is a RoundTripper as azcore wants it.
type sender struct{ http.RoundTripper }

// Do implements [policy.Transporter].
func (s sender) Do(req *http.Request) (*http.Response, error) { return s.RoundTrip(req) }

// A credential signs in for azcore.
type credential struct{ base http.RoundTripper }

// GetToken implements [azcore.TokenCredential].
func (c credential) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, lifetime, err := signIn(ctx, c.base)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(lifetime)}, nil
}

func openAzure(base http.RoundTripper) (member, error) {
	bearer := azruntime.NewBearerTokenPolicy(credential{base}, nil, nil)
	return member{RoundTripper: pipeline{azruntime.NewPipeline("peerbench", "v1", azruntime.PipelineOptions{PerRetry: []policy.Policy{bearer}}, &policy.ClientOptions{
		Retry:     policy.RetryOptions{MaxRetries: -1},
		Telemetry: policy.TelemetryOptions{Disabled: true},
		Transport: sender{base},
	})}}, nil
}
