// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"lintel/adapters/tcp"
	"lintel/specs"
	"lintel/transforms"
)

// waitingHost answers as the tests of a workspace say, but each message only when it is let go.
func waitingHost(t *testing.T, a *answers) (address string, asked, let chan struct{}) {
	t.Helper()
	asked, let = make(chan struct{}), make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		frame, in := tcp.Frame{Bytes: 4, IncludesSelf: true}, bufio.NewReader(conn)
		for {
			body, err := frame.Read(in, 1<<20)
			if err != nil {
				return
			}
			asked <- struct{}{}
			<-let
			reply := a.react(transforms.Message{Body: body}).reply
			out, err := frame.Append(nil, reply.Body)
			if err != nil {
				return
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	}()
	return l.Addr().String(), asked, let
}

// O02: while a call waits for its reply, a reload takes its route away and changes the copybook of the
// reply. The call ends under the version it began with, and the next one meets the new version.
func TestO02ReloadInFlight(t *testing.T) {
	ws := copyWorkspace(t, "../../examples/bank", nil)
	first := mustCompile(t, ws, noEnv)
	a, findings := newAnswers(first, first.ws.Config.Backends[0], &specs.Simulation{})
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	address, asked, let := waitingHost(t, a)
	env := func(name string) (string, bool) { return address, name == "CORE_ADDRESS" }
	prog := &program{stdout: io.Discard, stderr: io.Discard, env: env}
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	p := mustCompile(t, ws, env)
	h, err := build(p, p.ws.Config.Backends, log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	r := &reloader{p: prog, dir: ws, house: h, sims: &simulation{}, log: log}

	type result struct {
		code int
		body string
	}
	answered := make(chan result, 1)
	go func() {
		code, body := get(h.gateway, "/accounts/0000004711")
		answered <- result{code, body}
	}()
	<-asked
	edit(t, ws, "openapi.yaml", "  /accounts/{accountId}:\n", "  /clients/{accountId}:\n")
	edit(t, ws, filepath.Join("copybooks", "ACCTINQ.cpy"), "003000     05  FILLER                      PIC X(5).", "003000     05  FILLER                      PIC X(9).")
	if refused := r.reload("test"); refused != nil {
		t.Fatalf("%s\n%v", refused.Error, refused.Findings)
	}
	if code, _ := get(h.gateway, "/accounts/0000004711"); code != http.StatusNotFound {
		t.Errorf("the route that was taken away gives %d", code)
	}
	let <- struct{}{}
	if got := <-answered; got.code != http.StatusOK || !strings.Contains(got.body, `"amount":1250.75`) {
		t.Errorf("the call that was under way: %d %s", got.code, got.body)
	}
	go func() { <-asked; let <- struct{}{} }()
	if code, body := get(h.gateway, "/clients/0000004711"); code != http.StatusBadGateway || !strings.Contains(body, "reply-unreadable") {
		t.Errorf("the new version reads the old reply: %d %s", code, body)
	}
}
