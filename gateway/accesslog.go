// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"lintel/specs"
	"lintel/transforms"
)

// logRecord holds the attributes of one line of the access log, so that a line allocates nothing.
type logRecord struct {
	attrs [16]slog.Attr
	n     int
}

func (l *logRecord) reset() {
	clear(l.attrs[:l.n])
	l.n = 0
}

func (l *logRecord) add(a slog.Attr) {
	l.attrs[l.n] = a
	l.n++
}

func (l *logRecord) text(key, value string) {
	if value != "" {
		l.add(slog.String(key, value))
	}
}

// write writes the line of a call. It has no value of a parameter, header or body: the route is
// the template of the contract.
func (l *logRecord) write(ctx context.Context, log *slog.Logger, c *call, elapsed time.Duration) {
	l.reset()
	l.add(slog.String("method", methodLabel(c.r.Method)))
	handler := log.Handler()
	if c.route != nil {
		handler = c.route.log
	} else if c.entry != nil {
		l.text("route", c.entry.template)
	}
	l.add(slog.Int("status", c.status))
	l.add(slog.Int("bytes", c.written))
	l.add(slog.Float64("ms", milliseconds(elapsed)))
	l.text("trace", c.trace)
	l.text("exchange", c.exchange)
	if c.fate != "" {
		l.add(slog.Float64("backendMs", milliseconds(c.took)))
		l.text("fate", c.fate)
		l.text("kind", c.hostKind)
	}
	l.text("client", c.caller)
	l.text("outcome", c.output.Outcome)
	l.text("problem", c.problem)
	l.text("cache", c.cached)
	// A group without a name is written as if its members stood alone, and unlike arguments it is
	// not copied.
	record := slog.NewRecord(c.start.Add(elapsed), slog.LevelInfo, "call", 0)
	record.AddAttrs(slog.Attr{Value: slog.GroupValue(l.attrs[:l.n]...)})
	_ = handler.Handle(ctx, record)
}

// routeLog puts what is the same in every line of a route into the handler.
func routeLog(h slog.Handler, op *specs.Operation, backend string) slog.Handler {
	return h.WithAttrs([]slog.Attr{
		slog.String("route", op.Path), slog.String("operation", op.ID), slog.String("backend", backend),
	})
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// logFault writes what went wrong, where the access log's line cannot say it: errors of callers
// need none.
func (c *call) logFault(ctx context.Context, log *slog.Logger) {
	var own *fault
	var denied *transforms.DeniedError
	undecided := errors.As(c.fault, &denied) && denied.Cause != nil // a rule that fails is a fault of the workspace
	if errors.As(c.fault, &own) || !undecided && c.stage == stageRequest && c.status < 500 {
		return
	}
	attrs := []slog.Attr{
		slog.String("trace", c.trace), slog.String("exchange", c.exchange), slog.String("problem", c.problem),
		slog.String("error", logText(c.fault)),
	}
	if c.route != nil {
		attrs = append(attrs, slog.String("operation", c.route.Operation.ID), slog.String("backend", c.route.BackendName))
	}
	level, message := slog.LevelWarn, "exchange failed"
	if undecided {
		message = "allow rule failed"
	}
	var p *panicked
	if errors.As(c.fault, &p) {
		level, message = slog.LevelError, "panic"
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	log.LogAttrs(ctx, level, message, attrs...)
}
