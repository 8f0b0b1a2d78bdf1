// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// largest is the longest request a Host takes, against bugs in what is tested.
const largest = 64 << 20

// Framing is the length field of a Host.
type Framing struct {
	// Bytes is 2 or 4; 0 means 4.
	Bytes        int
	Little       bool
	IncludesSelf bool
}

func (f Framing) width() int {
	if f.Bytes == 0 {
		return 4
	}
	return f.Bytes
}

// Field is a length field with this very value, right or wrong.
func (f Framing) Field(v uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, v)[4-f.width():]
	if f.Little {
		for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
	return b
}

// Wrap puts the length field in front of a message.
func (f Framing) Wrap(body []byte) []byte {
	n := len(body)
	if f.IncludesSelf {
		n += f.width()
	}
	return append(f.Field(uint32(n)), body...)
}

// Read implements Protocol.
func (f Framing) Read(r *bufio.Reader) ([]byte, error) {
	head := make([]byte, f.width())
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n := 0
	for i := range head {
		b := head[i]
		if f.Little {
			b = head[len(head)-1-i]
		}
		n = n<<8 | int(b)
	}
	if f.IncludesSelf {
		n -= len(head)
	}
	if n < 0 || n > largest {
		return nil, errors.New("request with an impossible length")
	}
	body := make([]byte, n)
	_, err := io.ReadFull(r, body)
	return body, err
}

// Protocol is how messages stand on the stream of a Host.
type Protocol interface {
	// Read reads one whole request and returns its body.
	Read(r *bufio.Reader) ([]byte, error)
	// Wrap makes a reply of its body.
	Wrap(body []byte) []byte
	// Field is what stands before a reply whose length is v, right or wrong.
	Field(v uint32) []byte
}

// HostOptions say how a Host behaves. The zero value echoes.
type HostOptions struct {
	// Framing is used unless Protocol is set.
	Framing  Framing
	Protocol Protocol
	// TLS, if set, is used on every connection.
	TLS *tls.Config
	// Script decides about every whole request; nil means to echo.
	Script Script
	// Deaf, if set, may make the n-th connection break after reading so many bytes of the first
	// request; a negative number leaves it alone.
	Deaf func(n int) int
}

// Host is a scripted host on loopback, on a port the system picked.
type Host struct {
	opts   HostOptions
	ledger *Ledger
	listen net.Listener
	done   chan struct{}
	once   sync.Once
	wg     sync.WaitGroup

	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	accepted int
}

// StartHost starts a host. It ends with the test, if not closed before.
func StartHost(t testing.TB, o HostOptions) *Host {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, ends with the test
	if err != nil {
		t.Fatal(err)
	}
	if o.Script == nil {
		o.Script = func(int, []byte) Step { return Step{} }
	}
	if o.Protocol == nil {
		o.Protocol = o.Framing
	}
	h := &Host{opts: o, ledger: NewLedger(), listen: l, done: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	h.wg.Go(h.accept)
	t.Cleanup(h.Close)
	return h
}

// Address is host:port.
func (h *Host) Address() string { return h.listen.Addr().String() }

// Ledger counts the whole requests this host saw.
func (h *Host) Ledger() *Ledger { return h.ledger }

// Connections is how many connections were accepted so far.
func (h *Host) Connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.accepted
}

// Close ends the listener and all connections, and waits for their goroutines.
func (h *Host) Close() {
	h.once.Do(func() {
		close(h.done)
		_ = h.listen.Close()
		h.CutAll()
	})
	h.wg.Wait()
}

// CutAll ends all connections that are open now.
func (h *Host) CutAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		_ = c.Close()
	}
}

func (h *Host) accept() {
	for {
		c, err := h.listen.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		n := h.accepted
		h.accepted++
		h.conns[c] = struct{}{}
		h.mu.Unlock()
		select {
		case <-h.done:
			_ = c.Close()
		default:
		}
		h.wg.Go(func() { h.serve(c, n) })
	}
}

func (h *Host) serve(raw net.Conn, n int) {
	defer func() {
		_ = raw.Close()
		h.mu.Lock()
		delete(h.conns, raw)
		h.mu.Unlock()
	}()
	if h.opts.Deaf != nil {
		if limit := h.opts.Deaf(n); limit >= 0 {
			_, _ = io.CopyN(io.Discard, raw, int64(limit))
			reset(raw)
			return
		}
	}
	p := &peer{host: h, raw: raw, Conn: raw}
	if h.opts.TLS != nil {
		p.Conn = tls.Server(raw, h.opts.TLS)
	}
	in := bufio.NewReader(p)
	for {
		request, err := h.opts.Protocol.Read(in)
		if err != nil {
			return
		}
		step := h.opts.Script(h.ledger.Add(request), request)
		if step.Body == nil {
			step.Body = request
		}
		goesOn := h.sleep(step.After) && p.act(step)
		if !goesOn {
			_ = raw.Close()
		}
		if step.Done != nil {
			step.Done()
		}
		if !goesOn {
			return
		}
	}
}

// sleep waits unless the host ends before.
func (h *Host) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-h.done:
		return false
	}
}

// reset closes a connection so that the other side sees a break, not an end.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// peer is one connection of a Host.
type peer struct {
	net.Conn
	raw  net.Conn
	host *Host
}

// act does one step and reports whether the connection goes on.
func (p *peer) act(s Step) bool {
	f := p.host.opts.Protocol
	whole := f.Wrap(s.Body)
	switch s.Do {
	case Reply:
		return p.send(whole)
	case Drip:
		return p.drip(whole, s.Gap)
	case Twice:
		return p.send(append(whole, whole...))
	case Chatter:
		return p.send(whole) && p.host.sleep(s.Gap) && p.send([]byte("chatter"))
	case ReplyAndEnd:
		p.send(whole)
	case Never:
		p.drain()
	case HalfClose:
		if t, ok := p.raw.(*net.TCPConn); ok {
			_ = t.CloseWrite()
		}
		p.drain()
	case ResetBefore:
		reset(p.raw)
	case CutWithin:
		p.send(whole[:min(s.Bytes, len(whole))])
	case StallWithin:
		p.send(whole[:min(s.Bytes, len(whole))])
		p.drain()
	case Garbage:
		p.send(bytes.Repeat([]byte{0xFF, 0xD8, 0x00, 0x15}, 64))
	case BadLength:
		p.send(append(f.Field(s.Length), s.Body...))
		p.drain()
	case Endless:
		p.endless(f.Field(s.Length))
	}
	if t, ok := p.Conn.(*tls.Conn); ok && s.Do != ResetBefore {
		_ = t.Close()
	}
	return false
}

func (p *peer) send(b []byte) bool {
	_, err := p.Write(b)
	return err == nil
}

func (p *peer) drip(b []byte, gap time.Duration) bool {
	for i := range b {
		if !p.send(b[i:i+1]) || !p.host.sleep(gap) {
			return false
		}
	}
	return true
}

func (p *peer) endless(head []byte) {
	chunk := make([]byte, 4<<10)
	for ok := p.send(head); ok; ok = p.send(chunk) {
	}
}

// drain reads until the other side ends the connection.
func (p *peer) drain() { _, _ = io.Copy(io.Discard, p.raw) }
