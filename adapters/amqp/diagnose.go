// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"

	"github.com/Azure/go-amqp"
)

// Diagnose goes the way of a connection step by step, each told with its error, and ends at the first that fails:
// login, queue, reply address, and a message to the own reply address and back. Nothing is sent to the host's queue.
func Diagnose(ctx context.Context, o Options, step func(name string, err error)) error {
	if err := o.check(); err != nil {
		return err
	}
	w, err := connect(ctx, &o)
	if err != nil {
		step("connect", err)
		return err
	}
	l := &link{opts: &o, wire: w}
	defer l.abort()
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"login", func(ctx context.Context) (err error) { l.conn, l.session, err = login(ctx, w, &o); return err }},
		{"queue", func(ctx context.Context) (err error) {
			l.sender, err = l.attach(ctx)
			return linked("the queue cannot be used", err)
		}},
		{"reply address", l.attachReplies},
		{"round trip", l.roundTrip},
	}
	if o.Datagram {
		steps = steps[:2]
	}
	for _, s := range steps {
		err := s.do(ctx)
		step(s.name, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// linked is notLinked for what may have worked.
func linked(step string, err error) error {
	if err == nil {
		return nil
	}
	return notLinked(step, err)
}

// roundTrip sends a message to the own reply address and takes it.
func (l *link) roundTrip(ctx context.Context) error {
	s, err := l.session.NewSender(ctx, l.replyTo, nil)
	if err != nil {
		return notLinked("the reply address cannot be sent to", err)
	}
	id := newID()
	receipt, err := give(ctx, s, &amqp.Message{Properties: &amqp.MessageProperties{CorrelationID: id}, Data: [][]byte{[]byte("lintel doctor")}})
	if err == nil {
		_, err = receipt.Wait(ctx)
	}
	if err != nil {
		return notLinked("the broker does not take a message for the reply address", err)
	}
	for {
		m, err := l.receiver.Receive(ctx, nil)
		if err != nil {
			return notLinked("the message did not come back", err)
		}
		if err := l.receiver.AcceptMessage(ctx, m); err != nil {
			return notLinked("the message cannot be settled", err)
		}
		if correlation(m) == id {
			return nil
		}
	}
}
