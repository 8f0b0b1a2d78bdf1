// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
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
	if code, body := get(h, "/accounts/0000000000"); code != 404 || !strings.Contains(body, "Account not found") {
		t.Errorf("the account that the ping asks for: %d %s", code, body)
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
	b.HTTP = &specs.HTTPConfig{URLs: []specs.Text{{Value: "https://host.invalid/core"}}, Method: "POST", MaxReply: 1 << 20, TLS: &specs.TLSConfig{}}
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
		Addresses: []specs.Text{{Value: "host.invalid:5671"}}, Queue: specs.Text{Value: "CORE.IN"}, Broker: "standard", Body: "data",
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

// TestSimulationLeavesNothing: not even a simulation that is killed leaves files.
func TestSimulationLeavesNothing(t *testing.T) {
	temp, ws := t.TempDir(), copyWorkspace(t, "../../examples/bank", nil)
	before := look(ws)
	g := startGateway(t, ws, []string{"TMPDIR=" + temp, "TMP=" + temp}, "--simulate")
	b := &bank{gatewayProcess: g, client: newBankClient(t)}
	if a := b.do(t, "POST", "/transfers", `{"from":"0000004711","to":"0000004712","amount":{"amount":250.00,"currency":"EUR"},"reference":"RENT-2024-03"}`); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if err := g.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = g.wait(t)
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("it left %v %v", left, err)
	}
	if look(ws) != before {
		t.Error("the workspace was changed")
	}
}

// TestSimulateGenerated asks for data made from the layouts: it must keep to the contract for every seed, and be the
// same for the same question.
func TestSimulateGenerated(t *testing.T) {
	for _, ws := range []string{"bank", "claims", "orders"} {
		p := mustCompile(t, "../../examples/"+ws, noEnv)
		for _, op := range p.exchanges() {
			run := op.transform.Start()
			msg, err := run.Request(firstInput(t, p, op))
			if err != nil {
				t.Fatalf("%s: %v", op.name(), err)
			}
			request := belongs(op, msg.Body)
			_, plain := op.transform.ExampleReply(0, request)
			if _, can := exampleMessage(op, 0, request); plain && !can {
				t.Logf("%s: the schema asks for texts that are not generated", op.name())
				run.Release()
				continue
			}
			made := map[string]bool{}
			for seed := range 50 {
				example, ok := op.transform.RandomReply(0, request, dataFor(seed, msg.Body))
				if !ok {
					if _, plain := op.transform.ExampleReply(0, request); plain {
						t.Errorf("%s, seed %d: nothing is generated", op.name(), seed)
					}
					break
				}
				reply, err := example.Type.Format.(transforms.Codec).EncodeJSON(nil, example.JSON)
				if err != nil {
					t.Fatalf("%s, seed %d: it cannot be written: %v\n%s", op.name(), seed, err, example.JSON)
				}
				again, _ := op.transform.RandomReply(0, request, dataFor(seed, msg.Body))
				if string(again.JSON) != string(example.JSON) {
					t.Fatalf("%s, seed %d: the same question has two answers", op.name(), seed)
				}
				run := op.transform.Start()
				if _, err := run.Request(firstInput(t, p, op)); err != nil {
					t.Fatal(err)
				}
				out, err := run.Reply(transforms.Message{Body: reply, Properties: map[string]any{"status": int64(200)}})
				run.Release()
				if err != nil || out.Invalid != nil || out.Status >= 300 {
					t.Fatalf("%s, seed %d: %d %v %v\n%s", op.name(), seed, out.Status, err, out.Invalid, example.JSON)
				}
				made[string(reply)] = true
			}
			if len(made) == 1 {
				t.Logf("%s: all seeds give the same", op.name())
			}
			run.Release()
		}
	}
}

// TestReferenceSimulate checks the example of docs/reference/simulate.md in the bank's workspace, and serves it.
func TestReferenceSimulate(t *testing.T) {
	_, page, ok := strings.Cut(readDoc(t, "../../docs/reference/simulate.md"), "## simulate.yaml\n")
	_, block, _ := strings.Cut(page, "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	ws := copyWorkspace(t, "../../examples/bank", nil)
	if err := os.WriteFile(filepath.Join(ws, "simulate.yaml"), []byte(block), 0o600); err != nil || !ok {
		t.Fatal(err)
	}
	p := mustCompile(t, ws, noEnv)
	if findings := checkTests(p); len(findings) > 0 {
		t.Fatal(findings)
	}
	h := simulated(t, p)
	if code, body := send(h, "POST", "/transfers", `{"from":"0000004711","to":"0000004712","amount":{"amount":1000.00,"currency":"EUR"},"reference":"R1"}`); code != 201 || !strings.Contains(body, `"amount":250.75`) {
		t.Errorf("%d %s", code, body)
	}
}
