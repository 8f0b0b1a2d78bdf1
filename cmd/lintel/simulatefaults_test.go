// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"lintel/specs"
)

// TestFaultRates: a rate is met over many messages, and the same seed decides the same.
func TestFaultRates(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	core := p.ws.Config.Backend("core")
	hits := func(seed int) (out []bool) {
		sim := &specs.Simulation{Seed: seed, Faults: []*specs.Fault{{Kind: "timeout", Rate: 30, Over: time.Second}}}
		a, findings := newAnswers(p, core, sim)
		if findings.HasErrors() {
			t.Fatal(findings)
		}
		msg := a.cases[0].reply // no message of an operation: nothing happens to it
		if x := a.react(msg); x.act != "disconnect" {
			t.Errorf("%+v", x)
		}
		test := a.cases[slices.IndexFunc(a.cases, func(c *hostCase) bool { return c.op.spec.ID == "getAccount" })]
		i := slices.IndexFunc(p.ws.Tests, func(f *specs.TestFile) bool { return f.Operation == "getAccount" })
		request, err := requestMessage(p.ws, test.op, p.ws.Tests[i].Cases[0])
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			out = append(out, a.react(request).act == "timeout")
		}
		return out
	}
	count := func(list []bool) (n int) {
		for _, hit := range list {
			if hit {
				n++
			}
		}
		return n
	}
	first, again, other := hits(1), hits(1), hits(2)
	if n := count(first); n < 250 || n > 350 {
		t.Errorf("%d of 1000 with a rate of 30%%", n)
	}
	for i := range first {
		if first[i] != again[i] {
			t.Fatal("the same seed decides otherwise")
		}
	}
	same := 0
	for i := range first {
		if first[i] == other[i] {
			same++
		}
	}
	if same == len(first) {
		t.Error("another seed decides the same")
	}
}

// TestLatency: what is chosen lies in the range.
func TestLatency(t *testing.T) {
	l := newLuck(3)
	r := specs.Latency{From: 5 * time.Millisecond, To: 8 * time.Millisecond}
	for range 1000 {
		if d := l.between(r); d < r.From || d > r.To {
			t.Fatal(d)
		}
	}
	if d := l.between(specs.Latency{From: time.Second, To: time.Second}); d != time.Second {
		t.Error(d)
	}
}

// TestDrip: all of a reply comes, in pieces, and a write that fails ends it.
func TestDrip(t *testing.T) {
	for _, size := range []int{1, 7, 200, 201, 10_000} {
		var got bytes.Buffer
		pieces := 0
		in := bytes.Repeat([]byte{7}, size)
		err := drip(t.Context(), in, time.Millisecond, func(b []byte) error {
			pieces++
			got.Write(b)
			return nil
		})
		if err != nil || !bytes.Equal(got.Bytes(), in) || pieces > 200 || pieces < min(size, 100) {
			t.Errorf("%d bytes: %d in %d pieces, %v", size, got.Len(), pieces, err)
		}
	}
	broken := errors.New("broken")
	if err := drip(t.Context(), []byte("ab"), 0, func([]byte) error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if b := junk([]byte("1234567")); len(b) != 7 || b[0] != 0xFF {
		t.Errorf("%x", b)
	}
}

// TestStateOverReload: rows go on over a reload that leaves the tables as they are, and begin again when they are changed.
func TestStateOverReload(t *testing.T) {
	table := func(balance string) *specs.Simulation {
		doc, findings := specs.ParseYAML("simulate.yaml", []byte(`{"1": {balance: `+balance+`}}`))
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		return &specs.Simulation{Tables: []*specs.RowTable{{Name: specs.Text{Value: "a"}, Rows: doc}}}
	}
	var s hostState
	s.begin(table("1.50"))
	if err := s.put("a", "1", []byte(`{"balance":7}`)); err != nil {
		t.Fatal(err)
	}
	s.begin(table("1.50"))
	if got := string(s.tables["a"]["1"]); got != `{"balance":7}` {
		t.Errorf("the same tables: %s", got)
	}
	s.begin(table("2.50"))
	if got := string(s.tables["a"]["1"]); got != `{"balance":2.50}` {
		t.Errorf("other tables: %s", got)
	}
	if err := s.put("gone", "1", []byte("{}")); err != nil { // of a version before a reload
		t.Error(err)
	}
	for i := range maxRows - 1 {
		s.tables["a"][fmt.Sprintf("row %d", i)] = nil
	}
	if err := s.put("a", "new", nil); err == nil {
		t.Error("a table has no bound")
	}
	if err := s.put("a", "1", nil); err != nil {
		t.Error(err)
	}
}
