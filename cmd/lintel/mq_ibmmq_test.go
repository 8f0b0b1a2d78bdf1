// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
	"lintel/adapters/ibmmq"
	"lintel/adapters/ibmmq/mqitest"
	"lintel/specs"
	"lintel/transforms"
)

// standIn is the state of the queue manager that this process and the gateways of its tests share. The library maps it
// once in a process.
var standIn = sync.OnceValues(func() (string, error) { //nolint:gochecknoglobals // the library has it so
	dir, err := os.MkdirTemp("", "lintel-mqi-")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "state"), os.Setenv("MQI_STATE", filepath.Join(dir, "state"))
})

// allMQ makes every queue of the orders example one of IBM MQ.
func allMQ() map[string]string {
	const address = "\n      address: ${env:MQ_ADDRESS:-127.0.0.1:5672}"
	return map[string]string{
		"amqp:" + address + "\n      queue: ${env:ORDERS_QUEUE:-ORDERS.IN}\n      replyTo: ${env:ORDERS_REPLY:-dynamic}\n      sasl: {mechanism: \"${env:MQ_SASL:-anonymous}\"}"://
		"mq:\n      queue: ORDERS.IN\n      properties: true\n      wait: 100ms",
		"amqp:" + address + "\n      queue: ${env:SHIPPING_QUEUE:-SHIPPING.IN}\n      pattern: datagram\n      durable: true"://
		"mq:\n      queue: SHIPPING.IN\n      pattern: datagram\n      persistent: true\n      wait: 100ms",
		`amqp: {address: "${env:MQ_ADDRESS:-127.0.0.1:5672}", queue: "${env:EVENTS_QUEUE:-ORDERS.EVENTS}"}`:   `mq: {queue: ORDERS.EVENTS, wait: 50ms, properties: true}`,
		`amqp: {address: "${env:MQ_ADDRESS:-127.0.0.1:5672}", queue: "${env:LOOKUPS_QUEUE:-ORDERS.LOOKUPS}"}`: `mq: {queue: ORDERS.LOOKUPS, wait: 50ms}`,
		"queue: ${env:CICS_QUEUE:-SYSTEM.CICS.BRIDGE.QUEUE}":                                                  "queue: SYSTEM.CICS.BRIDGE.QUEUE\n      wait: 100ms",
		"queueManager: ${env:MQ_MANAGER:-QM1}\n      ":                                                        "",
	}
}

// withoutSubject are the lines of the example that only AMQP knows.
func withoutSubject() map[string]string {
	return map[string]string{"transforms/requestShipment.yaml": "subject"}
}

// standInRig starts the stand-in with the queues of the example.
func standInRig(t *testing.T) (queueRig, func(string)) {
	t.Helper()
	if _, err := standIn(); err != nil {
		t.Fatal(err)
	}
	control := mqitest.Connect(t, "control")
	tell := func(c string) { t.Helper(); mqitest.Tell(t, control, c) }
	tell("START; HEAL; DEFINE QMODEL(SYSTEM.DEFAULT.MODEL.QUEUE)")
	for _, q := range []string{"ORDERS.IN", "SHIPPING.IN", "SYSTEM.CICS.BRIDGE.QUEUE", "ORDERS.EVENTS", "ORDERS.EVENTS.BACKOUT", "ORDERS.LOOKUPS", "ORDERS.LOOKUPS.BACKOUT", "SYSTEM.DEAD.LETTER.QUEUE"} {
		tell("DEFINE QLOCAL(" + q + "); CLEAR QLOCAL(" + q + ")")
	}
	return queueRig{
		edits: allMQ(), orders: "ORDERS.IN", without: withoutSubject(),
		source: func(queue string) (adapters.Source, error) {
			return ibmmq.NewSource(ibmmq.Options{Queue: queue, Application: "control", Slice: 20 * time.Millisecond, Properties: true})
		},
		restart: func() { tell("STOP"); time.Sleep(200 * time.Millisecond); tell("START") },
	}, tell
}

// TestQueueLoadMQ kills the gateway and stops the queue manager under load.
func TestQueueLoadMQ(t *testing.T) {
	r, _ := standInRig(t)
	queueLoad(t, r)
}

// playHost answers a queue from the tests of the workspace.
func playHost(t *testing.T, p *plan, r queueRig, backend, queue string) {
	t.Helper()
	a, findings := newAnswers(p, p.ws.Config.Backend(backend), &specs.Simulation{})
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	s, err := r.source(queue)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for t.Context().Err() == nil {
			m, err := s.Receive(t.Context())
			if err != nil {
				continue
			}
			if answered := a.react(transforms.Message(m.Message)); answered.act == "" && m.ReplyTo != "" {
				_ = m.Forward(t.Context(), m.ReplyTo, adapters.Message{Body: answered.reply.Body, Properties: map[string]any{"correlationId": m.Correlation}})
			}
			_ = m.Settle(t.Context(), adapters.Done)
		}
	}()
	t.Cleanup(func() { _ = s.(io.Closer).Close(); <-done })
}

// TestGatewayOverMQ: the orders example in a process of its own, every queue one of IBM MQ: requests, the CICS bridge, a
// datagram, listeners with events and calls, poison, doctor, and a queue manager that stops.
func TestGatewayOverMQ(t *testing.T) {
	events := make(chan []byte, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		events <- body
	}))
	defer hook.Close()
	r, tell := standInRig(t)
	dir := r.workspace(t, nil)
	p := mustCompile(t, dir, noEnv)
	playHost(t, p, r, "orders", "ORDERS.IN")
	playHost(t, p, r, "cics", "SYSTEM.CICS.BRIDGE.QUEUE")
	g := startGateway(t, dir, []string{"EVENTS_URL=" + hook.URL})
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	call := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+g.api+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", fmt.Sprintf("over-mq-%d", time.Now().UnixNano()))
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		answer, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(answer)
	}
	for _, test := range []struct {
		method, path, body string
		status             int
		holds              string
	}{
		{"GET", "/orders/00004711", "", 200, `"price":29.70`},
		{"GET", "/orders/00009999", "", 404, "Order not found"},
		{"POST", "/orders", `{"customer":"000017","article":"BOX-12","quantity":3}`, 201, `"id":"00004712"`},
		{"PATCH", "/orders/00004711", `{"quantity":5}`, 200, `"price":49.50`},
		{"PATCH", "/orders/00000666", `{"quantity":5}`, 502, `"abend":"ASRA"`},
		{"POST", "/orders/00004711/shipments", `{"carrier":"DHL","urgent":true}`, 202, ""},
	} {
		if status, body := call(test.method, test.path, test.body); status != test.status || !strings.Contains(body, test.holds) {
			t.Errorf("%s %s: %d %s, want %d and %s", test.method, test.path, status, body, test.status, test.holds)
		}
	}
	shipped := mqReceive(t, r, "SHIPPING.IN")
	if pr := shipped.Message.Properties; pr["persistent"] != true || pr["ccsid"] != int64(1047) || pr["encoding"] != int64(785) || pr["messageType"] != int64(8) {
		t.Errorf("the datagram has %v", pr)
	}
	overMQListeners(t, p, r, events)
	overMQDoctor(t, dir)

	tell("STOP")
	if status, body := call("GET", "/orders/00004711", ""); status != 503 && status != 504 {
		t.Errorf("while the queue manager is down: %d %s", status, body)
	}
	tell("START")
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		if status, _ := call("GET", "/orders/00004711", ""); status == 200 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the gateway does not find the queue manager again")
		}
	}
}

// TestCrashAfterCompleteMQ kills the gateway when the journal has the reply, and the queue manager was not told: the reply
// comes again, is known and dropped, and not put away as something of nobody.
func TestCrashAfterCompleteMQ(t *testing.T) {
	r, tell := standInRig(t)
	for _, q := range []string{"ORDERS.REPLY", "ORDERS.STRANGE"} {
		tell("DEFINE QLOCAL(" + q + "); CLEAR QLOCAL(" + q + ")")
	}
	for before, after := range r.edits {
		r.edits[before] = strings.Replace(after, "queue: ORDERS.IN\n", "queue: ORDERS.IN\n      replyTo: ORDERS.REPLY\n      quarantine: ORDERS.STRANGE\n", 1)
	}
	dir := r.workspace(t, nil)
	host := startOrderHost(t, mustCompile(t, dir, noEnv), r)
	b := &bank{client: newBankClient(t)}
	const key = "mq-after-complete-0001"
	b.gatewayProcess = startGateway(t, dir, []string{crashAt + "=after-complete"})
	if a, err := b.tryKey("POST", "/orders", order("ONCE"), key); err == nil {
		t.Fatalf("the gateway did not die: %d %s", a.status, a.text)
	}
	_ = b.wait(t)
	control := mqitest.Connect(t, "control")
	b.waitFor(t, "the reply on its queue again", func() bool { return mqitest.Depth(t, control, "ORDERS.REPLY") == 1 })
	b.gatewayProcess = startGateway(t, dir, nil)
	if a, err := b.tryKey("POST", "/orders", order("ONCE"), key); err != nil || a.status != 201 || host.count("ONCE") != 1 {
		t.Errorf("%v: %d %s, booked %d times", err, a.status, a.text, host.count("ONCE"))
	}
	if a, err := b.tryKey("POST", "/orders", order("NEXT"), key+"-next"); err != nil || a.status != 201 {
		t.Errorf("%v: %d %s", err, a.status, a.text)
	}
	lateRepliesAre(t, b, "duplicate")
	b.waitFor(t, "the end of the unit of work", func() bool { return mqitest.Depth(t, control, "ORDERS.REPLY") == 0 })
	if n := mqitest.Depth(t, control, "ORDERS.STRANGE"); n != 0 {
		t.Errorf("%d in quarantine", n)
	}
}

// mqReceive takes one message.
func mqReceive(t *testing.T, r queueRig, queue string) *adapters.Received {
	t.Helper()
	s, err := r.source(queue)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.(io.Closer).Close() })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := s.Receive(ctx)
	if err != nil {
		t.Fatalf("%s: %v", queue, err)
	}
	if err := m.Settle(t.Context(), adapters.Done); err != nil {
		t.Fatal(err)
	}
	return m
}

// overMQListeners: events, poison and calls.
func overMQListeners(t *testing.T, p *plan, r queueRig, events chan []byte) {
	t.Helper()
	l := listenerOf(t, p, "orderEvents")
	a, err := ibmmq.New(ibmmq.Options{Queue: "ORDERS.EVENTS", Datagram: true, Application: "control", Properties: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	put := func(body []byte) {
		t.Helper()
		if _, err := a.Exchange(t.Context(), adapters.Message{Body: body, Properties: map[string]any{"application.Origin": "warehouse"}}); err != nil {
			t.Fatal(err)
		}
	}
	put(hostMessage(t, l.read.Answer(""), `{"order":"00004711","status":"packed","weight":1.250}`))
	put([]byte("short"))
	var e struct {
		Type string
		Data json.RawMessage
	}
	if err := json.Unmarshal(<-events, &e); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"order":"00004711","status":"packed","weight":1.250}`, string(e.Data)); diff != "" || e.Type != "example.order.changed" {
		t.Errorf("event %+v\n%s", e, diff)
	}
	poison := mqReceive(t, r, "ORDERS.EVENTS.BACKOUT")
	if pr := poison.Message.Properties; !bytes.Equal(poison.Message.Body, []byte("short")) || pr["application.LintelListener"] != "orderEvents" || pr["application.Origin"] != "warehouse" {
		t.Errorf("poison %q %v", poison.Message.Body, pr)
	}
	lookups := listenerOf(t, p, "orderLookups")
	ask, err := ibmmq.New(ibmmq.Options{Queue: "ORDERS.LOOKUPS", Application: "control"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ask.Close() }()
	reply, err := ask.Exchange(t.Context(), adapters.Message{Body: hostMessage(t, lookups.read.Answer(""), `{"order":"00004711"}`)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := lookups.answer.Request.Format.(transforms.Codec).DecodeJSON(nil, reply.Body)
	if err != nil || string(bytes.TrimSpace(got)) != `{"status":200,"article":"BOX-12","quantity":3,"reason":""}` || reply.Properties["messageType"] != int64(2) {
		t.Errorf("answer %s, %v, %v", got, reply.Properties, err)
	}
}

// overMQDoctor: every way is good, and a queue that is not there is told.
func overMQDoctor(t *testing.T, dir string) {
	t.Helper()
	code, steps := doctored(t, map[string]string{"EVENTS_URL": "http://127.0.0.1:1"}, dir)
	whole := []string{"queue manager", "authority", "queue", "reply queue", "round trip"}
	for name, want := range map[string][]string{"orders": whole, "cics": whole, "shipping": whole[:3], "orderEvents": whole[:3], "orderLookups": whole[:3]} {
		if diff := cmp.Diff(want, steps[name]); diff != "" {
			t.Errorf("doctor of %s (-want +got):\n%s", name, diff)
		}
	}
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// TestMQOptions: what a workspace says of a queue manager reaches the adapter; the code page is the CCSID.
func TestMQOptions(t *testing.T) {
	text := func(s string) specs.Text { return specs.Text{Value: s} }
	b := &specs.Backend{
		CodePage: text("cp500"), Concurrency: specs.ConcurrencyConfig{Max: 7},
		MQ: &specs.MQConfig{
			QueueManager: text("QM1"), Channel: text("C"), Connection: text("h(1)"), Queue: text("Q"), QueueOwner: text("QM2"), ReplyTo: text("R"),
			ReplyOwner: text("QM3"), Shared: true, Correlation: "correlationId", Syncpoint: true, Format: text("MQSTR"), Encoding: 785, Persistent: true,
			Identity: true, Properties: true, Trace: true, Putters: 3, MaxReply: 9, Wait: time.Second, Application: text("app"),
			TLS: &specs.MQTLSConfig{CipherSpec: text("ANY"), KeyRepository: text("key"), Password: text("kp"), Label: text("l"), Peer: text("CN=x")}, Login: specs.MQLogin{User: text("u"), Password: text("p")},
		},
	}
	want := ibmmq.Options{
		QueueManager: "QM1", Channel: "C", Connection: "h(1)", Queue: "Q", QueueOwner: "QM2", ReplyQueue: "R", ReplyOwner: "QM3", Shared: true,
		Correlation: ibmmq.CorrelationID, Syncpoint: true, Format: "MQSTR", CCSID: 500, Encoding: 785, Persistent: true, Identity: true, Properties: true, Trace: true,
		Putters: 3, Getters: 7, MaxReply: 9, Slice: time.Second, Application: "app", CipherSpec: "ANY", KeyRepository: "key", KeyPassword: "kp", Label: "l", Peer: "CN=x",
		User: "u", Password: "p",
	}
	if diff := cmp.Diff(want, mqOptions(b)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
