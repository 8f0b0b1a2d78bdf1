// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"lintel/gateway"
)

// devTalk is what lintel dev prints: short lines for people in place of a log.
type devTalk struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
	// browse, if set, opens a page.
	browse func(ctx context.Context, url string) error
	// live is when the version that serves was read.
	live time.Time
}

// say prints one line.
func (t *devTalk) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprintf(t.w, format+"\n", args...)
}

// reloaded tells how a reload went. What is wrong with the files was printed before.
func (t *devTalk) reloaded(took time.Duration, operations int, refused *gateway.Refusal) {
	ms := float64(took.Microseconds()) / 1000
	if refused == nil {
		t.live = t.now()
		t.say("live      %s, %s, in %.1f ms", t.live.Format(time.TimeOnly), count(operations, "operation"), ms)
		return
	}
	why := refused.Error
	if refused.Findings.HasErrors() {
		why = errorCount(refused.Findings)
	}
	t.say("not live  %s: the version of %s keeps serving (%.1f ms)", why, t.live.Format(time.TimeOnly), ms)
}

// logging is the log of a gateway under development: one short line for each call and for what else matters.
func (t *devTalk) logging() logging {
	level := new(slog.LevelVar)
	return logging{slog.New(&talkHandler{talk: t, level: level}), nil, level}
}

// talkHandler turns records of the log into lines.
type talkHandler struct {
	talk  *devTalk
	level *slog.LevelVar
	attrs []slog.Attr
}

// Enabled implements slog.Handler.
func (h *talkHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

// WithAttrs implements slog.Handler.
func (h *talkHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := *h
	out.attrs = append(out.attrs[:len(out.attrs):len(out.attrs)], attrs...)
	return &out
}

// WithGroup implements slog.Handler; nobody makes groups.
func (h *talkHandler) WithGroup(string) slog.Handler { return h }

// Handle implements slog.Handler.
func (h *talkHandler) Handle(_ context.Context, r slog.Record) error {
	values := map[string]string{}
	var rest []string
	add := func(a slog.Attr) bool {
		values[a.Key] = a.Value.String()
		rest = append(rest, a.Key+"="+a.Value.String())
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	switch {
	case r.Message == "call":
		line := fmt.Sprintf("%-9s %s %s  %s ms", values["method"], values["route"], values["status"], values["ms"])
		if problem := values["problem"]; problem != "" {
			line += "  " + problem
		}
		h.talk.say("%s", line)
	case r.Message == "simulated host answered":
		h.talk.say("host      %s %s: %s", values["backend"], values["operation"], values["answer"])
	case r.Level >= slog.LevelWarn:
		h.talk.say("%-9s %s %s", strings.ToLower(r.Level.String()), r.Message, strings.Join(rest, " "))
	}
	return nil
}
