// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// What transforms take, where they fail, and how long calls wait for a slot.
func TestTransformMetrics(t *testing.T) {
	var request, reply error
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Start = func() Runner {
			return fakeRunner{
				request: func(transforms.Input) (transforms.Message, error) {
					return transforms.Message{Body: []byte(`{}`)}, request
				},
				reply: func(m transforms.Message) (transforms.Output, error) {
					return transforms.Output{Status: 200, Body: m.Body, Outcome: "ok"}, reply
				},
			}
		}
		r.Backend = exchange(func(_ context.Context, c adapters.Call) (adapters.Message, error) {
			c.Waited(20 * time.Millisecond)
			c.Judge(c.Message)
			return c.Message, nil
		})
	}))
	for _, errs := range [][2]error{
		{nil, nil},
		{&transforms.FieldError{Code: "overflow"}, nil},
		{&transforms.InvalidError{}, nil},
		{&transforms.ExprError{}, nil},
		{&transforms.DeniedError{}, nil},
		{errors.New("secret"), nil},
		{nil, &transforms.FieldError{Code: "not-numeric"}},
		{nil, &transforms.ForeignError{}},
	} {
		request, reply = errs[0], errs[1]
		do(g, "GET", "/a", "")
	}
	metrics := do(g.Admin(), "GET", "http://localhost/metrics", "").Body.String()
	for _, want := range []string{
		`lintel_transform_duration_seconds_count{direction="request",operation="get-a"} 8`,
		`lintel_transform_duration_seconds_count{direction="reply",operation="get-a"} 3`,
		`lintel_transform_errors_total{code="overflow",direction="request",operation="get-a"} 1`,
		`lintel_transform_errors_total{code="contract",direction="request",operation="get-a"} 1`,
		`lintel_transform_errors_total{code="expression",direction="request",operation="get-a"} 1`,
		`lintel_transform_errors_total{code="internal",direction="request",operation="get-a"} 1`,
		`lintel_transform_errors_total{code="not-numeric",direction="reply",operation="get-a"} 1`,
		`lintel_transform_errors_total{code="foreign",direction="reply",operation="get-a"} 1`,
		`lintel_backend_queue_wait_seconds_count{backend="core"} 3`,
		`lintel_backend_queue_wait_seconds_bucket{backend="core",le="0.01"} 0`,
		`lintel_backend_queue_wait_seconds_bucket{backend="core",le="0.025"} 3`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(metrics, "secret") || strings.Count(metrics, "lintel_transform_errors_total{") != 6 {
		t.Error("other counts of errors")
	}
}
