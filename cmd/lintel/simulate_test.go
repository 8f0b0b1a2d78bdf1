// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// TestSimulateUnknownRequest asks the simulated bank for things that no test has: it must answer
// with the declared "not found", or with a reply made from the layout.
func TestSimulateUnknownRequest(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	for _, op := range p.exchanges() {
		for _, status := range []int{404, 0} {
			run := op.transform.Start()
			msg, err := run.Request(firstInput(t, p, op))
			if err != nil {
				t.Fatalf("%s: %v", op.name(), err)
			}
			example, ok := op.transform.ExampleReply(status, belongs(op, msg.Body))
			if !ok {
				if status == 0 {
					t.Errorf("%s: no example of a success", op.name())
				}
				continue
			}
			reply, err := example.Type.Format.(transforms.Codec).EncodeJSON(nil, example.JSON)
			if err != nil {
				t.Errorf("%s: example for %d cannot be written: %v\n%s", op.spec.ID, status, err, example.JSON)
				continue
			}
			out, err := run.Reply(transforms.Message{Body: reply})
			if out.Invalid != nil {
				t.Errorf("%s: example for %d breaks the contract: %v", op.spec.ID, status, out.Invalid)
			}
			if err != nil || status != 0 && out.Status != status || status == 0 && out.Status >= 300 {
				t.Errorf("%s: example for %d leads to %d, %v", op.spec.ID, status, out.Status, err)
			}
			run.Release()
		}
	}
	h := simulated(t, p)
	if code, body := get(h, "/accounts/0000001111"); code != 404 || !strings.Contains(body, "Account not found") {
		t.Errorf("unknown account: %d %s", code, body)
	}
	if code, body := get(h, "/accounts/0000001111/transactions?limit=3"); code != 404 {
		t.Errorf("movements of an unknown account: %d %s", code, body)
	}
}

// firstInput is the request of the operation's first test.
func firstInput(t *testing.T, p *plan, op *operation) transforms.Input {
	t.Helper()
	for _, f := range p.ws.Tests {
		if f.Operation == op.spec.ID {
			in := caseInput(op, f.Cases[0])
			if op.of != nil {
				var err error
				if in.Steps, err = stepResults(p.ws, op, f.Cases[0]); err != nil {
					t.Fatal(err)
				}
			}
			return in
		}
	}
	t.Fatalf("%s has no tests", op.spec.ID)
	return transforms.Input{}
}

// TestSimulateHTTP serves the bank with its records as bodies of HTTP requests.
func TestSimulateHTTP(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	b := p.ws.Config.Backends[0]
	b.HTTP = &specs.HTTPConfig{URL: specs.Text{Value: "https://host.invalid/core"}, Method: "POST", MaxReply: 1 << 20, TLS: &specs.TLSConfig{}}
	b.TCP = nil
	h := simulated(t, p)
	if code, body := get(h, "/accounts/0000004711"); code != 200 || !strings.Contains(body, `"id":"0000004711"`) {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get(h, "/accounts/0000001111"); code != 404 {
		t.Errorf("unknown account: %d %s", code, body)
	}
}

// TestSimulateAMQP serves the bank with its records as messages in a queue.
func TestSimulateAMQP(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	b := p.ws.Config.Backends[0]
	b.AMQP = &specs.AMQPConfig{
		Address: specs.Text{Value: "host.invalid:5671"}, Queue: specs.Text{Value: "CORE.IN"}, Broker: "standard", Body: "data",
		MaxReply: 1 << 20, Connect: b.TCP.Connect, TLS: &specs.TLSConfig{}, SASL: specs.SASLConfig{Mechanism: "external"},
	}
	b.TCP = nil
	h := simulated(t, p)
	if code, body := get(h, "/accounts/0000004711"); code != 200 || !strings.Contains(body, `"id":"0000004711"`) {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get(h, "/accounts/0000001111"); code != 404 {
		t.Errorf("unknown account: %d %s", code, body)
	}
}
