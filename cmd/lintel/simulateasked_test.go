// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lintel/specs"
	"lintel/transforms"
)

// TestSimulatedInquiry: a simulated host tells of the work that it did, and of work that it did not do or refused.
func TestSimulatedInquiry(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	a, findings := newAnswers(p, p.ws.Config.Backend("core"), &specs.Simulation{})
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	asks := p.asks()
	if len(asks) < 2 {
		t.Fatalf("the bank has %d inquiries", len(asks))
	}
	for _, asked := range asks {
		does := asked.of
		if does == nil {
			does = p.operations[slices.IndexFunc(p.operations, func(op *operation) bool { return op.spec.ID == asked.spec.ID })]
		} else {
			does = does.parts[asked.step]
		}
		c := askedFor(p.ws, asked.spec.ID)[0]
		for _, refused := range []bool{false, true} {
			a.state.works = works{}
			if tell(t, p, a, asked, c) {
				t.Errorf("%s: of nothing it is told that it was done", asked.name())
			}
			msg, err := requestMessage(p.ws, does, c)
			if err != nil {
				t.Fatal(err)
			}
			tests := a.cases // as one of them says
			a.cases = []*hostCase{{op: does, match: func(transforms.Message) bool { return true }, reply: replyOf(t, does, refused)}}
			a.react(msg)
			a.cases = tests
			if done := tell(t, p, a, asked, c); done == refused {
				t.Errorf("%s, refused %t: it is told that it was done: %t", asked.name(), refused, done)
			}
		}
	}
}

// TestSimulatedReversal: what a reversal has undone is not done any more; where an inquiry does not say what it is about,
// all was done.
func TestSimulatedReversal(t *testing.T) {
	ws := copyWorkspace(t, "../../examples/bank", nil)
	file := filepath.Join(ws, "transforms", "transfer.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	play := func(text string) (*plan, *answers, *operation, *specs.TestCase) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := mustCompile(t, ws, noEnv)
		a, findings := newAnswers(p, p.ws.Config.Backend("core"), &specs.Simulation{})
		if findings.HasErrors() {
			t.Fatal(findings)
		}
		op := p.operations[slices.IndexFunc(p.operations, func(op *operation) bool { return op.spec.ID == "transfer" })]
		return p, a, op, askedFor(p.ws, "transfer")[0]
	}
	p, a, op, c := play(string(src) + `reversal:
  request:
    record: copybooks/XFERINQ.cpy#XFQ-REQUEST
    fields: {RGN-PROGRAM: XFERREV, XFQ-FROM: =body.from, XFQ-REFERENCE: =body.reference, XFQ-EXCHANGE: =exchange.id}
  reply:
    record: copybooks/XFERINQ.cpy#XFQ-REPLY
    outcomes: [{when: =reply.rc != "done", status: 502, problem: {title: Not undone}, fate: in doubt}]
    status: 201
    body:
      id: =reply.id
      booked: =reply.booked
      valueDate: =reply.valueDate
      amount: =body.amount
      balance: {amount: =reply.balance, currency: =body.amount.currency}
`)
	send := func(op *operation) reaction {
		t.Helper()
		msg, err := requestMessage(p.ws, op, c)
		if err != nil {
			t.Fatal(err)
		}
		return a.react(msg)
	}
	tests := a.cases
	a.cases = []*hostCase{{op: op, match: func(transforms.Message) bool { return true }, reply: replyOf(t, op, false)}}
	send(op)
	a.cases = tests
	if !tell(t, p, a, op.inquiry, c) {
		t.Error("of what was done it is told that it was not")
	}
	if x := send(op.reversal); x.act != "" || op.reversal.transform.Refuses(x.reply) {
		t.Errorf("the reversal is not acknowledged: %s", x.how.source)
	}
	if tell(t, p, a, op.inquiry, c) {
		t.Error("of what is undone it is told that it was done")
	}
	unnamed := strings.Replace(string(src), "      XFQ-EXCHANGE: =exchange.id\n", "", 1)
	unnamed = strings.Replace(unnamed, "    echo: {exchange: =exchange.id}\n", "", 1)
	p, a, op, c = play(unnamed)
	if !tell(t, p, a, op.inquiry, c) {
		t.Error("of what has no name it is told that it was not done")
	}
}

// replyOf is a reply that leads to a success, or to a problem.
func replyOf(t *testing.T, op *operation, refused bool) transforms.Message {
	t.Helper()
	statuses := []int{0}
	if refused {
		statuses = []int{404, 409, 422}
	}
	for _, status := range statuses {
		if m, ok := exampleMessage(op, status, nil); ok {
			return m
		}
	}
	t.Fatalf("%s has no such reply, refused %t", op.name(), refused)
	return transforms.Message{}
}

// tell reports whether an inquiry proves that the work was done, else that it was not.
func tell(t *testing.T, p *plan, a *answers, asked *operation, c *specs.TestCase) bool {
	t.Helper()
	run := asked.transform.Start()
	defer run.Release()
	msg, err := requestOf(run, p.ws, asked, c)
	if err != nil {
		t.Fatal(err)
	}
	x := a.react(msg)
	if x.act != "" {
		t.Fatalf("%s: %s", asked.name(), x.how.source)
	}
	out, err := run.Reply(x.reply)
	if err != nil || out.InDoubt {
		t.Fatalf("%s is in doubt: %v, %s", asked.name(), err, x.how.source)
	}
	return !out.NotApplied
}

// TestSimulatedDoubt: a reply of a simulated host is lost; the gateway asks, and the host tells what it did.
func TestSimulatedDoubt(t *testing.T) {
	ws := copyWorkspace(t, "../../examples/bank", map[string]string{"timeout: 2s": "timeout: 4s"})
	file := filepath.Join(ws, "transforms", "transfer.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(ws, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("transforms/transfer.yaml", strings.Replace(string(text), "after: 35s", "after: 4100ms", 1))
	write("simulate.yaml", "operations: {transfer: {faults: [{fault: timeout}]}}\n")
	b := &bank{gatewayProcess: startGateway(t, ws, nil, "--simulate"), client: newBankClient(t)}
	lost := b.do(t, http.MethodPost, "/transfers", transferBody("0000004711", "0000004712", "250.00", "RENT-2024-03"))
	operation, _ := lost.body["operation"].(string)
	if lost.status != http.StatusGatewayTimeout || lost.body["outcome"] != "unknown" || operation == "" {
		t.Fatalf("%d %s", lost.status, lost.body)
	}
	var now answer
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		now = b.do(t, http.MethodGet, operation, "")
		if now.body["state"] == "completed" {
			return
		}
	}
	t.Errorf("the transfer is still in doubt: %d %s", now.status, now.body)
}
