// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"lintel/adapters/amqp/broker"
	"lintel/adapters/tcp"
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
	synctest.Test(t, func(t *testing.T) { // as long as it shall take, also where the machine or the reader is slow
		begin := time.Now()
		if err := drip(t.Context(), make([]byte, 100), time.Second, func([]byte) error { time.Sleep(10 * time.Millisecond); return nil }); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 1010*time.Millisecond {
			t.Errorf("dripped for %s", took)
		}
	})
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

// tight is a listener that cannot take the first connection, as when too many files are open.
type tight struct {
	net.Listener
	failed atomic.Bool
}

func (l *tight) Accept() (net.Conn, error) {
	if !l.failed.Swap(true) {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

// TestSimulatedHostGoesOn: a simulated host that could not take a connection takes the next.
func TestSimulatedHostGoesOn(t *testing.T) {
	for name, serve := range map[string]func(l net.Listener){
		"tcp": func(l net.Listener) {
			h := newSimulatedHost(t.Context(), &specs.Backend{}, nil, slog.New(slog.DiscardHandler))
			h.listener, h.frame = l, &tcp.Frame{Bytes: 4}
			h.done.Go(h.accept)
			t.Cleanup(func() { _ = h.Close() })
		},
		"amqp": func(l net.Listener) {
			b := broker.Serve(l, broker.Options{})
			t.Cleanup(func() { _ = b.Close() })
		},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		serve(&tight{Listener: l})
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		_, _ = c.Write([]byte("\xff\xff\xff\xff\xff\xff\xff\xff")) // nobody's protocol: whoever serves it closes
		var late net.Error
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.As(err, &late) && late.Timeout() {
			t.Errorf("%s: the connection is not served: %v", name, err)
		}
		_ = c.Close()
	}
}
