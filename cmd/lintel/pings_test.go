// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/gateway/journal"
	"lintel/specs"
)

// pingedBank is the bank in this process, before a host that can be silent.
type pingedBank struct {
	ws     string
	host   *scriptedHost
	house  *house
	reload func() bool
	close  func()
}

// startPingedBank boots the bank with a ping that comes often, and more edits. Its breaker opens after five calls.
func startPingedBank(t *testing.T, more map[string]string) *pingedBank {
	t.Helper()
	edits := map[string]string{"minimum: 20": "minimum: 5, open: 200ms", "every: 5s, timeout: 1s": "every: 1s, timeout: 300ms"}
	maps.Copy(edits, more)
	ws := copyWorkspace(t, "../../examples/bank", edits)
	b := &pingedBank{ws: ws, host: startScriptedHost(t, ws)}
	env := func(name string) (string, bool) { return b.host.address, name == "CORE_ADDRESS" }
	log := newLogging(io.Discard)
	p := mustCompile(t, ws, env)
	h, err := build(p, p.ws.Config.Backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	b.house = h
	b.close = sync.OnceFunc(func() { _ = h.Close(); log.close() })
	t.Cleanup(b.close)
	prog := &program{stdout: io.Discard, stderr: io.Discard, env: env}
	r := &reloader{p: prog, dir: ws, house: h, sims: &simulation{ctx: t.Context(), p: prog, log: log}, log: log}
	b.reload = func() bool { return r.reload("test") == nil }
	return b
}

func (b *pingedBank) state() adapters.State { return b.house.guards["core"].State() }

// await waits for a state of the breaker without calling.
func (b *pingedBank) await(t *testing.T, what string, done func(adapters.State) bool) adapters.State {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		s := b.state()
		if done(s) {
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s: %+v %+v", what, s, s.Ping)
		}
	}
}

// open calls a host whose programs abend until the breaker is open; from then on it is silent.
func (b *pingedBank) open(t *testing.T) {
	t.Helper()
	abend := b.pingReply(t, "the program abends")
	b.host.answer.Store(&abend)
	for b.state().Breaker != adapters.Opened {
		get(b.house.gateway, "/accounts/0000004711")
	}
	b.host.silent.Store(true)
	b.host.answer.Store(nil)
}

// TestPingFindsTheHost: while the host is down only pings reach it, and when it is back the first call succeeds. Nothing
// of it is in the journal.
func TestPingFindsTheHost(t *testing.T) {
	b := startPingedBank(t, nil)
	b.open(t)
	calls := b.host.calls.Load()
	for b.state().Ping.Failed < 3 {
		code, body := get(b.house.gateway, "/accounts/0000004711")
		if code != http.StatusServiceUnavailable || !strings.Contains(body, `"not-sent"`) {
			t.Fatalf("%d %s", code, body)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if n := b.host.calls.Load(); n != calls {
		t.Errorf("%d calls reached the host while it was taken for down", n-calls)
	}
	b.host.silent.Store(false)
	s := b.await(t, "the breaker to close", func(s adapters.State) bool { return s.Breaker == adapters.Closed })
	if s.Reason != "ping succeeded" || s.Ping.Succeeded != 1 {
		t.Errorf("%s %+v", s.Reason, s.Ping)
	}
	if code, body := get(b.house.gateway, "/accounts/0000004711"); code != http.StatusOK {
		t.Errorf("the first call: %d %s", code, body)
	}
	entries, err := b.house.recording.journal.List(t.Context(), journal.Filter{Limit: 10})
	if err != nil || len(entries) != 0 {
		t.Errorf("in the journal: %d, %v", len(entries), err)
	}
	code, metrics := get(b.house.gateway.Admin(), "http://127.0.0.1/metrics")
	if want := `lintel_breaker_pings_total{backend="core",verdict="succeeded"} 1`; code != 200 || !strings.Contains(metrics, want) {
		t.Errorf("the metrics lack %s", want)
	}
}

// TestPingJudges: a host that answers and says that it does not work stays taken for down.
func TestPingJudges(t *testing.T) {
	b := startPingedBank(t, nil)
	b.open(t)
	abend := b.pingReply(t, "the program abends")
	b.host.answer.Store(&abend)
	b.host.silent.Store(false)
	failed := b.state().Ping.Failed
	b.await(t, "three pings more", func(s adapters.State) bool { return s.Ping.Failed >= failed+3 })
	if s := b.state(); s.Breaker != adapters.Opened {
		t.Errorf("the breaker is %s: %s", s.Breaker, s.Reason)
	}
	b.host.answer.Store(nil)
	b.await(t, "the breaker to close", func(s adapters.State) bool { return s.Breaker == adapters.Closed })
}

// pingReply is the reply of a test of the ping.
func (b *pingedBank) pingReply(t *testing.T, test string) []byte {
	t.Helper()
	p := mustCompile(t, b.ws, noEnv)
	for _, c := range casesFor(p.ws, "core") {
		if c.Name == test {
			turn, err := (&player{plan: p}).turnOf(p.pingOf("core"), c)
			if err != nil {
				t.Fatal(err)
			}
			return turn.reply.Body
		}
	}
	t.Fatalf("there is no test %q", test)
	return nil
}

// TestPingReload: a reload goes on with another ping in the state that the breaker is in; one that is refused changes
// nothing; without its ping one call finds out. Nothing of a ping outlives the house.
func TestPingReload(t *testing.T) {
	before := goleak.IgnoreCurrent()
	edits := map[string]string{"backends:": "gateway: {timeout: 2000ms}\nbackends:", "timeout: 2s\n": "timeout: 300ms\n"} // a second later a guard that was replaced is closed
	for _, own := range []string{"screenings}\"}\n    timeout: 1s", "timeout: 1500ms", "timeout: 500ms"} {
		edits[own] = own
	}
	b := startPingedBank(t, edits)
	b.open(t)
	opened := b.await(t, "a ping", func(s adapters.State) bool { return s.Ping.Failed > 0 })

	edit(t, b.ws, "pings/core.yaml", `"0000000000"`, `"0000000001"`)
	edit(t, b.ws, "tests/core.yaml", `"0000000000"`, `"0000000001"`)
	if !b.reload() {
		t.Fatal("the other ping is refused")
	}
	other := append(bytes.Repeat([]byte{0xF0}, 9), 0xF1)
	for end := time.Now().Add(patience); !bytes.Contains(*b.host.last.Load(), other); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the other ping is not sent")
		}
	}
	if s := b.state(); s.Breaker != adapters.Opened || !s.Since.Equal(opened.Since) || s.Ping.Failed < opened.Ping.Failed {
		t.Errorf("the reload begins anew: %+v %+v", s, s.Ping)
	}

	edit(t, b.ws, "pings/core.yaml", "safe: true", "safe: false")
	if b.reload() {
		t.Error("an unsafe ping is taken")
	}
	failed := b.state().Ping.Failed
	b.await(t, "the ping to go on", func(s adapters.State) bool { return s.Ping.Failed > failed })

	old := b.house.guards["core"]
	for _, name := range []string{"pings/core.yaml", "tests/core.yaml"} {
		if err := os.Remove(filepath.Join(b.ws, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	edit(t, b.ws, "lintel.yaml", ", ping: {every: 1s, timeout: 300ms}", "")
	if !b.reload() {
		t.Fatal("a workspace without the ping is refused")
	}
	if s := b.state(); s.Ping != nil || s.Breaker != adapters.Closed || old.State().Ping != nil {
		t.Errorf("%+v, and the guard before it %+v", s, old.State())
	}
	b.close()
	b.host.stop()
	for end := time.Now().Add(patience); ; {
		err := goleak.Find(before)
		if err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// TestPingWires: a ping goes over every wire. What a SOAP service says of itself in a fault is a failure, what it says of
// the sender is not.
func TestPingWires(t *testing.T) {
	for name, ping := range map[string]string{
		"claims": "ping: claims\nsafe: true\nrequest: {soap: 'wsdl/claims.wsdl#GetClaim', body: {claimID: C000047}}\nreply: {soap: 'wsdl/claims.wsdl#GetClaim'}\n",
		"orders": "ping: orders\nsafe: true\nrequest: {record: 'copybooks/ORDER.cpy#ORD-REQUEST', fields: {ORD-FUNCTION: INQ, ORD-ID: \"0\"}}\n" +
			"reply: {record: 'copybooks/ORDER.cpy#ORD-REPLY', outcomes: [{when: =reply.rc == \"notFound\"}, {when: =reply.rc != \"done\", host: failed}]}\n",
	} {
		ws := copyWorkspace(t, "../../examples/"+name, map[string]string{
			"\n  " + name + ":\n": "\n  " + name + ":\n    breaker: {ping: {every: 1m, timeout: 20s}}\n", map[string]string{"claims": "timeout: 5s", "orders": "timeout: 3s"}[name]: "timeout: 7s",
		})
		if err := os.MkdirAll(filepath.Join(ws, "pings"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(ws, "pings", name+".yaml"), []byte(ping), 0o600); err != nil {
			t.Fatal(err)
		}
		p := mustCompile(t, ws, noEnv)
		sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}, log: logging{Logger: slog.New(slog.DiscardHandler)}, on: true}
		t.Cleanup(sims.close)
		backends, err := sims.backends(p)
		if err != nil {
			t.Fatal(err)
		}
		b := backends[slices.IndexFunc(backends, func(b *specs.Backend) bool { return b.Name == name })]
		if err := pingOnce(t.Context(), p, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name != "claims" {
			continue
		}
		for code, failed := range map[string]bool{"Server": true, "Client": false} {
			_, judge, err := p.pingOf(name).ping()()
			if err != nil {
				t.Fatal(err)
			}
			fault := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:` + code + `</faultcode><faultstring>x</faultstring></s:Fault></s:Body></s:Envelope>`
			if j := judge(adapters.Message{Body: []byte(fault)}); j.HostFailed != failed || j.Foreign {
				t.Errorf("a fault of %s: %+v", code, j)
			}
		}
	}
}
