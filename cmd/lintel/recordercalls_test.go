// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"lintel/adapters"
	"lintel/transforms"
)

// recordOrders listens to three events of the orders example, one of them unreadable, and returns the recording.
func recordOrders(t *testing.T, dir string) string {
	t.Helper()
	hook := newEventHook(t)
	p := mustCompile(t, dir, func(name string) (string, bool) { return hook.URL, name == "EVENTS_URL" })
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}, log: log, on: true}
	defer sims.close()
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tape")
	tape, err := createTape(path, tapeTestKey())
	if err != nil {
		t.Fatal(err)
	}
	r := newRecorder(tape, 1<<20, log)
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir(), tape: r})
	if err != nil {
		t.Fatal(err)
	}
	put := putter(t, sims.queues["orderEvents"], "ORDERS.EVENTS")
	for i, status := range []string{"open", "packed"} {
		put(adapters.Message{
			Body:       hostMessage(t, listenerOf(t, p, "orderEvents").read.Answer(""), fmt.Sprintf(`{"order":"00000001","status":%q,"weight":1.125}`, status)),
			Properties: map[string]any{"messageId": fmt.Sprint("event-", i), "application.region": "north"},
		})
	}
	put(adapters.Message{Body: []byte("short"), Properties: map[string]any{"messageId": "event-2"}})
	hook.distinct(t, 2)
	if poison := taker(t, sims.queues["orderEvents"], "ORDERS.EVENTS.BACKOUT")(); string(poison.Body) != "short" {
		t.Errorf("poison %q", poison.Body)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// replayed compares a workspace with a recording and gives the report as text.
func replayed(t *testing.T, p *plan, path string) string {
	t.Helper()
	var out bytes.Buffer
	s := &shadow{plan: p, ops: exchangesByName(p), report: &shadowReport{Recording: path, Against: "workspace"}}
	if err := readTape(path, tapeTestKey(), func(n int, x *taped) error { return s.exchange(t.Context(), n, x, s.workspace) }); err != nil {
		t.Fatal(err)
	}
	s.rest()
	_ = s.report.print(&program{stdout: &out, stderr: io.Discard, output: "text"})
	return out.String()
}

// TestRecordListener: messages of listeners are kept, compared with what a workspace makes of them, and put into a queue again.
func TestRecordListener(t *testing.T) {
	path := recordOrders(t, "../../examples/orders")
	p := mustCompile(t, "../../examples/orders", noEnv)
	if got := replayed(t, p, path); got != "3 exchanges: 3 the same, 0 different\n" {
		t.Errorf("the same workspace:\n%s", got)
	}
	dir := copyWorkspace(t, "../../examples/orders", nil)
	edit(t, dir, "listeners/orderEvents.yaml", "type: example.order.changed", "type: example.order.new")
	edit(t, dir, "listeners/orderEvents.yaml", "status: =message.status", "status: =upper(message.status)")
	got := replayed(t, mustCompile(t, dir, noEnv), path)
	for _, want := range []string{
		"listener orderEvents\n", "message type: recorded example.order.changed, now example.order.new",
		`message /status: recorded "open", now "OPEN"`, "3 exchanges: 1 the same, 2 different\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}

	// The messages go to a listener again, as they were.
	hook := newEventHook(t)
	p = mustCompile(t, "../../examples/orders", func(name string) (string, bool) { return hook.URL, name == "EVENTS_URL" })
	_, sims := simulatedWith(t, p)
	played := &tapedReplies{ops: exchangesByName(p), flows: map[*operation]transforms.Flow{}, replies: map[string][]*taped{}}
	if err := readTape(path, tapeTestKey(), func(_ int, x *taped) error { return played.add(x) }); err != nil {
		t.Fatal(err)
	}
	if err := played.put(t.Context(), sims, p, 1000); err != nil {
		t.Fatal(err)
	}
	ids := hook.distinct(t, 2)
	if fmt.Sprint(ids) != "[event-0 event-1]" {
		t.Errorf("ids %v", ids)
	}
	if poison := taker(t, sims.queues["orderEvents"], "ORDERS.EVENTS.BACKOUT")(); string(poison.Body) != "short" {
		t.Errorf("poison %q", poison.Body)
	}
}

// TestRecordListenerMasked: nothing of a sensitive field is kept, and what cannot be read is not kept at all.
func TestRecordListenerMasked(t *testing.T) {
	dir := copyWorkspace(t, "../../examples/orders", nil)
	edit(t, dir, "records.yaml", "EVT-CHANGED:", "EVT-ORDER: {sensitive: true}\nEVT-CHANGED:")
	path := recordOrders(t, dir)
	n := 0
	err := readTape(path, tapeTestKey(), func(_ int, x *taped) error {
		n++
		if x.Listener != "orderEvents" || x.Request.Masked != 1 || x.Said.Attributes != nil || len(x.Request.Properties) != 0 && x.Request.Properties["application.region"].Text != nil {
			t.Errorf("%+v %+v", x, x.Request)
		}
		if body := string(x.Said.Body); strings.Contains(body, "00000001") || !strings.Contains(body, `"status":`) {
			t.Errorf("body %s", body)
		}
		return nil
	})
	if n != 2 || err != nil {
		t.Errorf("%d messages, %v", n, err)
	}
}

// TestGatherBounded: a recording with steps whose calls never come is not held in memory for ever.
func TestGatherBounded(t *testing.T) {
	s := &shadow{plan: &plan{}, ops: map[string]*operation{}, report: &shadowReport{Against: "workspace"}}
	each := func(*taped, *operation, *shadowed) error { return nil }
	for n := range maxGathered + 5 {
		x := &taped{Operation: "pay", Part: "debit", Exchange: fmt.Sprint(n), Request: &tapedMessage{}}
		if err := s.exchange(context.Background(), n, x, each); err != nil {
			t.Fatal(err)
		}
	}
	s.rest()
	if got := s.report.Skipped; got[errGathered.Error()] != 5 || got["the call that it belongs to was not kept"] != maxGathered {
		t.Errorf("%v", got)
	}
}
