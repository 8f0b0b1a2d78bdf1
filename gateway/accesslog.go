// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"lintel/specs"
	"lintel/transforms"
)

// accessFields calls add for every field of the line of a call that is not the same in all lines of its
// route, in their order. It has no value of a parameter, header or body: the route is the template of
// the contract.
func (c *call) accessFields(l accessLine, elapsed time.Duration) {
	l.text("method", methodLabel(c.r.Method))
	if c.route == nil && c.entry != nil {
		l.text("route", c.entry.template)
	}
	l.number("status", c.status)
	l.number("bytes", c.written)
	l.millis("ms", elapsed)
	l.text("trace", c.trace)
	l.text("exchange", c.exchange)
	if c.fate != "" {
		l.millis("backendMs", c.took)
		l.text("fate", c.fate)
		l.text("kind", c.hostKind)
	}
	l.text("client", c.caller)
	l.text("outcome", c.output.Outcome)
	l.text("problem", c.problem)
	l.text("steps", c.stepFates)
	l.text("partial", c.partial)
	l.text("fallback", c.fallback)
	l.text("cache", c.cached)
}

// accessLine takes the fields of a line. A text that is empty says nothing and is left out.
type accessLine interface {
	text(key, value string)
	number(key string, value int)
	millis(key string, value time.Duration)
}

// attrLine is a line for a handler of the log.
type attrLine []slog.Attr

func (l *attrLine) text(key, value string) {
	if value != "" {
		*l = append(*l, slog.String(key, value))
	}
}

func (l *attrLine) number(key string, value int) { *l = append(*l, slog.Int(key, value)) }

func (l *attrLine) millis(key string, value time.Duration) {
	*l = append(*l, slog.Float64(key, milliseconds(value)))
}

// jsonLine is a line as slog's JSON handler writes it.
type jsonLine []byte

func (l *jsonLine) text(key, value string) {
	if value != "" {
		*l = appendQuoted(appendKey(append(*l, ','), key), value)
	}
}

func (l *jsonLine) number(key string, value int) {
	*l = strconv.AppendInt(appendKey(append(*l, ','), key), int64(value), 10)
}

func (l *jsonLine) millis(key string, value time.Duration) {
	*l = appendMillis(appendKey(append(*l, ','), key), value)
}

// logCall writes the line of a call: straight to the writer of the log if there is one, since every call
// has a line and a handler takes four times as long for it; else by the handler.
func (c *call) logCall(ctx context.Context, elapsed time.Duration) {
	end := c.start.Add(elapsed)
	if w := c.g.options.LogWriter; w != nil {
		b := append(end.AppendFormat(append(c.line[:0], `{"time":"`...), time.RFC3339Nano), `","level":"INFO","msg":"call"`...)
		if c.route != nil {
			b = append(b, c.route.line...)
		}
		c.line = b
		c.accessFields(&c.line, elapsed)
		c.line = append(c.line, '}', '\n')
		_, _ = w.Write(c.line) // it never fails
		return
	}
	var attrs attrLine
	if c.route != nil {
		attrs = append(attrs, c.route.attrs...)
	}
	c.accessFields(&attrs, elapsed)
	record := slog.NewRecord(end, slog.LevelInfo, "call", 0)
	record.AddAttrs(attrs...)
	_ = c.g.options.Log.Handler().Handle(ctx, record)
}

// routeFields are the fields that are the same in every line of a route.
func routeFields(op *specs.Operation, backend string) (attrs attrLine, line jsonLine) {
	for _, l := range []accessLine{&attrs, &line} {
		l.text("route", op.Path)
		l.text("operation", op.ID)
		l.text("backend", backend)
	}
	return attrs, line
}

// appendMillis writes a time in milliseconds with the decimals that it has, at most three.
func appendMillis(b []byte, d time.Duration) []byte {
	if d < 0 { // of a clock that was set
		return strconv.AppendFloat(b, milliseconds(d), 'f', -1, 64)
	}
	micros := int64(d.Round(time.Microsecond) / time.Microsecond)
	b = strconv.AppendInt(b, micros/1000, 10)
	rest := micros % 1000
	if rest == 0 {
		return b
	}
	b = append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
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
