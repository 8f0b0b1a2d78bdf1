// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// Source takes messages from the queue that Options.Target names. Credit is how many it holds that
// are not settled. It makes its connection when it is first asked, and again after a loss, to the next of its ways when
// one fails.
type Source struct {
	// ways are the options for each way to the queue, and at is the one that is used.
	ways   []Options
	at     int
	pauses queue.Pauses
	// failed counts the attempts to connect that failed since one did not.
	failed int

	mu     sync.Mutex
	link   *sourceLink
	closed bool
}

var _ adapters.Source = (*Source)(nil)

// sourceLink is one connection of a Source.
type sourceLink struct {
	opts     *Options
	wire     *wire
	conn     *amqp.Conn
	session  *amqp.Session
	receiver *amqp.Receiver
	senders  *senders
}

// NewSource checks the options of each way to the queue and returns a source. It does not connect.
func NewSource(ways ...Options) (*Source, error) {
	if len(ways) == 0 {
		return nil, errors.New("amqp source: no way to a broker")
	}
	s := &Source{}
	for _, o := range ways {
		o.ReplyTo = ""
		if err := o.check(); err != nil {
			return nil, err
		}
		o.Datagram = true // what is forwarded has the ids that it is given
		s.ways = append(s.ways, o)
	}
	return s, nil
}

// Receive implements adapters.Source. After an attempt to connect that failed it waits before it
// makes the next.
func (s *Source) Receive(ctx context.Context) (*adapters.Received, error) {
	l, err := s.connected(ctx)
	if err != nil {
		return nil, err
	}
	m, err := l.receiver.Receive(ctx, nil)
	if err != nil {
		if ctx.Err() == nil {
			s.drop(l)
		}
		return nil, queue.Fail(ctx, adapters.NotSent, adapters.Broken, "connection ended while waiting for a message", err)
	}
	return received(l, m), nil
}

// received describes a message.
func received(l *sourceLink, m *amqp.Message) *adapters.Received {
	r := &adapters.Received{Delivery: &delivery{l, m}}
	body, ok := bodyOf(m)
	if !ok {
		body = nil // a record needs at least one byte, so that this is found to be no message
	}
	r.Message = adapters.Message{Body: body, Properties: propertiesOf(m)}
	if p := m.Properties; p != nil {
		r.Correlation = r.Message.Properties["correlationId"]
		if r.Correlation == nil {
			r.Correlation = r.Message.Properties["messageId"]
		}
		switch id := p.MessageID.(type) {
		case string:
			r.ID = id
		case []byte:
			r.ID = hex.EncodeToString(id)
		default:
			if id, ok := plain(p.MessageID); ok {
				r.ID, _ = id.(string)
			}
		}
		if p.ReplyTo != nil {
			r.ReplyTo = *p.ReplyTo
		}
		if p.CreationTime != nil {
			r.Created = *p.CreationTime
		}
	}
	if m.Header != nil {
		r.Count = int(m.Header.DeliveryCount)
	}
	return r
}

// connected returns the connection, made anew if there is none.
func (s *Source) connected(ctx context.Context) (*sourceLink, error) {
	s.mu.Lock()
	l, done := s.link, s.closed
	s.mu.Unlock()
	if done {
		return nil, queue.Closed()
	}
	if l != nil {
		return l, nil
	}
	if s.failed > 0 && s.failed%len(s.ways) == 0 { // all were tried
		select {
		case <-time.After(s.pauses.Next()):
		case <-ctx.Done():
			return nil, queue.Fail(ctx, adapters.NotSent, adapters.Unreachable, "", nil)
		}
	}
	o := &s.ways[s.at]
	dialing, cancel := context.WithTimeout(ctx, o.Connect)
	defer cancel()
	l, err := dialSource(dialing, o)
	if err != nil {
		s.failed++
		s.at = (s.at + 1) % len(s.ways)
		return nil, err
	}
	s.failed = 0
	s.pauses.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		l.abort()
		return nil, queue.Closed()
	}
	s.link = l
	return l, nil
}

func dialSource(ctx context.Context, o *Options) (*sourceLink, error) {
	w, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	l := &sourceLink{opts: o, wire: w}
	l.senders = newSenders(l.attach)
	if l.conn, l.session, err = login(ctx, w, o); err != nil {
		_ = w.Close()
		return nil, err
	}
	r := &amqp.ReceiverOptions{Credit: int32(o.Credit), MaxMessageSize: uint64(o.MaxReply) + overhead} //nolint:gosec // both were checked
	if !o.NoCapability {
		r.SourceCapabilities = []string{"queue"}
	}
	if l.receiver, err = l.session.NewReceiver(ctx, o.Target, r); err != nil {
		l.abort()
		return nil, notLinked("the queue cannot be read", err)
	}
	return l, nil
}

func (l *sourceLink) abort() {
	_ = l.wire.Close()
	_ = l.conn.Close()
}

// drop forgets a connection that was lost.
func (s *Source) drop(l *sourceLink) {
	s.mu.Lock()
	if s.link == l {
		s.link = nil
	}
	s.mu.Unlock()
	l.abort()
}

// Close ends the connection. What was not settled goes back to the queue.
func (s *Source) Close() error {
	s.mu.Lock()
	l := s.link
	s.link, s.closed = nil, true
	s.mu.Unlock()
	if l != nil {
		_ = l.wire.finish() // what was settled shall not come again
		l.abort()
	}
	return nil
}

// delivery is a message that was taken.
type delivery struct {
	l *sourceLink
	m *amqp.Message
}

// Settle implements adapters.Delivery.
func (d *delivery) Settle(ctx context.Context, s adapters.Settlement) error {
	var err error
	switch s {
	case adapters.Done:
		err = d.l.receiver.AcceptMessage(ctx, d.m)
	case adapters.Dead:
		err = d.l.receiver.RejectMessage(ctx, d.m, nil)
	default:
		err = d.l.receiver.ModifyMessage(ctx, d.m, &amqp.ModifyMessageOptions{DeliveryFailed: true})
	}
	if err != nil {
		return queue.Fail(ctx, adapters.InDoubt, adapters.Broken, "the message could not be settled: it may come again", err)
	}
	return nil
}

// Forward implements adapters.Delivery.
func (d *delivery) Forward(ctx context.Context, address string, m adapters.Message) error {
	msg, err := d.l.opts.encode(m, newID())
	if err != nil {
		return err
	}
	o, err := d.l.senders.take(ctx, address)
	if err != nil {
		var e *adapters.Error
		if errors.As(err, &e) {
			return e
		}
		return notLinked("the queue cannot be used", err)
	}
	defer d.l.senders.give(o)
	receipt, err := give(ctx, o.sender, msg, d.l.abort)
	if err != nil {
		d.l.senders.failed(address, o, err)
		return queue.Fail(ctx, adapters.InDoubt, adapters.Broken, "connection ended with the message", err)
	}
	state, err := receipt.Wait(ctx)
	if err != nil {
		d.l.senders.failed(address, o, err)
		return queue.Fail(ctx, adapters.InDoubt, adapters.Broken, "connection ended before the broker's word", err)
	}
	if e := settled(state); e != nil {
		return e
	}
	return nil
}

// attach makes the link to a queue that messages are forwarded to.
func (l *sourceLink) attach(ctx context.Context, address string) (*amqp.Sender, error) {
	return l.session.NewSender(ctx, address, l.opts.toQueue())
}

// Bury implements adapters.Delivery. What only the broker or the sender's connection can say is left out.
func (d *delivery) Bury(ctx context.Context, address string, properties map[string]any) error {
	out := propertiesOf(d.m)
	for _, own := range []string{"deliveryCount", "creationTime", "ttl"} {
		delete(out, own)
	}
	maps.Copy(out, properties)
	body, _ := bodyOf(d.m)
	return d.Forward(ctx, address, adapters.Message{Body: body, Properties: out})
}
