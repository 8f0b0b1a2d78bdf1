// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"sync"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
	"lintel/specs"
	"lintel/transforms"
)

// simulatedQueue is a broker in memory and the host that reads the queue of one backend.
type simulatedQueue struct {
	broker *broker.Broker
	source *amqp.Source
	queue  string
	// mq tells that it stands in for a queue of IBM MQ.
	mq     bool
	react  func(transforms.Message) reaction
	log    *slog.Logger
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// newSimulatedQueue starts both. react decides what to do with a message.
func newSimulatedQueue(l net.Listener, b *specs.Backend, react func(transforms.Message) reaction, log *slog.Logger) (*simulatedQueue, error) {
	c := simulatedAMQP(b.AMQP, b.MQ)
	q := &simulatedQueue{broker: broker.Serve(l, broker.Options{}), queue: c.Queue.Value, mq: b.MQ != nil, react: react, log: log}
	o := amqpOptions(q.at(b), maxSimulatedAhead, nil)
	var err error
	if q.source, err = amqp.NewSource(o); err != nil {
		_ = q.broker.Close()
		return nil, err
	}
	var ctx context.Context
	ctx, q.cancel = context.WithCancel(context.Background())
	q.done.Go(func() { q.run(ctx) })
	return q, nil
}

// maxSimulatedAhead is how many messages a simulated host takes ahead.
const maxSimulatedAhead = 100

// run answers until the source is closed. Each message has a goroutine of its own: one that is answered late keeps no
// other waiting. There are never more than the messages taken ahead.
func (q *simulatedQueue) run(ctx context.Context) {
	for ctx.Err() == nil {
		m, err := q.source.Receive(ctx)
		if err != nil {
			continue
		}
		q.done.Go(func() {
			if err := q.reply(ctx, m); err != nil && ctx.Err() == nil {
				q.log.Warn("simulated host: reply not sent", "error", err.Error())
			}
		})
	}
}

// reply answers one message. A datagram is taken, and that is all. What on a connection would be a reply that never
// comes, or that comes slowly, is here a message that is taken, and a reply that comes later.
func (q *simulatedQueue) reply(ctx context.Context, m *adapters.Received) error {
	request := transforms.Message(m.Message)
	if q.mq {
		request.Properties = mqFromAMQP(request.Properties)
	}
	x := q.react(request)
	late := x.after
	if x.act == "drip" {
		late += x.over
	}
	if !sleep(ctx, late) {
		return ctx.Err()
	}
	if replies := x.act == "" || x.act == "drip"; replies && m.ReplyTo != "" {
		out := adapters.Message{Body: x.reply.Body, Properties: maps.Clone(x.reply.Properties)}
		if q.mq {
			out.Properties = mqToAMQP(x.reply.Properties)
		}
		if out.Properties == nil {
			out.Properties = map[string]any{}
		}
		out.Properties["correlationId"] = m.Message.Properties["correlationId"]
		if err := m.Forward(ctx, m.ReplyTo, out); err != nil {
			return err
		}
	}
	return m.Settle(ctx, adapters.Done)
}

// reads reports whether this host can go on for a backend.
func (q *simulatedQueue) reads(b *specs.Backend) bool {
	return simulatedAMQP(b.AMQP, b.MQ).Queue.Value == q.queue && q.mq == (b.MQ != nil)
}

// at is the section with this broker in place of the real one: same queues and messages, without
// TLS and login.
func (q *simulatedQueue) at(b *specs.Backend) *specs.AMQPConfig {
	out := *simulatedAMQP(b.AMQP, b.MQ)
	out.Address.Value, out.TLS, out.SASL = q.broker.Address(), nil, specs.SASLConfig{Mechanism: "anonymous"}
	return &out
}

// Close ends both.
func (q *simulatedQueue) Close() error {
	q.cancel()
	_ = q.source.Close()
	q.done.Wait()
	return q.broker.Close()
}
