// SPDX-License-Identifier: Apache-2.0

package adapters

import "context"

// TraceContext is the trace that an exchange belongs to, as W3C Trace Context writes it. An adapter
// whose wire has a place for it passes it on.
type TraceContext struct {
	// Parent is the value of traceparent, State that of tracestate; State may be empty.
	Parent, State string
}

type traceKey struct{}

// WithTrace returns a context that carries a trace.
func WithTrace(ctx context.Context, t TraceContext) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceFrom returns the trace that a context carries; false if it carries none.
func TraceFrom(ctx context.Context) (TraceContext, bool) {
	t, ok := ctx.Value(traceKey{}).(TraceContext)
	return t, ok
}
