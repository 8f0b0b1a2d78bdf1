// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"slices"
	"time"

	"github.com/Azure/go-amqp"
)

// message is a message in a queue, as it came.
type message struct {
	raw []byte
	// expires is when it is dropped; zero if never.
	expires time.Time
	// times is how often it came back.
	times uint32
}

// queue is a queue with those who read it. It is guarded by the broker's lock.
type queue struct {
	b        *Broker
	messages []*message
	readers  []*link
	// turn is the reader that is next.
	turn int
}

// newMessage notes when a message expires.
func newMessage(raw []byte) *message {
	m := &message{raw: raw}
	var head amqp.Message
	if head.UnmarshalBinary(raw) == nil && head.Header != nil && head.Header.TTL > 0 {
		m.expires = time.Now().Add(head.Header.TTL)
	}
	return m
}

// bytes is the message as it is delivered: with the count of its deliveries before this one.
func (m *message) bytes() []byte {
	if m.times == 0 {
		return m.raw
	}
	var x amqp.Message
	if x.UnmarshalBinary(m.raw) != nil {
		return m.raw
	}
	if x.Header == nil {
		x.Header = &amqp.MessageHeader{Priority: 4}
	}
	x.Header.DeliveryCount = m.times
	out, err := x.MarshalBinary()
	if err != nil {
		return m.raw
	}
	return out
}

// deliver gives messages to readers that have credit.
func (q *queue) deliver() {
	for len(q.messages) > 0 {
		m := q.messages[0]
		if !m.expires.IsZero() && time.Now().After(m.expires) {
			q.messages = q.messages[1:]
			q.b.held -= len(m.raw)
			continue
		}
		r := q.next()
		if r == nil {
			return
		}
		q.messages = q.messages[1:]
		r.hand(m)
	}
}

// next is the reader whose turn it is among those with credit, or nil.
func (q *queue) next() *link {
	for i := range q.readers {
		at := (q.turn + i) % len(q.readers)
		if q.readers[at].credit > 0 {
			q.turn = at + 1
			return q.readers[at]
		}
	}
	return nil
}

// back puts a message to the front again.
func (q *queue) back(m *message) { q.messages = slices.Insert(q.messages, 0, m) }

func (q *queue) remove(l *link) {
	q.readers = slices.DeleteFunc(q.readers, func(x *link) bool { return x == l })
}
