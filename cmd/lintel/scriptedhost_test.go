// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters/tcp"
	"lintel/specs"
	"lintel/transforms"
)

// scriptedHost is a host of the bank that counts the messages it gets. It answers as the tests of the
// workspace say, unless it is told to be silent.
type scriptedHost struct {
	address string
	silent  atomic.Bool
	// delay is how long an answer takes, in ns.
	delay    atomic.Int64
	messages atomic.Int64
	// gate is locked by a test that holds replies back.
	gate sync.RWMutex
}

func startScriptedHost(t *testing.T, ws string) *scriptedHost {
	t.Helper()
	p := mustCompile(t, ws, noEnv)
	a, findings := newAnswers(p, p.ws.Config.Backends[0], &specs.Simulation{})
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &scriptedHost{address: l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(t.Context(), func() { _ = conn.Close() })
			wg.Go(func() { defer stop(); h.serve(conn, a) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return h
}

func (h *scriptedHost) serve(conn net.Conn, a *answers) {
	defer func() { _ = conn.Close() }()
	frame, in := tcp.Frame{Bytes: 4, IncludesSelf: true}, bufio.NewReader(conn)
	for {
		body, err := frame.Read(in, 1<<20)
		if err != nil {
			return
		}
		h.messages.Add(1)
		if h.silent.Load() {
			continue
		}
		time.Sleep(time.Duration(h.delay.Load()))
		h.gate.RLock()
		h.gate.RUnlock() //nolint:staticcheck // it only waits
		reply := a.react(transforms.Message{Body: body}).reply
		out, err := frame.Append(nil, reply.Body)
		if err != nil {
			return
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}
