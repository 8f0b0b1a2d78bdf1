// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
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
	// calls are those of the messages that are no pings, last is the last message.
	calls atomic.Int64
	last  atomic.Pointer[[]byte]
	// answer, if it is set, is the reply to every message.
	answer atomic.Pointer[[]byte]
	// stop ends it, and the connections to it.
	stop func()
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
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			wg.Go(func() { defer stop(); h.serve(conn, a) })
		}
	})
	h.stop = func() { _ = l.Close(); end(); wg.Wait() }
	t.Cleanup(h.stop)
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
		if !bytes.Contains(body, bytes.Repeat([]byte{0xF0}, 9)) { // the account of the bank's ping, in EBCDIC
			h.calls.Add(1)
		}
		h.last.Store(&body)
		if h.silent.Load() {
			continue
		}
		time.Sleep(time.Duration(h.delay.Load()))
		h.gate.RLock()
		h.gate.RUnlock() //nolint:staticcheck // it only waits
		reply := a.react(transforms.Message{Body: body}).reply.Body
		if other := h.answer.Load(); other != nil {
			reply = *other
		}
		out, err := frame.Append(nil, reply)
		if err != nil {
			return
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}
