// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// link is one link. The peer's handle serves for both directions.
type link struct {
	c       *conn
	s       *session
	handle  uint32
	address string
	// reads is true for links on which the peer receives.
	reads   bool
	dynamic bool
	dropped bool

	// Towards the peer: credit and the count of deliveries.
	credit uint32
	count  uint32
	// From the peer: what came of a message so far, and the credit that is left.
	partial  []byte
	delivery uint32
	begun    bool
	settled  bool
	left     int
	received uint32
}

// attach makes a link. It reports whether the connection goes on.
func (c *conn) attach(s *session, f fields) bool {
	if s.links[f.number(1)] != nil || len(s.links) >= maxLinks {
		return false
	}
	l := &link{c: c, s: s, handle: f.number(1), reads: f.flag(2)}
	at := 6
	if l.reads {
		at = 5
	}
	_, terminus := inner(f.at(at))
	l.address = terminus.text(0)
	if l.dynamic = terminus.flag(4); l.dynamic {
		c.b.made++
		l.address = fmt.Sprintf("lintel-reply-%d", c.b.made)
	}
	condition := c.b.refuses(l)
	refused := condition != ""
	source, target := describe(f.at(5)), describe(f.at(6))
	switch {
	case refused && l.reads:
		source = nil
	case refused:
		target = nil
	case l.reads:
		source = described{codeSource, []any{l.address}}
	default:
		target = described{codeTarget, []any{l.address}}
	}
	var count any
	if l.reads {
		count = uint32(0)
	}
	c.put(s.channel, codeAttach, []any{f.text(0), l.handle, !l.reads, nil, nil, source, target, nil, nil, count}, nil)
	if refused {
		c.put(s.channel, codeDetach, []any{l.handle, true, described{codeError, []any{symbol(condition), "refused: " + l.address}}}, nil)
		return true
	}
	s.links[l.handle] = l
	if l.reads {
		q := c.b.queue(l.address)
		q.readers = append(q.readers, l)
		return true
	}
	c.b.queue(l.address)
	if c.b.opts.Credit > 0 {
		l.grant()
	}
	return true
}

// refuses gives the condition with which a link is refused, or "".
func (b *Broker) refuses(l *link) string {
	switch {
	case l.dynamic && b.opts.NoDynamic:
		return "amqp:not-implemented"
	case b.opts.Refuse != nil:
		return b.opts.Refuse(l.address, l.reads)
	}
	return ""
}

// describe keeps the address of the terminus that is the peer's own.
func describe(v any) any {
	code, f := inner(v)
	if code == 0 {
		return nil
	}
	return described{code, []any{f.at(0)}}
}

// grant tells the peer how much it may send.
func (l *link) grant() {
	l.left = l.c.b.opts.Credit
	l.c.put(l.s.channel, codeFlow, []any{
		l.s.nextIn, l.c.b.window(), l.s.nextOut, uint32(1 << 30),
		l.handle, l.received, uint32(l.left), //nolint:gosec // small and positive
	}, nil)
}

// window is how many frames with messages a session takes ahead.
func (b *Broker) window() uint32 {
	if b.opts.NoWindow {
		return 0
	}
	return 1 << 30
}

// flow takes credit from the peer.
func (c *conn) flow(s *session, f fields) {
	if f.at(4) == nil {
		return
	}
	l := s.links[f.number(4)]
	if l == nil || !l.reads {
		return
	}
	l.credit = f.number(6) + f.number(5) - l.count
	c.b.queue(l.address).deliver()
	if f.flag(8) { // drain: what could not be used is used up
		l.count += l.credit
		l.credit = 0
	}
	if f.flag(8) || f.flag(9) {
		c.put(s.channel, codeFlow, []any{s.nextIn, c.b.window(), s.nextOut, uint32(1 << 30), l.handle, l.count, l.credit, nil, f.flag(8)}, nil)
	}
}

// hand delivers a message to the peer.
func (l *link) hand(m *message) {
	s := l.s
	id := s.idOut
	s.idOut++
	s.open[id] = delivery{l, m}
	l.credit--
	l.count++
	raw := m.bytes()
	tag := binary.BigEndian.AppendUint32(nil, id)
	room := l.c.frameSize - 128
	for first := true; first || len(raw) > 0; first = false {
		part := raw[:min(room, len(raw))]
		raw = raw[len(part):]
		list := []any{l.handle, nil, nil, nil, nil, len(raw) > 0}
		if first {
			list = []any{l.handle, id, tag, uint32(0), false, len(raw) > 0}
		}
		s.nextOut++
		l.c.put(s.channel, codeTransfer, list, part)
	}
}

// transfer takes a frame of a message from the peer.
func (c *conn) transfer(s *session, f frame) bool {
	l := s.links[f.fields.number(0)]
	if l == nil || l.reads {
		return false
	}
	s.nextIn++
	if !l.begin(f.fields) {
		return false
	}
	l.settled = l.settled || f.fields.flag(4)
	l.partial = append(l.partial, f.payload...)
	c.b.held += len(f.payload)
	if len(l.partial) > maxMessage || f.fields.flag(5) && c.b.held > c.b.most {
		return false
	}
	if f.fields.flag(5) {
		return true
	}
	raw, settled := l.partial, l.settled
	l.partial, l.settled, l.begun = nil, false, false
	l.received++
	l.left--
	word := Accept
	if c.b.opts.Judge != nil {
		word = c.b.opts.Judge(l.address)
	}
	if c.b.held > c.b.most {
		word = Reject
	}
	if word != Accept {
		c.b.held -= len(raw)
	}
	goOn := l.answer(word, raw, settled)
	if l.left <= c.b.opts.Credit/2 && !l.dropped {
		l.grant()
	}
	return goOn
}

// begin takes the id of a delivery from its first frame. The ids of a session follow each other, whatever their links; a
// peer that leaves one out is cut off, as by Proton.
func (l *link) begin(f fields) bool {
	if l.begun {
		return true
	}
	s := l.s
	if f.at(1) == nil || s.heard && f.number(1) != s.idIn {
		return false
	}
	l.begun, l.delivery = true, f.number(1)
	s.heard, s.idIn = true, l.delivery+1
	return true
}

// maxMessage bounds a message, in bytes.
const maxMessage = 64 << 20

// answer does what the broker's word means.
func (l *link) answer(word Word, raw []byte, settled bool) bool {
	var state any
	switch word {
	case Accept:
		q := l.c.b.queue(l.address)
		q.messages = append(q.messages, newMessage(raw))
		q.deliver()
		state = described{codeAccepted, []any{}}
	case Reject:
		state = described{codeRejected, []any{described{codeError, []any{symbol("amqp:resource-limit-exceeded"), "the queue is full"}}}}
	case Release:
		state = described{codeReleased, []any{}}
	case Modify:
		state = described{codeModified, []any{true}}
	case Detach:
		l.drop()
		l.c.put(l.s.channel, codeDetach, []any{l.handle, true, described{codeError, []any{symbol("amqp:link:detach-forced"), "as scripted"}}}, nil)
		return true
	case Cut:
		return false
	default:
		return true
	}
	if !settled {
		l.c.put(l.s.channel, codeDisposition, []any{true, l.delivery, l.delivery, true, state}, nil)
	}
	return true
}

// disposition settles what the peer received.
func (c *conn) disposition(s *session, f fields) {
	first, last := f.number(1), f.number(1)
	if f.at(2) != nil {
		last = f.number(2)
	}
	if !f.flag(0) {
		return // about what the peer sent
	}
	code, state := inner(f.at(4))
	for _, id := range s.latest(func(id uint32) bool { return id-first <= last-first }) {
		d := s.open[id]
		delete(s.open, id)
		if code != codeReleased && code != codeModified {
			c.b.held -= len(d.m.raw)
			continue
		}
		if code == codeModified && state.flag(0) {
			d.m.times++
		}
		q := c.b.queue(d.l.address)
		q.back(d.m)
		q.deliver()
	}
}

// latest lists open deliveries, the last first, so that those put back keep their order.
func (s *session) latest(which func(id uint32) bool) []uint32 {
	var out []uint32
	for id := range s.open {
		if which(id) {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b uint32) int { return cmp.Compare(b, a) })
	return out
}

// drop ends a link: what it had in flight goes back.
func (l *link) drop() {
	if l.dropped {
		return
	}
	l.dropped = true
	delete(l.s.links, l.handle)
	l.c.b.held -= len(l.partial)
	if !l.reads {
		if l.dynamic {
			l.c.b.forget(l.address)
		}
		return
	}
	q := l.c.b.queue(l.address)
	q.remove(l)
	for _, id := range l.s.latest(func(id uint32) bool { return l.s.open[id].l == l }) {
		m := l.s.open[id].m
		delete(l.s.open, id)
		m.times++
		q.back(m)
	}
	if l.dynamic {
		l.c.b.forget(l.address)
		return
	}
	q.deliver()
}
