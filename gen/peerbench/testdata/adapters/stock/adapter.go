package stock

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/latchkey-go/latchkey/gen/peerbench/bench"
)

// Peer returns the adapter.
func Peer() bench.Peer {
	return bench.Peer{
		Name: "stock", New: newAdapter,
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
				return v.fact(), err
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
	client *ClientWithResponses
	login  LoginRequest
	users  *ListUsersParams
	points *GetPointsParams
	update UserUpdate
	delete *DeleteUserParams
}

func newAdapter(baseURL string, httpClient *http.Client) (bench.Client, error) {
	client, err := NewClientWithResponses(baseURL, WithHTTPClient(httpClient))
	if err != nil {
		return nil, err
	}
	return &adapter{
		client: client,
		login:  LoginRequest{Username: bench.Username, Password: bench.Password},
		users:  &ListUsersParams{Limit: ptr[int64](bench.Limit), Offset: ptr[int64](bench.Offset), Search: ptr(bench.Search)},
		points: &GetPointsParams{From: ptr[int64](bench.From), Until: ptr[int64](bench.Until)},
		update: UserUpdate{
			FirstName: ptr(bench.FirstName), LastName: ptr(bench.LastName), Email: ptr(bench.Email),
			Rank: ptr(int32(bench.Rank)), Notes: ptr(bench.Notes), Locked: ptr(bench.Locked), Roles: ptr(bench.Roles()),
		},
		delete: &DeleteUserParams{Reason: ptr(bench.Reason), After: ptr[int64](bench.From), Force: ptr(true)},
	}, nil
}

func (a *adapter) Login(ctx context.Context) (int, error) {
	resp, err := a.client.LoginWithResponse(ctx, a.login)
	if err != nil {
		return 0, err
	}
	return resp.JSON200.fact(), nil
}

func (a *adapter) User(ctx context.Context) (int, error) {
	resp, err := a.client.GetUserWithResponse(ctx, bench.UserID)
	if err != nil {
		return 0, err
	}
	return resp.JSON200.fact(), nil
}

func (a *adapter) Users(ctx context.Context) (int, error) {
	resp, err := a.client.ListUsersWithResponse(ctx, a.users)
	if err != nil {
		return 0, err
	}
	return resp.JSON200.fact(), nil
}

func (a *adapter) Points(ctx context.Context) (int, error) {
	resp, err := a.client.GetPointsWithResponse(ctx, bench.Metric, a.points)
	if err != nil {
		return 0, err
	}
	return resp.JSON200.fact(), nil
}

func (a *adapter) Update(ctx context.Context) error {
	resp, err := a.client.UpdateUserWithResponse(ctx, bench.UserID, a.update)
	if err != nil {
		return err
	}
	return noContent(resp.StatusCode())
}

func (a *adapter) Delete(ctx context.Context) error {
	resp, err := a.client.DeleteUserWithResponse(ctx, bench.UserID, a.delete)
	if err != nil {
		return err
	}
	return noContent(resp.StatusCode())
}

func noContent(status int) error {
	if status != http.StatusNoContent {
		return fmt.Errorf("status %d", status)
	}
	return nil
}

func (v *LoginAnswer) fact() int {
	if v == nil || v.Data == nil || v.Data.Session == nil || v.Data.Session.Id == nil {
		return 0
	}
	return len(*v.Data.Session.Id)
}

func (v *User) fact() int {
	if v == nil || v.Rank == nil {
		return 0
	}
	return int(*v.Rank)
}

func (v *UsersAnswer) fact() int {
	if v == nil || v.Users == nil || len(*v.Users) == 0 {
		return 0
	}
	users := *v.Users
	return len(users) + users[len(users)-1].fact()
}

func (v *PointsAnswer) fact() int {
	if v == nil || v.Points == nil || len(*v.Points) == 0 {
		return 0
	}
	points := *v.Points
	return len(points) + int(points[len(points)-1][1])
}

func ptr[T any](value T) *T { return &value }
