// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"lintel/gateway"
)

// spans makes the spans of a trace: one of kind server for the call, and its steps below it. Names of
// attributes are those of the OpenTelemetry conventions for HTTP where there are some.
func (t *Tracer) spans(one *gateway.Trace) {
	ctx := withIDs(context.Background(), one.ID, one.Span)
	if one.Parent != [8]byte{} {
		state, _ := trace.ParseTraceState(one.State) // one that cannot be read is left out
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: one.ID, SpanID: one.Parent, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true,
		}))
	}
	name := one.Method
	if one.Route != "" {
		name += " " + one.Route
	}
	ctx, call := t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(one.Start), trace.WithAttributes(callAttributes(one)...))
	if one.Status >= 500 {
		call.SetStatus(codes.Error, one.Problem)
	}
	for _, s := range one.Steps {
		options := []trace.SpanStartOption{trace.WithTimestamp(s.Start)}
		if s.Name == "exchange" {
			options = append(options, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(exchangeAttributes(one)...))
		}
		_, step := t.tracer.Start(withIDs(ctx, one.ID, s.Span), s.Name, options...)
		if s.Name == "exchange" && one.Kind != "none" {
			step.SetStatus(codes.Error, one.Kind)
		}
		step.End(trace.WithTimestamp(s.End))
	}
	call.End(trace.WithTimestamp(one.End))
}

func callAttributes(one *gateway.Trace) []attribute.KeyValue {
	out := []attribute.KeyValue{
		attribute.String("http.request.method", one.Method), attribute.Int("http.response.status_code", one.Status),
		attribute.String("lintel.exchange", one.Exchange),
	}
	return texts(out, "http.route", one.Route, "lintel.operation", one.Operation, "lintel.problem", one.Problem, "lintel.outcome", one.Outcome)
}

func exchangeAttributes(one *gateway.Trace) []attribute.KeyValue {
	return texts(nil, "lintel.backend", one.Backend, "lintel.fate", one.Fate, "lintel.kind", one.Kind)
}

// texts adds pairs of names and texts, without those that say nothing.
func texts(to []attribute.KeyValue, pairs ...string) []attribute.KeyValue {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			to = append(to, attribute.String(pairs[i], pairs[i+1]))
		}
	}
	return to
}

type idsKey struct{}

type ids struct {
	trace [16]byte
	span  [8]byte
}

func withIDs(ctx context.Context, id [16]byte, span [8]byte) context.Context {
	return context.WithValue(ctx, idsKey{}, ids{id, span})
}

// given is an id generator that gives the ids that the gateway has told the host already.
type given struct{}

// NewIDs implements sdktrace.IDGenerator.
func (given) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	i, _ := ctx.Value(idsKey{}).(ids)
	return i.trace, i.span
}

// NewSpanID implements sdktrace.IDGenerator.
func (given) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	i, _ := ctx.Value(idsKey{}).(ids)
	return i.span
}
