// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
)

// conn is one connection. Its links are guarded by the broker's lock.
type conn struct {
	b   *Broker
	net net.Conn
	in  *bufio.Reader
	// frameSize is the largest frame that the peer takes.
	frameSize int
	sessions  map[uint16]*session

	// out is what is to be written; writing never holds up the broker.
	outMu sync.Mutex
	out   []byte
	wake  chan struct{}
	ended bool
	// drained has a token when something was written.
	drained chan struct{}
	// gone is closed when nothing is written any more.
	gone chan struct{}
}

// session is one session of a connection: its links by the peer's handle, and its deliveries.
type session struct {
	channel uint16
	links   map[uint32]*link
	// nextIn is the number of the next transfer from the peer, nextOut of ours.
	nextIn, nextOut uint32
	// idIn is the id that the next delivery from the peer must have, once it has sent one, idOut that of ours.
	idIn, idOut uint32
	heard       bool
	// open are the deliveries that the peer has not settled.
	open map[uint32]delivery
}

type delivery struct {
	l *link
	m *message
}

func newConn(b *Broker, nc net.Conn) *conn {
	return &conn{b: b, net: nc, in: bufio.NewReader(nc), frameSize: 512, sessions: map[uint16]*session{}, wake: make(chan struct{}, 1), drained: make(chan struct{}, 1), gone: make(chan struct{})}
}

// run reads until the connection ends.
func (c *conn) run() {
	defer c.end()
	if c.hello() != nil {
		return
	}
	for c.heard() {
		f, err := readFrame(c.in)
		if err != nil || f.kind != 0 {
			return
		}
		c.b.mu.Lock()
		goOn := c.handle(f)
		c.b.mu.Unlock()
		if !goOn {
			return
		}
	}
}

// heard waits until the peer has read nearly everything, and reports whether it still can.
func (c *conn) heard() bool {
	for {
		c.outMu.Lock()
		unread := len(c.out)
		c.outMu.Unlock()
		if unread < maxUnread {
			return true
		}
		select {
		case <-c.drained:
		case <-c.gone:
			return false
		}
	}
}

// end gives back what was not settled and forgets the connection.
func (c *conn) end() {
	c.b.mu.Lock()
	for _, s := range c.sessions {
		c.endSession(s)
	}
	delete(c.b.conns, c)
	c.b.mu.Unlock()
	c.outMu.Lock()
	c.ended = true
	c.outMu.Unlock()
	c.nudge()
}

// headers of the protocol, without and with SASL.
const (
	plainHeader = "AMQP\x00\x01\x00\x00"
	saslHeader  = "AMQP\x03\x01\x00\x00"
)

// hello exchanges headers, after SASL if the peer wants it.
func (c *conn) hello() error {
	var head [8]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return err
	}
	if string(head[:]) == saslHeader {
		c.send([]byte(saslHeader))
		c.send(appendFrame(nil, 1, 0, codeMechanisms, []any{[]symbol{"ANONYMOUS", "PLAIN"}}, nil))
		f, err := readFrame(c.in)
		if err != nil || f.code != codeInit {
			return errWire
		}
		code := uint8(0)
		if !c.b.known(f.fields) {
			code = 1
		}
		c.send(appendFrame(nil, 1, 0, codeOutcome, []any{code}, nil))
		if code != 0 {
			return errWire
		}
		if _, err := io.ReadFull(c.in, head[:]); err != nil {
			return err
		}
	} else if c.b.opts.User != "" {
		return errWire
	}
	if string(head[:]) != plainHeader {
		return errWire
	}
	c.send([]byte(plainHeader))
	return nil
}

// known checks a login.
func (b *Broker) known(init fields) bool {
	if b.opts.User == "" {
		return true
	}
	response, _ := init.at(1).([]byte)
	parts := bytes.Split(response, []byte{0})
	return init.text(0) == "PLAIN" && len(parts) == 3 && string(parts[1]) == b.opts.User && string(parts[2]) == b.opts.Password
}

// handle does what a frame asks for and reports whether the connection goes on.
func (c *conn) handle(f frame) bool {
	switch f.code {
	case 0:
		return true
	case codeOpen:
		c.frameSize = min(int(max(f.fields.number(2), 512)), maxFrame)
		if f.fields.at(2) == nil {
			c.frameSize = maxFrame
		}
		c.put(0, codeOpen, []any{"lintel-broker", nil, uint32(maxFrame), uint16(255)}, nil)
		return true
	case codeBegin:
		if c.sessions[f.channel] != nil || len(c.sessions) >= maxSessions {
			return false
		}
		s := &session{channel: f.channel, links: map[uint32]*link{}, open: map[uint32]delivery{}, nextIn: f.fields.number(1)}
		c.sessions[f.channel] = s
		c.put(f.channel, codeBegin, []any{f.channel, uint32(0), c.b.window(), uint32(1 << 30)}, nil)
		return true
	case codeClose:
		c.put(0, codeClose, []any{}, nil)
		return false
	}
	s := c.sessions[f.channel]
	if s == nil {
		return false
	}
	switch f.code {
	case codeAttach:
		return c.attach(s, f.fields)
	case codeFlow:
		c.flow(s, f.fields)
	case codeTransfer:
		return c.transfer(s, f)
	case codeDisposition:
		c.disposition(s, f.fields)
	case codeDetach:
		if l := s.links[f.fields.number(0)]; l != nil {
			l.drop()
			if ask := c.b.opts.Farewell; ask == nil || ask() {
				c.put(s.channel, codeDetach, []any{l.handle, true}, nil)
			}
		}
	case codeEnd:
		c.endSession(s)
		delete(c.sessions, s.channel)
		c.put(s.channel, codeEnd, []any{}, nil)
	}
	return true
}

// endSession ends the links of a session and gives back what was not settled.
func (c *conn) endSession(s *session) {
	for _, l := range s.links {
		l.drop()
	}
}

// put queues a frame for the peer.
func (c *conn) put(channel uint16, code uint64, list []any, payload []byte) {
	c.send(appendFrame(nil, 0, channel, code, list, payload))
}

func (c *conn) send(p []byte) {
	c.outMu.Lock()
	c.out = append(c.out, p...)
	c.outMu.Unlock()
	c.nudge()
}

func (c *conn) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// write sends what is queued until the connection ends.
func (c *conn) write() {
	defer close(c.gone)
	defer func() { _ = c.net.Close() }()
	var spare []byte
	for range c.wake {
		c.outMu.Lock()
		p, ended := c.out, c.ended
		c.out = spare[:0]
		c.outMu.Unlock()
		if _, err := c.net.Write(p); err != nil {
			_ = c.net.Close() // so that run ends too
		}
		spare = p
		select {
		case c.drained <- struct{}{}:
		default:
		}
		if ended {
			return
		}
	}
}
