// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/specs"
	"lintel/transforms"
)

// transformMetrics are the metrics of transforms, and of the waits before what they made is sent.
type transformMetrics struct {
	durations *prometheus.HistogramVec
	failures  *prometheus.CounterVec
	waits     *prometheus.HistogramVec
}

// transformBuckets are in seconds: a transform takes microseconds.
func transformBuckets() []float64 {
	return []float64{0.000_001, 0.000_002_5, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.001, 0.01, 0.1}
}

// Directions of a transform.
const (
	directionRequest = "request"
	directionReply   = "reply"
)

func newTransformMetrics(r *metricsRegistry) transformMetrics {
	return transformMetrics{
		durations: r.histogramIn("lintel_transform_duration_seconds", "Time in which a transform checks a request and writes the message for the host, or reads the reply and writes the answer.",
			transformBuckets(), "operation", "direction"),
		failures: r.counter("lintel_transform_errors_total", "Requests and replies that a transform could not take: contract (breaks a schema), expression, foreign (the reply to another request), internal, or the reason why a value and a field of the host do not fit.",
			"operation", "direction", "code"),
		waits: r.histogram("lintel_backend_queue_wait_seconds", "Time that calls waited for a slot, with or without getting one. Those that need not wait are not counted.", "backend"),
	}
}

// transformed are the observers of one transform.
type transformed struct {
	request, reply prometheus.Observer
	// waited is told of every wait for a slot.
	waited func(time.Duration)
}

func (m *transformMetrics) of(op *specs.Operation, backend string) transformed {
	out := transformed{
		request: m.durations.WithLabelValues(op.ID, directionRequest),
		reply:   m.durations.WithLabelValues(op.ID, directionReply),
	}
	if backend != "" { // an operation of several steps has none of its own
		waits := m.waits.WithLabelValues(backend)
		out.waited = func(d time.Duration) { waits.Observe(d.Seconds()) }
	}
	return out
}

// wrote notes how long a request took in its transform, and what went wrong in it.
func (r *routeMetrics) wrote(took time.Duration, err error) {
	r.transformed.request.Observe(took.Seconds())
	if err != nil {
		r.all.countError(r.id, directionRequest, err)
	}
}

// understood notes how long a reply took in its transform, and what went wrong in it.
func (r *routeMetrics) understood(took time.Duration, err error) {
	r.transformed.reply.Observe(took.Seconds())
	if err != nil {
		r.all.countError(r.id, directionReply, err)
	}
}

func (m *transformMetrics) countError(operation, direction string, err error) {
	var invalid *transforms.InvalidError
	var field *transforms.FieldError
	var expr *transforms.ExprError
	var denied *transforms.DeniedError
	var foreign *transforms.ForeignError
	code := "internal"
	switch {
	case errors.As(err, &denied), errors.Is(err, transforms.ErrSkipped):
		return // counted elsewhere, or none
	case errors.As(err, &foreign):
		code = "foreign"
	case errors.As(err, &field):
		code = field.Code
	case errors.As(err, &invalid):
		code = "contract"
	case errors.As(err, &expr):
		code = "expression"
	}
	m.failures.WithLabelValues(operation, direction, code).Inc()
}
