// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client writes frames by hand, right ones or not.
type client struct {
	t *testing.T
	net.Conn
	err error
}

func start(t *testing.T, o Options) *Broker {
	t.Helper()
	b, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// dial opens a connection with one session.
func dial(t *testing.T, b *Broker) *client {
	t.Helper()
	nc, err := net.Dial("tcp", b.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	c := &client{t: t, Conn: nc}
	c.say([]byte(plainHeader))
	c.frame(0, codeOpen, "test")
	c.frame(0, codeBegin, nil, uint32(0), uint32(100), uint32(100))
	return c
}

func (c *client) say(p []byte) {
	if c.err == nil {
		_, c.err = c.Write(p)
	}
}

func (c *client) frame(channel uint16, code uint64, list ...any) {
	c.say(appendFrame(nil, 0, channel, code, list, nil))
}

// send sends a message over the link with a handle.
func (c *client) send(handle, id uint32, body []byte, more bool) {
	c.say(appendFrame(nil, 0, 0, codeTransfer, []any{handle, id, binary.BigEndian.AppendUint32(nil, id), uint32(0), true, more}, body))
}

// reads makes a link on which messages come, with credit for some.
func (c *client) reads(handle uint32, address string, credit uint32) {
	c.frame(0, codeAttach, "r", handle, true, nil, nil, described{codeSource, []any{address}}, described{codeTarget, []any{}})
	c.frame(0, codeFlow, uint32(0), uint32(100), uint32(0), uint32(100), handle, uint32(0), credit)
}

func (c *client) writes(handle uint32, address string) {
	c.frame(0, codeAttach, "w", handle, false, nil, nil, described{codeSource, []any{}}, described{codeTarget, []any{address}})
}

// refused waits for the end of the connection.
func (c *client) refused(what string) {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(2 * time.Minute))
	var late net.Error
	if _, err := io.Copy(io.Discard, c); errors.As(err, &late) && late.Timeout() {
		c.t.Errorf("%s: the connection stays", what)
	}
}

// until waits for something that will happen.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// data is a message with a body of so many bytes.
func data(n int) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0, 0x53, 0x75, 0xB0}, uint32(n)), make([]byte, n)...)
}

// TestGivenAgain: a link or session under a name that is in use ends the connection, and its messages go to others: none
// is given to a reader that is not there any more.
func TestGivenAgain(t *testing.T) {
	for name, again := range map[string]func(c *client){
		"link":    func(c *client) { c.reads(0, "q", 1) },
		"session": func(c *client) { c.frame(0, codeBegin, nil, uint32(0), uint32(100), uint32(100)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, Options{})
			c := dial(t, b)
			c.reads(0, "q", 1)
			again(c)
			c.refused(name)
			c = dial(t, b)
			c.writes(0, "q")
			c.send(0, 0, data(10), false)
			until(t, "the message in its queue", func() bool { return b.Depth("q") == 1 })
		})
	}
}

// TestSequence: a peer whose delivery-ids do not follow each other is cut off.
func TestSequence(t *testing.T) {
	b := start(t, Options{})
	c := dial(t, b)
	c.writes(0, "q")
	c.writes(1, "p")
	c.send(0, 7, data(10), false)
	c.send(1, 8, data(10), true)
	c.send(0, 9, data(10), false)
	c.send(1, 8, data(10), false) // the rest of what began before
	c.send(0, 10, data(10), false)
	until(t, "the messages in their queues", func() bool { return b.Depth("q") == 3 && b.Depth("p") == 1 })
	c.send(0, 12, data(10), false)
	c.refused("a gap")
}

// TestBounds: a peer that does not keep to anything ends its connection, not the memory of the process.
func TestBounds(t *testing.T) {
	for name, flood := range map[string]func(c *client, n int){
		"sessions": func(c *client, n int) { c.frame(uint16(n+1), codeBegin, nil, uint32(0), uint32(100), uint32(100)) },
		"links":    func(c *client, n int) { c.writes(uint32(n), "q") },
		"half a message": func(c *client, n int) {
			if n == 0 {
				c.writes(0, "q")
			}
			c.send(0, 0, make([]byte, maxFrame-100), true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, start(t, Options{}))
			_ = c.SetWriteDeadline(time.Now().Add(2 * time.Minute))
			n := 0
			for ; n < 1_000_000 && c.err == nil; n++ {
				flood(c, n)
			}
			var late net.Error
			if c.err == nil || errors.As(c.err, &late) && late.Timeout() {
				t.Errorf("%d times, and the connection stays: %v", n, c.err)
			}
		})
	}
}

// TestUnread: nothing is taken from a peer that does not read what it asked for.
func TestUnread(t *testing.T) {
	b := start(t, Options{})
	c := dial(t, b)
	c.reads(0, "q", 1)
	_ = c.SetWriteDeadline(time.Now().Add(2 * time.Second))
	for c.err == nil {
		c.frame(0, codeFlow, uint32(0), uint32(100), uint32(0), uint32(100), uint32(0), uint32(0), uint32(1), nil, false, true)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for one := range b.conns {
		one.outMu.Lock()
		if n := len(one.out); n > maxUnread+maxFrame {
			t.Errorf("%d bytes wait", n)
		}
		one.outMu.Unlock()
	}
}

// TestFull: a broker that holds as much as it may refuses messages, and goes on when some were taken.
func TestFull(t *testing.T) {
	b := start(t, Options{})
	b.mu.Lock()
	b.most = 100_000
	b.mu.Unlock()
	c := dial(t, b)
	c.writes(0, "q")
	body := data(40_000)
	for n := range uint32(5) {
		c.send(0, n, body, false)
	}
	c.writes(1, "other")
	until(t, "the link after them", func() bool { return b.has("other") })
	if n := b.Depth("q"); n != 2 {
		t.Errorf("%d messages are held", n)
	}
	c.reads(2, "q", 1)
	until(t, "one to be taken", func() bool { return b.Depth("q") == 1 })
	c.frame(0, codeDisposition, true, uint32(0), uint32(0), true, described{codeAccepted, []any{}})
	c.send(0, 5, body, false)
	until(t, "room for another", func() bool { return b.Depth("q") == 2 })
}

// has tells whether there is a queue.
func (b *Broker) has(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queues[address] != nil
}

// FuzzConnection: whatever a peer says, the broker goes on for others.
func FuzzConnection(f *testing.F) {
	seed := func(frames ...[]byte) { f.Add(bytes.Join(frames, nil)) }
	open := appendFrame(nil, 0, 0, codeOpen, []any{"x"}, nil)
	begin := appendFrame(nil, 0, 0, codeBegin, []any{nil, uint32(0), uint32(9), uint32(9)}, nil)
	attach := appendFrame(nil, 0, 0, codeAttach, []any{"w", uint32(0), false, nil, nil, described{codeSource, []any{}}, described{codeTarget, []any{"q"}}}, nil)
	read := appendFrame(nil, 0, 0, codeAttach, []any{"r", uint32(1), true, nil, nil, described{codeSource, []any{"q"}}, described{codeTarget, []any{}}}, nil)
	flow := appendFrame(nil, 0, 0, codeFlow, []any{uint32(0), uint32(9), uint32(0), uint32(9), uint32(1), uint32(0), uint32(9), nil, true, true}, nil)
	transfer := appendFrame(nil, 0, 0, codeTransfer, []any{uint32(0), uint32(0), []byte("0"), uint32(0), false, false}, data(3))
	settle := appendFrame(nil, 0, 0, codeDisposition, []any{true, uint32(0), uint32(9), true, described{codeModified, []any{true}}}, nil)
	detach := appendFrame(nil, 0, 0, codeDetach, []any{uint32(1), true}, nil)
	seed([]byte(plainHeader), open, begin, attach, read, flow, transfer, settle, detach)
	seed([]byte(saslHeader), appendFrame(nil, 1, 0, codeInit, []any{symbol("PLAIN"), []byte("\x00u\x00p")}, nil), []byte(plainHeader), open)
	seed([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		b := &Broker{opts: Options{Credit: 10}, most: maxHeld, conns: map[*conn]struct{}{}, queues: map[string]*queue{}}
		ours, theirs := net.Pipe()
		c := newConn(b, theirs)
		b.conns[c] = struct{}{}
		var both sync.WaitGroup
		both.Go(c.run)
		both.Go(c.write)
		both.Go(func() { _, _ = io.Copy(io.Discard, ours) })
		_ = ours.SetDeadline(time.Now().Add(time.Minute))
		_, _ = ours.Write(input)
		_ = ours.Close()
		both.Wait()
		for name, q := range b.queues {
			if len(q.readers) > 0 {
				t.Errorf("%q has readers that are gone", name)
			}
		}
		waiting := 0
		for _, q := range b.queues {
			for _, m := range q.messages {
				waiting += len(m.raw)
			}
		}
		if len(b.conns) > 0 || b.held != waiting {
			t.Errorf("%d connections, %d bytes held, and %d wait", len(b.conns), b.held, waiting)
		}
	})
}
