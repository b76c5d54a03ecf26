package ogen

import (
	"context"
	"net/http"

	"github.com/go-faster/jx"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
)

// Peer returns the adapter.
func Peer() bench.Peer {
	return bench.Peer{
		Name: "ogen", New: newAdapter,
		HTTPClient: func(transport http.RoundTripper) *http.Client { return &http.Client{Transport: transport} },
		Decoders: bench.Decoders{
			Login: func(data []byte) (int, error) {
				var v LoginAnswer
				err := v.Decode(jx.DecodeBytes(data))
				return v.fact(), err
			},
			User: func(data []byte) (int, error) {
				var v User
				err := v.Decode(jx.DecodeBytes(data))
				return int(v.Rank.Value), err
			},
			Users: func(data []byte) (int, error) {
				var v UsersAnswer
				err := v.Decode(jx.DecodeBytes(data))
				return v.fact(), err
			},
			Points: func(data []byte) (int, error) {
				var v PointsAnswer
				err := v.Decode(jx.DecodeBytes(data))
				return v.fact(), err
			},
		},
	}
}

type adapter struct {
	client *Client
	login  *LoginRequest
	users  ListUsersParams
	points GetPointsParams
	update *UserUpdate
	delete DeleteUserParams
}

func newAdapter(baseURL string, httpClient *http.Client) (bench.Client, error) {
	client, err := NewClient(baseURL, WithClient(httpClient))
	if err != nil {
		return nil, err
	}
	return &adapter{
		client: client,
		login:  &LoginRequest{Username: bench.Username, Password: bench.Password},
		users:  ListUsersParams{Limit: NewOptInt64(bench.Limit), Offset: NewOptInt64(bench.Offset), Search: NewOptString(bench.Search)},
		points: GetPointsParams{Name: bench.Metric, From: NewOptInt64(bench.From), Until: NewOptInt64(bench.Until)},
		update: &UserUpdate{
			FirstName: NewOptString(bench.FirstName), LastName: NewOptString(bench.LastName), Email: NewOptString(bench.Email),
			Rank: NewOptInt32(bench.Rank), Notes: NewOptString(bench.Notes), Locked: NewOptBool(bench.Locked), Roles: bench.Roles(),
		},
		delete: DeleteUserParams{
			ID: bench.UserID, Reason: NewOptString(bench.Reason), After: NewOptInt64(bench.From), Force: NewOptBool(true),
		},
	}, nil
}

func (a *adapter) Login(ctx context.Context) (int, error) {
	v, err := a.client.Login(ctx, a.login)
	return v.fact(), err
}

func (a *adapter) User(ctx context.Context) (int, error) {
	v, err := a.client.GetUser(ctx, GetUserParams{ID: bench.UserID})
	if err != nil {
		return 0, err
	}
	return int(v.Rank.Value), nil
}

func (a *adapter) Users(ctx context.Context) (int, error) {
	v, err := a.client.ListUsers(ctx, a.users)
	return v.fact(), err
}

func (a *adapter) Points(ctx context.Context) (int, error) {
	v, err := a.client.GetPoints(ctx, a.points)
	return v.fact(), err
}

func (a *adapter) Update(ctx context.Context) error {
	return a.client.UpdateUser(ctx, a.update, UpdateUserParams{ID: bench.UserID})
}

func (a *adapter) Delete(ctx context.Context) error {
	return a.client.DeleteUser(ctx, a.delete)
}

func (v *LoginAnswer) fact() int {
	if v == nil {
		return 0
	}
	return len(v.Data.Value.Session.Value.ID.Value)
}

func (v *UsersAnswer) fact() int {
	if v == nil || len(v.Users) == 0 {
		return 0
	}
	return len(v.Users) + int(v.Users[len(v.Users)-1].Rank.Value)
}

func (v *PointsAnswer) fact() int {
	if v == nil || len(v.Points) == 0 {
		return 0
	}
	return len(v.Points) + int(v.Points[len(v.Points)-1][1])
}
