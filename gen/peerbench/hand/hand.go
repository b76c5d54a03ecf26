// Package hand is what a programmer writes who has net/http and encoding/json
// only: plain values in the types, one function that sends and decodes.
package hand

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// A Client calls the benchmark API.
type Client struct {
	BaseURL string
	HTTP    *http.Client
}

func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, into any) error {
	target := c.BaseURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, reader)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// Login opens a session.
func (c *Client) Login(ctx context.Context, body LoginRequest) (*LoginAnswer, error) {
	var v LoginAnswer
	return &v, c.call(ctx, http.MethodPost, "/login", nil, body, &v)
}

// User returns a user.
func (c *Client) User(ctx context.Context, id string) (*User, error) {
	var v User
	return &v, c.call(ctx, http.MethodGet, "/users/"+url.PathEscape(id), nil, nil, &v)
}

// Users lists users.
func (c *Client) Users(ctx context.Context, limit, offset int, search string) (*UsersAnswer, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}, "search": {search}}
	var v UsersAnswer
	return &v, c.call(ctx, http.MethodGet, "/users", query, nil, &v)
}

// Points returns a time series.
func (c *Client) Points(ctx context.Context, metric string, from, until int64) (*PointsAnswer, error) {
	query := url.Values{"from": {strconv.FormatInt(from, 10)}, "until": {strconv.FormatInt(until, 10)}}
	var v PointsAnswer
	return &v, c.call(ctx, http.MethodGet, "/metrics/"+url.PathEscape(metric)+"/points", query, nil, &v)
}

// Update changes a user.
func (c *Client) Update(ctx context.Context, id string, body *UserUpdate) error {
	return c.call(ctx, http.MethodPatch, "/users/"+url.PathEscape(id), nil, body, nil)
}

// Delete deletes a user.
func (c *Client) Delete(ctx context.Context, id, reason string, after int64, force bool) error {
	query := url.Values{"reason": {reason}, "after": {strconv.FormatInt(after, 10)}, "force": {strconv.FormatBool(force)}}
	return c.call(ctx, http.MethodDelete, "/users/"+url.PathEscape(id), query, nil, nil)
}
