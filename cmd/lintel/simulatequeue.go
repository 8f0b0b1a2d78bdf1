// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strings"
	"sync"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/amqp/broker"
	"lintel/specs"
	"lintel/transforms"
)

// simulatedBroker is a broker in memory. Who is to speak TLS does so on a port of its own; hosts that are played here
// read their queues without.
type simulatedBroker struct {
	*broker.Broker
	tls       *hostTLS
	encrypted net.Listener
}

// reached is where a gateway finds the broker, and its tls section; host is the name that is verified, empty for no TLS.
func (b *simulatedBroker) reached(host string, c *specs.TLSConfig) (string, *specs.TLSConfig) {
	if host == "" {
		return b.Address(), nil
	}
	return b.encrypted.Addr().String(), b.tls.client(c, host)
}

// brokerUser is a backend or a listener that finds its queue at a broker.
type brokerUser struct {
	// name is its own, key that of the broker: an address, for all that look for theirs there.
	name, key, address string
	// host is the broker's name that is verified in TLS, empty for none; tls the section.
	host string
	tls  *specs.TLSConfig
}

// broker gives the broker of a user, with the certificates that it is to show now.
func (s *simulation) broker(ws *specs.Workspace, u brokerUser) (*simulatedBroker, error) {
	if u.address != anyPort && !strings.HasSuffix(u.address, ":0") {
		u.key = u.address
	}
	b := s.brokers[u.key]
	if b == nil {
		plain := u.address
		if u.host != "" {
			plain = anyPort
		}
		made, err := broker.StartAt(s.ctx, plain, broker.Options{})
		if err != nil {
			return nil, err
		}
		b = &simulatedBroker{Broker: made}
		if s.brokers == nil {
			s.brokers = map[string]*simulatedBroker{}
		}
		s.brokers[u.key] = b
	}
	if u.host == "" {
		return b, nil
	}
	var err error
	simulated, _, _ := net.SplitHostPort(u.address)
	if b.tls, err = s.hostTLSOf(b.tls, ws, u.name, u.tls, u.host, simulated); err != nil || b.encrypted != nil {
		return b, err
	}
	if b.encrypted, err = (&net.ListenConfig{}).Listen(s.ctx, "tcp", u.address); err == nil {
		b.Also(b.tls.over(b.encrypted))
	}
	return b, err
}

// listener gives the broker of a listener.
func (s *simulation) listener(ws *specs.Workspace, c *specs.ListenerConfig) (*simulatedBroker, error) {
	u := brokerUser{name: c.Name, key: "listener " + c.Name, address: anyPort, host: c.EncryptedHost()}
	if c.AMQP != nil {
		u.tls = c.AMQP.TLS
		if s.address != nil {
			u.address = s.address(c.Name, c.AMQP.Addresses[0].Value)
		}
	}
	known := s.queues[c.Name] != nil
	b, err := s.broker(ws, u)
	if err != nil || known {
		return b, err
	}
	if s.queues == nil {
		s.queues = map[string]*broker.Broker{}
	}
	s.queues[c.Name] = b.Broker
	s.tell(fmt.Sprintf("simulated queue %s for listener %s on %s", queueOf(c), c.Name, b.Address()))
	return b, nil
}

// simulatedQueue is the host that reads the queue of one backend.
type simulatedQueue struct {
	broker *simulatedBroker
	source *amqp.Source
	queue  string
	// mq tells that it stands in for a queue of IBM MQ.
	mq     bool
	react  func(transforms.Message) reaction
	log    *slog.Logger
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// newSimulatedQueue starts it. react decides what to do with a message.
func newSimulatedQueue(b *specs.Backend, at *simulatedBroker, react func(transforms.Message) reaction, log *slog.Logger) (*simulatedQueue, error) {
	c := simulatedAMQP(b.AMQP, b.MQ)
	q := &simulatedQueue{broker: at, queue: c.Queue.Value, mq: b.MQ != nil, react: react, log: log}
	own := q.at(b)
	own.Addresses, own.TLS = []specs.Text{{Value: at.Address()}}, nil
	var err error
	if q.source, err = amqpSource(own, maxSimulatedAhead, nil); err != nil {
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

// at is the section with this broker in place of the real one: same queues, messages and TLS, without a login.
func (q *simulatedQueue) at(b *specs.Backend) *specs.AMQPConfig {
	out := *simulatedAMQP(b.AMQP, b.MQ)
	out.SASL = specs.SASLConfig{Mechanism: "anonymous"}
	address, t := q.broker.reached(b.EncryptedHost(), tlsOf(b))
	out.Addresses, out.TLS = []specs.Text{{Value: address}}, t
	return &out
}

// Close ends it. Its broker goes on, for others and for a host that comes after it.
func (q *simulatedQueue) Close() error {
	q.cancel()
	err := q.source.Close()
	q.done.Wait()
	return err
}
