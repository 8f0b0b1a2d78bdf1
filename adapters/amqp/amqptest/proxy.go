// SPDX-License-Identifier: Apache-2.0

package amqptest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters/adaptertest"
)

// Proxy stands between an adapter and a broker.
type Proxy struct {
	address, target string
	wg              sync.WaitGroup
	// toClient counts bytes that went to the adapter.
	toClient atomic.Int64

	mu     sync.Mutex
	listen net.Listener
	pipes  map[*pipe]struct{}
	ended  bool
}

// pipe is one connection on its way through.
type pipe struct {
	client, broker *net.TCPConn
	// Guarded by Proxy.mu: bytes that may still pass to the client before the pipe is cut; negative
	// for any number.
	room int
	// last, if it is set, is what is in the last part that passes to the client.
	last []byte
	// slow bytes to the client go one by one, a gap apart.
	slow int
	gap  time.Duration
}

// StartProxy starts a proxy in front of a broker. It ends with the test.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", adaptertest.Reserve(t)) //nolint:noctx // loopback
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{address: l.Addr().String(), target: target, pipes: map[*pipe]struct{}{}}
	p.serve(l)
	t.Cleanup(p.Close)
	return p
}

// serve begins to take connections.
func (p *Proxy) serve(l net.Listener) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listen, p.ended = l, false
	p.wg.Go(func() { p.accept(l) })
}

// Address is host:port.
func (p *Proxy) Address() string { return p.address }

func (p *Proxy) accept(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		broker, err := net.Dial("tcp", p.target) //nolint:noctx // loopback
		if err != nil {
			_ = client.Close()
			continue
		}
		x := &pipe{client: client.(*net.TCPConn), broker: broker.(*net.TCPConn), room: -1}
		p.mu.Lock()
		p.pipes[x] = struct{}{}
		if p.ended {
			x.close()
		}
		p.mu.Unlock()
		p.wg.Go(func() {
			_, _ = io.Copy(x.broker, x.client)
			x.close()
		})
		p.wg.Go(func() {
			p.forward(x)
			x.close()
			p.mu.Lock()
			delete(p.pipes, x)
			p.mu.Unlock()
		})
	}
}

func (x *pipe) close() { _ = x.client.Close(); _ = x.broker.Close() }

// forward copies from the broker to the adapter, as scripted.
func (p *Proxy) forward(x *pipe) {
	buf := make([]byte, 32<<10)
	for {
		n, err := x.broker.Read(buf)
		if err != nil {
			return
		}
		for part := buf[:n]; len(part) > 0; {
			p.mu.Lock()
			step, gap := len(part), time.Duration(0)
			if x.slow > 0 {
				step, gap = 1, x.gap
				x.slow--
			}
			cut := x.room >= 0 && step >= x.room
			if cut {
				step = x.room
			} else if x.room >= 0 {
				x.room -= step
			}
			cut = cut || x.last != nil && bytes.Contains(part[:step], x.last)
			p.mu.Unlock()
			if _, err := x.client.Write(part[:step]); err != nil || cut {
				return
			}
			p.toClient.Add(int64(step))
			part = part[step:]
			time.Sleep(gap)
		}
	}
}

// each runs f for every open connection.
func (p *Proxy) each(f func(*pipe)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for x := range p.pipes {
		f(x)
	}
}

// Cut ends all connections in order; Reset breaks them.
func (p *Proxy) Cut() { p.each((*pipe).close) }

// Reset breaks all connections.
func (p *Proxy) Reset() {
	p.each(func(x *pipe) { _ = x.client.SetLinger(0); x.close() })
}

// HalfClose ends the direction to the adapter.
func (p *Proxy) HalfClose() { p.each(func(x *pipe) { _ = x.client.CloseWrite() }) }

// CutAfter lets n more bytes pass to the adapter and then ends the connections.
func (p *Proxy) CutAfter(n int) { p.each(func(x *pipe) { x.room = n }) }

// CutBehind lets everything pass to the adapter up to a part that holds some bytes, and that part, and then ends the
// connections at once.
func (p *Proxy) CutBehind(last []byte) { p.each(func(x *pipe) { x.last = last }) }

// Drip lets the next n bytes to the adapter pass one by one, a gap apart.
func (p *Proxy) Drip(n int, gap time.Duration) { p.each(func(x *pipe) { x.slow, x.gap = n, gap }) }

// Inject sends bytes to the adapter that no broker sent, again and again if endless.
func (p *Proxy) Inject(b []byte, endless bool) {
	p.each(func(x *pipe) {
		p.wg.Go(func() {
			for _, err := x.client.Write(b); endless && err == nil; {
				_, err = x.client.Write(make([]byte, 4<<10))
			}
		})
	})
}

// Quiet waits until nothing has gone to the adapter for a while.
func (p *Proxy) Quiet() {
	for last := int64(-1); last != p.toClient.Load(); time.Sleep(30 * time.Millisecond) {
		last = p.toClient.Load()
	}
}

// Close ends the proxy and its connections: the broker is out of reach. Up begins again.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.ended = true
	_ = p.listen.Close()
	p.mu.Unlock()
	p.Cut()
	p.wg.Wait()
}

// Up takes connections again at the same address, after Close.
func (p *Proxy) Up(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		l, err := net.Listen("tcp", p.address) //nolint:noctx // loopback
		if err == nil {
			p.serve(l)
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
