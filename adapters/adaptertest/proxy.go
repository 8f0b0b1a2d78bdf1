// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"bufio"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Fault is what a Proxy does to one connection. The zero value passes everything on. Bytes and frames
// are counted on the connection, from 0.
type Fault struct {
	// CutRequest ends the connection to both sides after so many bytes of requests were passed on;
	// 0 means never. Reset breaks it instead of ending it in order.
	CutRequest int
	Reset      bool
	// Refuse breaks the connection before a byte is passed on.
	Refuse bool
	// CutReply ends the connection to both sides after so many bytes of replies were passed on; 0 means
	// never.
	CutReply int
	// SwallowReplies passes requests on and keeps every reply back.
	SwallowReplies bool
	// ResetOnReply breaks the connection to the client when the reply with this number, from 1, comes
	// from the host: the host has done its work, and the client has nothing of it.
	ResetOnReply int
	// Delay holds every reply back for so long.
	Delay time.Duration
	// Slice passes replies on in pieces of so many bytes, Gap apart.
	Slice int
	Gap   time.Duration
	// Twice passes every reply on two times.
	Twice bool
	// Flip inverts all bits of the byte at this place of every reply's frame, from 1; the length field
	// comes first.
	Flip int
}

// Proxy stands between an adapter and a host, reads their frames and does harm.
type Proxy struct {
	t      testing.TB
	frame  Framing
	to     string
	listen net.Listener
	wg     sync.WaitGroup

	mu     sync.Mutex
	fault  func(n int) Fault
	n      int
	conns  map[net.Conn]struct{}
	closed bool
}

// StartProxy starts a proxy in front of the host at an address. fault says what happens to the n-th
// connection, counted from 0. It ends with the test.
func StartProxy(t testing.TB, f Framing, to string, fault func(n int) Fault) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, ends with the test
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{t: t, frame: f, to: to, listen: l, fault: fault, conns: map[net.Conn]struct{}{}}
	p.wg.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Address is host:port.
func (p *Proxy) Address() string { return p.listen.Addr().String() }

// Set changes what happens to connections from now on.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	p.fault = func(int) Fault { return f }
	p.mu.Unlock()
}

func (p *Proxy) close() {
	_ = p.listen.Close()
	p.mu.Lock()
	p.closed = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listen.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		f := p.fault(p.n)
		p.n++
		p.mu.Unlock()
		if f.Refuse {
			reset(c)
			continue
		}
		host, err := net.Dial("tcp", p.to) //nolint:noctx // loopback, ends with the test
		if err != nil {
			reset(c)
			continue
		}
		if !p.keep(c, host) {
			return
		}
		w := &crossing{proxy: p, Fault: f, client: c, host: host}
		p.wg.Go(w.requests)
		p.wg.Go(w.replies)
	}
}

// keep notes connections, so that they end with the proxy.
func (p *Proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.closed {
			_ = c.Close()
			continue
		}
		p.conns[c] = struct{}{}
	}
	return !p.closed
}

// crossing is one connection through a Proxy.
type crossing struct {
	Fault
	proxy        *Proxy
	client, host net.Conn
}

// end ends both sides.
func (w *crossing) end(broken bool) {
	if broken {
		reset(w.client)
		reset(w.host)
	}
	_, _ = w.client.Close(), w.host.Close()
}

func (w *crossing) requests() {
	defer w.end(w.Reset)
	if w.CutRequest > 0 {
		_, _ = io.CopyN(w.host, w.client, int64(w.CutRequest))
		return
	}
	_, _ = io.Copy(w.host, w.client)
}

func (w *crossing) replies() {
	r := bufio.NewReader(w.host)
	for n := 1; ; n++ {
		body, err := w.proxy.frame.Read(r)
		if err != nil {
			w.end(false)
			return
		}
		if n == w.ResetOnReply {
			w.end(true)
			return
		}
		time.Sleep(w.Delay)
		if w.SwallowReplies || w.pass(w.proxy.frame.Wrap(body)) == nil {
			continue
		}
		return
	}
}

// pass hands a reply to the client, with what is to be done to it.
func (w *crossing) pass(frame []byte) error {
	if w.Flip > 0 && w.Flip <= len(frame) {
		frame[w.Flip-1] ^= 0xFF
	}
	if w.Twice {
		frame = append(frame, frame...)
	}
	for w.Slice > 0 && len(frame) > w.Slice {
		if _, err := w.client.Write(frame[:w.Slice]); err != nil {
			return err
		}
		frame = frame[w.Slice:]
		time.Sleep(w.Gap)
	}
	if w.CutReply > 0 && len(frame) >= w.CutReply {
		_, _ = w.client.Write(frame[:w.CutReply])
		w.end(w.Reset)
		return net.ErrClosed
	}
	w.CutReply = max(0, w.CutReply-len(frame))
	_, err := w.client.Write(frame)
	return err
}
