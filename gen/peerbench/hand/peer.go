package hand

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
)

// Peer returns the adapter.
func Peer() bench.Peer {
	return bench.Peer{
		Name: "hand",
		New: func(baseURL string, client *http.Client) (bench.Client, error) {
			return &adapter{
				client: Client{BaseURL: baseURL, HTTP: client},
				update: &UserUpdate{
					FirstName: ptr(bench.FirstName), LastName: ptr(bench.LastName), Email: ptr(bench.Email), Rank: ptr(int32(bench.Rank)),
					Notes: ptr(bench.Notes), Locked: ptr(bench.Locked), Roles: bench.Roles(),
				},
			}, nil
		},
		HTTPClient: func(transport http.RoundTripper) *http.Client { return &http.Client{Transport: transport} },
		Decoders: bench.Decoders{
			Login: func(data []byte) (int, error) {
				var v LoginAnswer
				err := json.Unmarshal(data, &v)
				return v.fact(), err
			},
			User: func(data []byte) (int, error) {
				var v User
				err := json.Unmarshal(data, &v)
				return int(v.Rank), err
			},
			Users: func(data []byte) (int, error) {
				var v UsersAnswer
				err := json.Unmarshal(data, &v)
				return v.fact(), err
			},
			Points: func(data []byte) (int, error) {
				var v PointsAnswer
				err := json.Unmarshal(data, &v)
				return v.fact(), err
			},
		},
	}
}

type adapter struct {
	client Client
	update *UserUpdate
}

func (a *adapter) Login(ctx context.Context) (int, error) {
	v, err := a.client.Login(ctx, LoginRequest{Username: bench.Username, Password: bench.Password})
	return v.fact(), err
}

func (a *adapter) User(ctx context.Context) (int, error) {
	v, err := a.client.User(ctx, bench.UserID)
	return int(v.Rank), err
}

func (a *adapter) Users(ctx context.Context) (int, error) {
	v, err := a.client.Users(ctx, bench.Limit, bench.Offset, bench.Search)
	return v.fact(), err
}

func (a *adapter) Points(ctx context.Context) (int, error) {
	v, err := a.client.Points(ctx, bench.Metric, bench.From, bench.Until)
	return v.fact(), err
}

func (a *adapter) Update(ctx context.Context) error {
	return a.client.Update(ctx, bench.UserID, a.update)
}

func (a *adapter) Delete(ctx context.Context) error {
	return a.client.Delete(ctx, bench.UserID, bench.Reason, bench.From, true)
}

func (v *LoginAnswer) fact() int { return len(v.Data.Session.ID) }

func (v *UsersAnswer) fact() int {
	if len(v.Users) == 0 {
		return 0
	}
	return len(v.Users) + int(v.Users[len(v.Users)-1].Rank)
}

func (v *PointsAnswer) fact() int {
	if len(v.Points) == 0 {
		return 0
	}
	return len(v.Points) + int(v.Points[len(v.Points)-1][1])
}

func ptr[T any](value T) *T { return &value }
