// SPDX-License-Identifier: Apache-2.0

package hosthttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"lintel/adapters"
	"lintel/adapters/hosthttp"
)

// TestTraceContext: the host is told the trace of the exchange, unless the message says another or the
// text cannot be a header.
func TestTraceContext(t *testing.T) {
	var got [2]string
	host := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = [2]string{r.Header.Get("Traceparent"), r.Header.Get("Tracestate")}
	}))
	defer host.Close()
	a := dial(t, hosthttp.Options{URL: host.URL})
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for _, c := range []struct {
		trace adapters.TraceContext
		own   map[string]any
		want  [2]string
	}{
		{adapters.TraceContext{}, nil, [2]string{"", ""}},
		{adapters.TraceContext{Parent: parent}, nil, [2]string{parent, ""}},
		{adapters.TraceContext{Parent: parent, State: "v=1"}, nil, [2]string{parent, "v=1"}},
		{adapters.TraceContext{Parent: parent, State: "v=1\r\nX: y"}, nil, [2]string{parent, ""}},
		{adapters.TraceContext{Parent: parent}, map[string]any{"header.Traceparent": "own"}, [2]string{"own", ""}},
	} {
		if _, err := a.Exchange(adapters.WithTrace(t.Context(), c.trace), adapters.Message{Body: []byte("x"), Properties: c.own}); err != nil || got != c.want {
			t.Errorf("%+v: %q, want %q (%v)", c, got, c.want, err)
		}
	}
}
