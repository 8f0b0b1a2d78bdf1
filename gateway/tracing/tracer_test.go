// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/gateway/tracing"
	"lintel/specs"
	"lintel/transforms"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver is a collector that reads what is posted with the official types of OTLP.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	spans    []*otlp.Span
	services []string
	header   http.Header
	raw      bytes.Buffer
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		z, err := gzip.NewReader(req.Body)
		if err != nil {
			t.Errorf("the post is not compressed: %v", err)
			return
		}
		body, err := io.ReadAll(z)
		if err != nil {
			t.Error(err)
		}
		var post collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &post); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.header = req.Header
		r.raw.Write(body)
		for _, rs := range post.GetResourceSpans() {
			for _, a := range rs.GetResource().GetAttributes() {
				if a.GetKey() == "service.name" {
					r.services = append(r.services, a.GetValue().GetStringValue())
				}
			}
			for _, ss := range rs.GetScopeSpans() {
				r.spans = append(r.spans, ss.GetSpans()...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
		answer, _ := proto.Marshal(&collector.ExportTraceServiceResponse{})
		_, _ = w.Write(answer)
	}))
	t.Cleanup(r.Close)
	return r
}

// runner is a transform that echoes.
type runner struct{}

func (runner) Request(in transforms.Input) (transforms.Message, error) {
	return transforms.Message{Body: append([]byte(nil), in.Params...)}, nil
}

func (runner) Reply(m transforms.Message) (transforms.Output, error) {
	return transforms.Output{Status: 200, Body: m.Body, Outcome: "ok"}, nil
}

func (runner) Release() {}

// host notes the trace that it was told of.
type host struct {
	told adapters.TraceContext
	ok   bool
	err  error
}

func (h *host) Exchange(ctx context.Context, c adapters.Call) (adapters.Message, error) {
	h.told, h.ok = adapters.TraceFrom(ctx)
	return c.Message, h.err
}

func serving(t *testing.T, tracer gateway.Tracer, h *host) *gateway.Gateway {
	t.Helper()
	g, err := gateway.New(gateway.Options{Tracer: tracer})
	if err != nil {
		t.Fatal(err)
	}
	op := &specs.Operation{ID: "getAccount", Method: "GET", Path: "/accounts/{id}", Parameters: []*specs.Parameter{
		{Name: "id", In: "path", Required: true, Style: "simple", Schema: &specs.Schema{Types: []string{"string"}}},
	}}
	if err := g.Swap([]gateway.Route{{Operation: op, Start: func() gateway.Runner { return runner{} }, Backend: h, BackendName: "core", Safe: true, Public: true, Timeout: time.Second}}); err != nil {
		t.Fatal(err)
	}
	return g
}

func newTracer(t *testing.T, o tracing.Options) *tracing.Tracer {
	t.Helper()
	tr, err := tracing.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = tr.Close(ctx)
	})
	return tr
}

func call(g http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// TestSpans follows a trace from the caller through the gateway to the host and to the collector.
func TestSpans(t *testing.T) {
	r := newReceiver(t)
	tr := newTracer(t, tracing.Options{Endpoint: r.URL + "/v1/traces", Sample: 100, Service: "bank", Headers: map[string]string{"X-Key": "of the collector"}})
	h := &host{}
	g := serving(t, tr, h)
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	if w := call(g, "/accounts/canary4711", "Traceparent", "00-"+trace+"-"+parent+"-01", "Tracestate", "vendor=1"); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	told := h.told
	h.err = &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Timeout, Backend: "core"}
	call(g, "/accounts/canary4711")
	began := h.told
	call(g, "/nothing/canary4711")
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := tr.Counts(); c != (gateway.TraceCounts{Exported: 3}) {
		t.Errorf("%+v", c)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.header.Get("X-Key") != "of the collector" || len(r.services) == 0 || r.services[0] != "bank" {
		t.Errorf("posted with %v by %v", r.header, r.services)
	}
	if bytes.Contains(r.raw.Bytes(), []byte("canary4711")) {
		t.Error("a value of a parameter is in the spans")
	}
	byName := map[string]*otlp.Span{}
	for _, s := range r.spans {
		if hex.EncodeToString(s.GetTraceId()) == trace {
			byName[s.GetName()] = s
		}
	}
	root := byName["GET /accounts/{id}"]
	if root == nil || root.GetKind() != otlp.Span_SPAN_KIND_SERVER || hex.EncodeToString(root.GetParentSpanId()) != parent || root.GetTraceState() != "vendor=1" {
		t.Fatalf("span of the call: %v", root)
	}
	for _, name := range []string{"validate", "encode", "exchange", "decode"} {
		s := byName[name]
		if s == nil || !bytes.Equal(s.GetParentSpanId(), root.GetSpanId()) || s.GetStartTimeUnixNano() < root.GetStartTimeUnixNano() || s.GetEndTimeUnixNano() > root.GetEndTimeUnixNano() {
			t.Errorf("step %s: %v", name, s)
		}
	}
	exchange := byName["exchange"]
	if exchange.GetKind() != otlp.Span_SPAN_KIND_CLIENT || told.Parent != "00-"+trace+"-"+hex.EncodeToString(exchange.GetSpanId())+"-01" || told.State != "vendor=1" {
		t.Errorf("the host was told %+v, the exchange is %v", told, exchange)
	}
	failed := 0
	for _, s := range r.spans {
		if id := hex.EncodeToString(s.GetTraceId()); id != trace && strings.Contains(began.Parent, id) && s.GetStatus().GetCode() == otlp.Status_STATUS_CODE_ERROR {
			failed++
		}
	}
	if failed != 2 { // the call and its exchange
		t.Errorf("%d spans of the failed call say so", failed)
	}
}

// TestSampling: the caller's decision counts, else a percentage; the context goes on in any case.
func TestSampling(t *testing.T) {
	r := newReceiver(t)
	tr := newTracer(t, tracing.Options{Endpoint: r.URL, Sample: 10})
	kept := 0
	for i := range 10_000 {
		var id [16]byte
		id[9], id[10], id[15] = byte(i*2654435761>>8), byte(i*40503), byte(i)
		if tr.Sample(id) {
			kept++
		}
	}
	if kept < 500 || kept > 1500 {
		t.Errorf("%d of 10000 are kept", kept)
	}
	h := &host{}
	none := newTracer(t, tracing.Options{Endpoint: r.URL, Sample: 0})
	g := serving(t, none, h)
	const given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
	if call(g, "/accounts/1", "Traceparent", given); h.told.Parent != given {
		t.Errorf("not sampled by the caller: told %q", h.told.Parent)
	}
	if call(g, "/accounts/1"); !strings.HasPrefix(h.told.Parent, "00-") || !strings.HasSuffix(h.told.Parent, "-00") || len(h.told.Parent) != 55 {
		t.Errorf("begun here: told %q", h.told.Parent)
	}
	off := serving(t, nil, h)
	if call(off, "/accounts/1", "Traceparent", given); h.told.Parent != given {
		t.Errorf("without a tracer: told %q", h.told.Parent)
	}
	if call(off, "/accounts/1"); h.ok {
		t.Errorf("without a tracer and a caller's trace: told %q", h.told.Parent)
	}
	if call(off, "/accounts/1", "Traceparent", "00-xyz"); h.ok {
		t.Errorf("told a broken trace: %q", h.told.Parent)
	}
}

// O11: a collector that is down, refuses or hangs costs no call anything, and what is lost is counted.
func TestO11Collector(t *testing.T) {
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hanging.Close() }()
	var refusals atomic.Int32
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refusals.Add(1)
		http.Error(w, "no", http.StatusBadRequest)
	}))
	defer refusing.Close()
	for name, endpoint := range map[string]string{"down": "http://127.0.0.1:1/v1/traces", "refusing": refusing.URL, "hanging": "http://" + hanging.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			patience := time.Minute
			if name == "hanging" {
				patience = 100 * time.Millisecond
			}
			tr, err := tracing.New(tracing.Options{Endpoint: endpoint, Sample: 100, Timeout: patience, Log: slog.New(slog.NewJSONHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			g := serving(t, tr, &host{})
			const calls = 3000
			for range calls {
				if w := call(g, "/accounts/1"); w.Code != 200 {
					t.Fatal(w.Code)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			if err := tr.Close(ctx); err != nil {
				t.Error(err)
			}
			if c := tr.Counts(); c.Exported != 0 || c.Failed+c.Dropped != calls {
				t.Errorf("%+v of %d", c, calls)
			}
			if strings.Count(log.String(), "cannot be posted") != 1 {
				t.Errorf("log: %s", log.String())
			}
			if tr.Export(&gateway.Trace{}); tr.Counts().Dropped == 0 {
				t.Error("a trace after the end is not counted")
			}
		})
	}
	if refusals.Load() == 0 {
		t.Error("nothing was posted")
	}
}

// A Close that runs out of time ends all the same.
func TestCloseGivesUp(t *testing.T) {
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hanging.Close() }()
	tr, err := tracing.New(tracing.Options{Endpoint: "http://" + hanging.Addr().String(), Sample: 100, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for range 20_000 {
		tr.Export(&gateway.Trace{ID: [16]byte{1}, Span: [8]byte{1}, Method: "GET"})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := tr.Close(ctx); err == nil {
		t.Error("traces are lost without a word")
	}
	if took := time.Since(start); took > 40*time.Second { // as many posts as that takes would be twice as long
		t.Errorf("took %s", took)
	}
}
