// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"lintel/gateway"
)

// Defaults and fixed limits of a Tracer.
const (
	defaultTimeout = 5 * time.Second
	// queue is how many traces wait to become spans, spans how many spans wait to be posted.
	queue = 1024
	spans = 4096
	batch = 512
	// lastWord bounds the end when nothing can be posted any more.
	lastWord = 30 * time.Second
	// quietFor is how long no further failure is logged after one was.
	quietFor = time.Minute
)

// Options of a Tracer.
type Options struct {
	// Endpoint is the URL that spans are posted to, its path included.
	Endpoint string
	// Sample is the percentage of traces that are kept, of those that begin here.
	Sample int
	// Timeout bounds one post; default 5 s.
	Timeout time.Duration
	// Service and Version name the sender.
	Service, Version string
	// Headers are sent with every post.
	Headers map[string]string
	// Log learns of failures, at most once a minute; nil means nobody does.
	Log *slog.Logger
}

// Tracer implements gateway.Tracer. It is safe for concurrent use.
type Tracer struct {
	threshold uint64
	in        chan gateway.Trace
	provider  *sdktrace.TracerProvider
	tracer    trace.Tracer
	log       *slog.Logger
	done      chan struct{}
	// giveUp ends posts that are under way, and lets none begin.
	ctx    context.Context
	giveUp context.CancelFunc

	mu     sync.RWMutex // of closed: nothing is sent to a closed queue
	closed bool

	exported, dropped, failed atomic.Uint64
	loggedAt                  atomic.Int64
}

var _ gateway.Tracer = (*Tracer)(nil)

// New makes a Tracer. Nothing is sent before the first trace. Close must be called at the end.
func New(o Options) (*Tracer, error) {
	if o.Sample < 0 || o.Sample > 100 {
		return nil, fmt.Errorf("sample is %d%%", o.Sample)
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	client, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(o.Endpoint), otlptracehttp.WithTimeout(o.Timeout),
		otlptracehttp.WithHeaders(o.Headers), otlptracehttp.WithCompression(otlptracehttp.GzipCompression),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}), otlptracehttp.WithProxy(nil))
	if err != nil {
		return nil, fmt.Errorf("exporter of traces: %w", err)
	}
	t := &Tracer{in: make(chan gateway.Trace, queue), log: o.Log, done: make(chan struct{})}
	t.ctx, t.giveUp = context.WithCancel(context.Background())
	t.threshold = threshold(o.Sample)
	t.provider = sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&exporter{client, t}, sdktrace.WithMaxQueueSize(spans), sdktrace.WithMaxExportBatchSize(batch),
			sdktrace.WithExportTimeout(2*o.Timeout), sdktrace.WithBatchTimeout(time.Second), sdktrace.WithBlocking()),
		sdktrace.WithSampler(sdktrace.AlwaysSample()), // the gateway has decided
		sdktrace.WithIDGenerator(given{}),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", o.Service), attribute.String("service.version", o.Version))),
		sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{AttributeValueLengthLimit: 1024, AttributeCountLimit: 32, EventCountLimit: 0, LinkCountLimit: 0}),
	)
	t.tracer = t.provider.Tracer("lintel")
	go t.run()
	return t, nil
}

// threshold turns a percentage into the bound below which the last 7 bytes of an id are kept.
func threshold(percent int) uint64 { return (1 << 56) / 100 * uint64(percent) }

// Sample keeps the same traces in every process: by the random part of their id (W3C Trace Context
// level 2), so that the traces that cross several gateways are whole.
func (t *Tracer) Sample(id [16]byte) bool {
	const all = (1 << 56) / 100 * 100
	return t.threshold >= all || binary.BigEndian.Uint64(id[8:])&(1<<56-1) < t.threshold
}

// Export takes a trace, or drops it when too many wait.
func (t *Tracer) Export(one *gateway.Trace) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.closed {
		select {
		case t.in <- *one:
			return
		default:
		}
	}
	t.dropped.Add(1)
}

// Counts tells what became of the traces. Exported and Failed count those whose last span was posted.
func (t *Tracer) Counts() gateway.TraceCounts {
	return gateway.TraceCounts{Exported: t.exported.Load(), Dropped: t.dropped.Load(), Failed: t.failed.Load()}
}

// Close posts what is pending, for as long as ctx allows.
func (t *Tracer) Close(ctx context.Context) error {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	if first {
		close(t.in)
	}
	t.mu.Unlock()
	defer t.giveUp()
	stop := context.AfterFunc(ctx, t.giveUp) // whatever waits for a collector ends then
	defer stop()
	<-t.done
	// Not with ctx: the provider does not end at all when that is over already.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
	defer cancel()
	if err := t.provider.Shutdown(last); err != nil {
		return fmt.Errorf("traces are left: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("traces are left: %w", err)
	}
	return nil
}

func (t *Tracer) run() {
	defer close(t.done)
	for one := range t.in {
		t.spans(&one)
	}
}

// trouble logs a failure, unless one was logged a moment ago.
func (t *Tracer) trouble(err error) {
	now := time.Now().Unix()
	last := t.loggedAt.Load()
	if now-last >= int64(quietFor/time.Second) && t.loggedAt.CompareAndSwap(last, now) {
		t.log.Warn("traces cannot be posted", "error", err.Error())
	}
}

// exporter counts what the client does, and keeps its errors from the SDK, which would print them by
// a handler that is the same for the whole process.
type exporter struct {
	sdktrace.SpanExporter
	t *Tracer
}

// ExportSpans implements sdktrace.SpanExporter.
func (e *exporter) ExportSpans(ctx context.Context, list []sdktrace.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(e.t.ctx, cancel)
	defer stop()
	err := e.t.ctx.Err()
	if err == nil {
		err = e.SpanExporter.ExportSpans(ctx, list)
	}
	var calls uint64
	for _, s := range list {
		if s.SpanKind() == trace.SpanKindServer {
			calls++
		}
	}
	if err != nil {
		e.t.failed.Add(calls)
		e.t.trouble(err)
		return nil
	}
	e.t.exported.Add(calls)
	return nil
}
