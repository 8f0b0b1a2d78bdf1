// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
	"lintel/transforms"
)

// putter sends datagrams to a queue of a broker in memory.
func putter(t *testing.T, b *broker.Broker, queue string) func(adapters.Message) {
	t.Helper()
	a, err := amqp.New(amqp.Options{Address: b.Address(), Target: queue, Datagram: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return func(m adapters.Message) {
		t.Helper()
		if _, err := a.Exchange(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

// taker takes messages from a queue of a broker in memory.
func taker(t *testing.T, b *broker.Broker, queue string) func() adapters.Message {
	t.Helper()
	s, err := amqp.NewSource(amqp.Options{Address: b.Address(), Target: queue})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return func() adapters.Message {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		m, err := s.Receive(ctx)
		if err != nil {
			t.Fatalf("%s: %v", queue, err)
		}
		if err := m.Settle(ctx, adapters.Done); err != nil {
			t.Fatal(err)
		}
		return m.Message
	}
}

// hostMessage makes a message of a listener from JSON.
func hostMessage(t *testing.T, typ *transforms.MessageType, text string) []byte {
	t.Helper()
	raw, err := typ.Format.(transforms.Codec).EncodeJSON(nil, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestListenerEvents: messages of the orders example come out of a webhook as CloudEvents, each with its id, exact
// and in order; one that cannot be read goes to the backout queue.
func TestListenerEvents(t *testing.T) {
	type delivery struct {
		header http.Header
		body   []byte
	}
	got := make(chan delivery, 10)
	fail := true
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if fail { // the first attempt
			fail = false
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		got <- delivery{r.Header, body}
	}))
	defer hook.Close()
	p := mustCompile(t, "../../examples/orders", func(name string) (string, bool) { return hook.URL, name == "EVENTS_URL" })
	for _, l := range p.listeners {
		l.config.First = 10 * time.Millisecond
	}
	_, sims := simulatedWith(t, p)
	b := sims.queues["orderEvents"]
	put := putter(t, b, "ORDERS.EVENTS")
	record := listenerOf(t, p, "orderEvents").read.Answer("")
	for _, status := range []string{"open", "packed", "sent"} {
		put(adapters.Message{
			Body:       hostMessage(t, record, `{"order":"00004711","status":"`+status+`","weight":1.250}`),
			Properties: map[string]any{"messageId": "m-" + status},
		})
	}
	bad := hostMessage(t, record, `{"order":"00004711","status":"sent","weight":1}`)
	bad[8] = 0 // no status
	put(adapters.Message{Body: bad, Properties: map[string]any{"messageId": "m-bad"}})
	for _, status := range []string{"open", "packed", "sent"} {
		d := <-got
		var e map[string]json.RawMessage
		if err := json.Unmarshal(d.body, &e); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"specversion": `"1.0"`, "id": `"m-` + status + `"`, "source": `"/listeners/orderEvents"`, "type": `"example.order.changed"`,
			"subject": `"00004711"`, "datacontenttype": `"application/json"`, "data": `{"order":"00004711","status":"` + status + `","weight":1.250}`,
		}
		for name, v := range want {
			if string(e[name]) != v {
				t.Errorf("%s is %s, want %s", name, e[name], v)
			}
		}
		if d.header.Get("Webhook-Id") != "m-"+status || d.header.Get("Webhook-Signature") == "" {
			t.Errorf("headers %v", d.header)
		}
	}
	poison := taker(t, b, "ORDERS.EVENTS.BACKOUT")()
	if !bytes.Equal(poison.Body, bad) || poison.Properties["application.LintelListener"] != "orderEvents" {
		t.Errorf("poison %q, %v", poison.Body, poison.Properties)
	}
}

func listenerOf(t *testing.T, p *plan, name string) *listening {
	t.Helper()
	for _, l := range p.listeners {
		if l.config.Name == name {
			return l
		}
	}
	t.Fatalf("there is no listener %s", name)
	return nil
}

// TestListenerCalls: a program asks for an order through a queue, and gets what the API says as a record on its
// reply queue.
func TestListenerCalls(t *testing.T) {
	p := mustCompile(t, "../../examples/orders", noEnv)
	_, sims := simulatedWith(t, p)
	b := sims.queues["orderLookups"]
	l := listenerOf(t, p, "orderLookups")
	a, err := amqp.New(amqp.Options{Address: b.Address(), Target: "ORDERS.LOOKUPS"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for order, want := range map[string]string{
		"00004711": `{"status":200,"article":"BOX-12","quantity":3,"reason":""}`,
		"00009999": `{"status":404,"article":"","quantity":0,"reason":"Order not found"}`,
		"nonsense": `{"status":400,"article":"","quantity":0,"reason":"Request breaks the contract"}`,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		reply, err := a.Exchange(ctx, adapters.Message{Body: hostMessage(t, l.read.Answer(""), `{"order":"`+order+`"}`)})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.answer.Request.Format.(transforms.Codec).DecodeJSON(nil, reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(bytes.TrimSpace(got))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", order, diff)
		}
	}
}

// TestListenerShortMessage: a message that is shorter than its record is no such message, wherever it ends.
func TestListenerShortMessage(t *testing.T) {
	p := mustCompile(t, "../../examples/orders", noEnv)
	for _, l := range p.listeners {
		whole := hostMessage(t, l.read.Answer(""), map[string]string{
			"orderEvents": `{"order":"00004711","status":"open","weight":1.250}`, "orderLookups": `{"order":"00004711"}`,
		}[l.config.Name])
		if _, err := l.understand(&adapters.Received{Message: adapters.Message{Body: whole}}); err != nil {
			t.Errorf("%s: the whole message: %v", l.config.Name, err)
		}
		for n := range len(whole) {
			if s, err := l.understand(&adapters.Received{Message: adapters.Message{Body: whole[:n]}}); err == nil {
				t.Errorf("%s: %d bytes of %d are read as %s", l.config.Name, n, len(whole), s.body)
			}
		}
	}
}
