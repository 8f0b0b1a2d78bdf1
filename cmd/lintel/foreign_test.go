// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters/tcp"
	"lintel/specs"
	"lintel/transforms"
)

// TestForeignReply puts the bank in front of a host that now and then answers a request twice, the
// second time a moment later, or when the next request comes: from then on each reply on that connection belongs to the request
// before. The echo of the account must keep every one of them from the wrong caller, and the
// connection must be given up, so that the host is of use again at once.
func TestForeignReply(t *testing.T) {
	p := mustCompile(t, "../../examples/bank", noEnv)
	host := newTwiceHost(t, p)
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	b := *p.ws.Config.Backends[0]
	wire := *b.TCP
	wire.Addresses = []specs.Text{{Value: host}}
	b.TCP = &wire
	b.Breaker.Minimum = 1 << 20 // the breaker is not what is tested here
	h, err := build(p, append([]*specs.Backend{&b}, p.ws.Config.Backends[1:]...), log, nil, journalPlace{dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })

	var wrong, right, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for n := range 300 {
				account := fmt.Sprintf("%010d", 1000*(i+1)+n)
				code, body := get(h.gateway, "/accounts/"+account)
				switch {
				case code == 200 && strings.Contains(body, `"id":"`+account+`"`):
					right.Add(1)
				case code == 200:
					wrong.Add(1)
				default:
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if wrong.Load() != 0 {
		t.Errorf("%d callers got the account of another", wrong.Load())
	}
	if right.Load() < 700 || refused.Load() == 0 {
		t.Errorf("%d right, %d refused; the host sends foreign replies seldom, and connections with one must not be used on", right.Load(), refused.Load())
	}
}

// newTwiceHost answers account inquiries; every fiftieth reply is sent again, in turn two milliseconds later and when the next request
// comes on its connection.
func newTwiceHost(t *testing.T, p *plan) string {
	t.Helper()
	var op *operation
	for _, o := range p.operations {
		if o.spec.ID == "getAccount" {
			op = o
		}
	}
	request := op.transform.Request.Format.(transforms.Codec)
	answer := op.transform.Answer("").Format.(transforms.Codec)
	frame := frameOf(op.backend)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var served atomic.Int32
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { serveTwice(c, frame, request, answer, &served) })
		}
	})
	return l.Addr().String()
}

func serveTwice(c net.Conn, frame tcp.Frame, request, answer transforms.Codec, served *atomic.Int32) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	var again []byte
	for {
		msg, err := frame.Read(r, 1<<16)
		if err != nil {
			return
		}
		if _, err := c.Write(again); err != nil {
			return
		}
		got, err := request.DecodeJSON(nil, msg)
		if err != nil {
			return
		}
		account := strings.Trim(string(transforms.JSONAt(got, "/account")), `"`)
		reply, err := answer.EncodeJSON(nil, []byte(`{"header":{"status":"ok"},"rc":"found","account":"`+account+`","status":"active","currency":"EUR",`+
			`"branch":17,"openDate":"1998-03-02","closeDate":null,"type":"current","currentDetail":{"cardCount":1},"owners":[]}`))
		if err != nil {
			return
		}
		out, err := frame.Append(nil, reply)
		if err != nil {
			return
		}
		if _, err := c.Write(out); err != nil {
			return
		}
		again = nil
		switch n := served.Add(1); {
		case n%100 == 0:
			again = out
		case n%50 == 0:
			time.AfterFunc(2*time.Millisecond, func() { _, _ = c.Write(out) })
		}
	}
}
