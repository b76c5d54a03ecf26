package benchapi

import (
	"context"
	"net/http"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// Peer returns the adapter.
func Peer() bench.Peer {
	return bench.Peer{
		Name: "ours", New: newAdapter,
		HTTPClient: func(transport http.RoundTripper) *http.Client {
			if transport == nil {
				transport = rest.NewTransport()
			}
			return rest.NewHTTPClient(transport)
		},
		Decoders: bench.Decoders{
			Login: func(data []byte) (int, error) {
				var v LoginAnswer
				err := rest.Decode(data, &v)
				return v.fact(), err
			},
			User: func(data []byte) (int, error) {
				var v User
				err := rest.Decode(data, &v)
				return int(v.Rank), err
			},
			Users: func(data []byte) (int, error) {
				var v UsersAnswer
				err := rest.Decode(data, &v)
				return v.fact(), err
			},
			Points: func(data []byte) (int, error) {
				var v PointsAnswer
				err := rest.Decode(data, &v)
				return v.fact(), err
			},
		},
	}
}

type adapter struct {
	client *Client
	login  *LoginRequest
	users  *ListUsersParams
	points *GetPointsParams
	update *UserUpdate
	delete *DeleteUserParams
}

func newAdapter(baseURL string, httpClient *http.Client) (bench.Client, error) {
	client, err := rest.NewClient("bench", baseURL, httpClient)
	if err != nil {
		return nil, err
	}
	return &adapter{
		client: New(client),
		login:  &LoginRequest{Username: bench.Username, Password: rest.NewSecret(bench.Password)},
		users:  &ListUsersParams{Limit: rest.Ptr[int64](bench.Limit), Offset: rest.Ptr[int64](bench.Offset), Search: rest.Ptr(bench.Search)},
		points: &GetPointsParams{From: rest.Ptr[int64](bench.From), Until: rest.Ptr[int64](bench.Until)},
		update: &UserUpdate{
			FirstName: rest.Ptr(bench.FirstName), LastName: rest.Ptr(bench.LastName), Email: rest.Ptr(bench.Email),
			Rank: rest.Ptr(int32(bench.Rank)), Notes: rest.Ptr(bench.Notes), Locked: rest.Ptr(bench.Locked), Roles: bench.Roles(),
		},
		delete: &DeleteUserParams{Reason: rest.Ptr(bench.Reason), After: rest.Ptr[int64](bench.From), Force: rest.Ptr(true)},
	}, nil
}

func (a *adapter) Login(ctx context.Context) (int, error) {
	v, err := a.client.Login(ctx, a.login)
	return v.fact(), err
}

func (a *adapter) User(ctx context.Context) (int, error) {
	v, err := a.client.GetUser(ctx, bench.UserID)
	if err != nil {
		return 0, err
	}
	return int(v.Rank), nil
}

func (a *adapter) Users(ctx context.Context) (int, error) {
	v, err := a.client.ListUsers(ctx, a.users)
	return v.fact(), err
}

func (a *adapter) Points(ctx context.Context) (int, error) {
	v, err := a.client.GetPoints(ctx, bench.Metric, a.points)
	return v.fact(), err
}

func (a *adapter) Update(ctx context.Context) error {
	return a.client.UpdateUser(ctx, bench.UserID, a.update)
}

func (a *adapter) Delete(ctx context.Context) error {
	return a.client.DeleteUser(ctx, bench.UserID, a.delete)
}

func (v *LoginAnswer) fact() int {
	if v == nil {
		return 0
	}
	return len(v.Data.Session.ID.Reveal())
}

func (v *UsersAnswer) fact() int {
	if v == nil || len(v.Users) == 0 {
		return 0
	}
	return len(v.Users) + int(v.Users[len(v.Users)-1].Rank)
}

func (v *PointsAnswer) fact() int {
	if v == nil || len(v.Points) == 0 {
		return 0
	}
	return len(v.Points) + int(v.Points[len(v.Points)-1][1])
}
