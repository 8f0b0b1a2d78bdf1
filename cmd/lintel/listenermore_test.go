// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/amqptest"
)

// eventHook takes events and keeps what they say.
type eventHook struct {
	*httptest.Server
	mu   sync.Mutex
	ids  []string
	data []string
	// trace is the last traceparent.
	trace string
}

func newEventHook(t *testing.T) *eventHook {
	t.Helper()
	h := &eventHook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e struct {
			ID   string
			Data json.RawMessage
		}
		_ = json.Unmarshal(body, &e)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ids, h.data, h.trace = append(h.ids, e.ID), append(h.data, string(e.Data)), r.Header.Get("Traceparent")
	}))
	t.Cleanup(h.Close)
	return h
}

// distinct waits until so many different events came, and returns their ids in the order of their first coming.
func (h *eventHook) distinct(t *testing.T, n int) []string {
	t.Helper()
	for end := time.Now().Add(2 * patience); ; time.Sleep(10 * time.Millisecond) {
		h.mu.Lock()
		var out []string
		for _, id := range h.ids {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
		h.mu.Unlock()
		if len(out) >= n {
			return out
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d events came", len(out), n)
		}
	}
}

// TestListenerSOAP: an envelope that a host puts into a queue becomes an event; one that is none is put away.
func TestListenerSOAP(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/claims")); err != nil {
		t.Fatal(err)
	}
	hook := newEventHook(t)
	config, err := os.ReadFile(filepath.Join(dir, "lintel.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lintel.yaml": string(config) + "\nlisteners:\n  claimEvents:\n    amqp: {address: \"127.0.0.1:5672\", queue: CLAIMS}\n    codepage: utf-8\n    backout: CLAIMS.BACKOUT\n    webhook: {url: \"" + hook.URL + "\"}\n",
		"listeners/claimEvents.yaml": "listener: claimEvents\nmessage: {soap: wsdl/claims.wsdl#GetClaim}\nkey: =message.claim.claimID\n" +
			"event: {type: example.claim, subject: =message.claim.claimID, data: {id: =message.claim.claimID, status: =message.claim.status}}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := mustCompile(t, dir, noEnv)
	_, sims := simulatedWith(t, p)
	b, l := sims.queues["claimEvents"], listenerOf(t, p, "claimEvents")
	put := putter(t, b, "CLAIMS")
	put(adapters.Message{
		Body: hostMessage(t, l.read.Answer(""), `{"claim":{"version":3,"claimID":"C000047","status":"open","reported":"2026-01-02T03:04:05Z",`+
			`"claimant":{"$type":"Person","name":"Anna","born":"1980-02-29"},"vehicle":{"plate":"M-AB 12"},"remark":null,"tags":["glass"]}}`),
		Properties: map[string]any{"messageId": "soap-1"},
	})
	put(adapters.Message{Body: []byte("<not-soap/>"), Properties: map[string]any{"messageId": "soap-2"}})
	hook.distinct(t, 1)
	if diff := cmp.Diff(`{"id":"C000047","status":"open"}`, hook.data[0]); diff != "" {
		t.Error(diff)
	}
	if poison := taker(t, b, "CLAIMS.BACKOUT")(); string(poison.Body) != "<not-soap/>" {
		t.Errorf("poison %q", poison.Body)
	}
}

// listenThrough puts events of several orders while act does something to the listener, and wants all of them, in order
// for each order.
func listenThrough(t *testing.T, p *plan, hook *eventHook, put func(adapters.Message), act func(done int)) {
	t.Helper()
	const orders, each = 5, 30
	record := listenerOf(t, p, "orderEvents").read.Answer("")
	for n := range each {
		for o := range orders {
			put(adapters.Message{
				Body:       hostMessage(t, record, fmt.Sprintf(`{"order":"0000000%d","status":"open","weight":%d.125}`, o, n)),
				Properties: map[string]any{"messageId": fmt.Sprintf("%d-%03d", o, n)},
			})
		}
		act(n)
	}
	ids := hook.distinct(t, orders*each)
	last := map[string]string{}
	for _, id := range ids {
		order, number, _ := strings.Cut(id, "-")
		if number <= last[order] {
			t.Errorf("order %s: %s after %s", order, number, last[order])
		}
		last[order] = number
	}
}

// TestListenerReload: reloads in the middle lose nothing and keep the order of each key.
func TestListenerReload(t *testing.T) {
	hook := newEventHook(t)
	env := func(name string) (string, bool) { return hook.URL, name == "EVENTS_URL" }
	p := mustCompile(t, "../../examples/orders", env)
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}, log: log, on: true}
	t.Cleanup(sims.close)
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(p, backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	listenThrough(t, p, hook, putter(t, sims.queues["orderEvents"], "ORDERS.EVENTS"), func(n int) {
		if n%10 != 5 {
			return
		}
		again := mustCompile(t, "../../examples/orders", env)
		backends, err := sims.backends(again)
		if err == nil {
			err = h.put(again, backends)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestListenerRabbitMQ: a listener on a queue of a real broker: in order per key, poison to the backout queue, a broker
// that is killed twice and comes again, the trace that a message carries, lag and age as metrics.
func TestListenerRabbitMQ(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	b := amqptest.RabbitMQ(t)
	hook := newEventHook(t)
	r := brokerRig(b)
	r.edits[`amqp: {address: "${env:MQ_ADDRESS:-127.0.0.1:5672}", queue: "${env:EVENTS_QUEUE:-ORDERS.EVENTS}"}`] = fmt.Sprintf(
		"amqp: {address: %q, queue: %q, trace: true, sasl: {mechanism: plain, user: guest, password: \"${env:BROKER_PASSWORD}\"}}", b.Address, b.Kept(t, "EVENTS"))
	r.edits["backout: ${env:EVENTS_BACKOUT:-ORDERS.EVENTS.BACKOUT}"] = "backout: " + b.Kept(t, "EVENTS.BACKOUT") + "\n    pause: {first: 20ms, most: 200ms}"
	dir := r.workspace(t, nil)
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"EVENTS_URL": hook.URL, "BROKER_PASSWORD": b.Password}[name]
		return v, ok
	}
	p := mustCompile(t, dir, env)
	p.listeners = slices.DeleteFunc(p.listeners, func(l *listening) bool { return l.config.Name != "orderEvents" })
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	h, err := build(p, p.ws.Config.Backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	login := amqp.Options{Address: b.Address, Target: b.Kept(t, "EVENTS"), Datagram: true, Durable: true, SASL: amqp.Plain, User: b.User, Password: b.Password}
	a, err := amqp.New(login)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	put := func(m adapters.Message) {
		t.Helper()
		for end := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
			if _, err := a.Exchange(t.Context(), m); err == nil {
				return
			} else if time.Now().After(end) {
				t.Fatal(err)
			}
		}
	}
	listenThrough(t, p, hook, put, func(n int) {
		if n == 10 || n == 20 {
			b.Kill()
			b.Start()
		}
	})
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	record := listenerOf(t, p, "orderEvents").read.Answer("")
	put(adapters.Message{Body: hostMessage(t, record, `{"order":"00000009","status":"sent","weight":1}`), Properties: map[string]any{"messageId": "9-1", "application.traceparent": parent}})
	hook.distinct(t, 151)
	if hook.trace != parent {
		t.Errorf("the trace is %q", hook.trace)
	}
	put(adapters.Message{Body: []byte("short"), Properties: map[string]any{"messageId": "bad"}})
	login.Target, login.Datagram = b.Kept(t, "EVENTS.BACKOUT"), false
	s, err := amqp.NewSource(login)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	m, err := s.Receive(ctx)
	if err != nil || !bytes.Equal(m.Message.Body, []byte("short")) || m.Message.Properties["application.LintelListener"] != "orderEvents" {
		t.Fatalf("%+v, %v, of %+v", m, err, h.hearing.listeners()["orderEvents"].Stats())
	}
	if err := m.Settle(t.Context(), adapters.Done); err != nil {
		t.Fatal(err)
	}
	// What was put away is there before the message that it was is settled, and counted.
	stats := h.hearing.listeners()["orderEvents"].Stats()
	for end := time.Now().Add(patience); stats.Open != 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stats = h.hearing.listeners()["orderEvents"].Stats()
	}
	if stats.Results["done"] < 151 || stats.Results["backout"] != 1 || stats.Open != 0 {
		t.Errorf("%+v", stats)
	}
}
