// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"context"

	"lintel/adapters"
)

// traceHeaders are the headers of W3C Trace Context for the trace that an exchange belongs to. What
// cannot be a header is left out: a trace is worth no exchange.
func traceHeaders(ctx context.Context) (out []header) {
	t, ok := adapters.TraceFrom(ctx)
	if !ok {
		return nil
	}
	for _, h := range [][2]string{{"traceparent", t.Parent}, {"tracestate", t.State}} {
		if made, err := makeHeader(h[0], h[1]); err == nil && h[1] != "" {
			out = append(out, made)
		}
	}
	return out
}
