// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/specs"
)

// TestMQInAMQP: what IBM MQ has beside the bytes goes through a simulated queue and comes back.
func TestMQInAMQP(t *testing.T) {
	in := map[string]any{
		"format": "MQCICS", "ccsid": int64(1047), "encoding": int64(785), "priority": int64(7), "persistent": true, "report": int64(64),
		"correlationId": []byte("id"), "feedback": int64(305), "application.Region": "EU",
	}
	got := mqFromAMQP(mqToAMQP(in))
	for name, v := range in {
		if diff := cmp.Diff(v, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, p := range specs.WireProperties("mq") {
		if _, there := got[p.Name]; p.Always && !there {
			t.Errorf("%s is missing", p.Name)
		}
	}
}

// TestMQListenerSimulated: a listener of a queue of IBM MQ works without a queue manager: properties are those of MQ, and
// what nobody can read is put away with them.
func TestMQListenerSimulated(t *testing.T) {
	dir := copyWorkspace(t, "../../examples/orders", map[string]string{
		`amqp: {address: "${env:MQ_ADDRESS:-127.0.0.1:5672}", queue: "${env:LOOKUPS_QUEUE:-ORDERS.LOOKUPS}"}`: "mq: {queueManager: QM1, queue: ORDERS.LOOKUPS, properties: true}",
	})
	p := mustCompile(t, dir, noEnv)
	_, sims := simulatedWith(t, p)
	b, l := sims.queues["orderLookups"], listenerOf(t, p, "orderLookups")
	if l.config.Simulated != "mq" {
		t.Fatalf("simulated %q", l.config.Simulated)
	}
	a, err := amqp.New(amqp.Options{Address: b.Address(), Target: "ORDERS.LOOKUPS"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	reply, err := a.Exchange(t.Context(), adapters.Message{Body: hostMessage(t, l.read.Answer(""), `{"order":"00004711"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if len(reply.Body) == 0 {
		t.Error("an empty answer")
	}
	putter(t, b, "ORDERS.LOOKUPS")(adapters.Message{Body: []byte("short"), Properties: map[string]any{"application.mqmd.format": "LOOKUP"}})
	poison := taker(t, b, "ORDERS.LOOKUPS.BACKOUT")()
	if !bytes.Equal(poison.Body, []byte("short")) || poison.Properties["application.mqmd.format"] != "LOOKUP" {
		t.Errorf("poison %q %v", poison.Body, poison.Properties)
	}
}

// TestWithoutMQ: a binary that was built without IBM's client says so, where, and what helps.
func TestWithoutMQ(t *testing.T) {
	if hasMQ {
		t.Skip("this binary has IBM MQ")
	}
	dir := copyWorkspace(t, "../../examples/orders", nil)
	var out, talk bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", dir}, &out, &talk); code != exitLoad {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"lintel.yaml:18:7", "without IBM's client library", "make build-ibmmq"} {
		if !strings.Contains(talk.String(), want) {
			t.Errorf("%q is not in %s", want, talk.String())
		}
	}
	_, steps := doctored(t, nil, "--backend", "cics", dir)
	if diff := cmp.Diff([]string{"client!"}, steps["cics"]); diff != "" {
		t.Error(diff)
	}
}
