// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"
	"time"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/specs"
)

// A simulated queue of IBM MQ is a queue of the broker in memory: neither a queue manager nor its client library is
// needed. Fields of the message descriptor that AMQP does not have travel as application properties.

// mqField begins the names of such application properties.
const mqField = "application.mqmd."

// simulatedMQ exchanges messages with a simulated host behind IBM MQ.
type simulatedMQ struct{ *amqp.Adapter }

// Exchange implements adapters.Adapter.
func (s *simulatedMQ) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	reply, err := s.Adapter.Exchange(ctx, adapters.Message{Body: m.Body, Properties: mqToAMQP(m.Properties)})
	if err == nil {
		reply.Properties = mqFromAMQP(reply.Properties)
	}
	return reply, err
}

// simulatedMQSource takes messages from a simulated queue of IBM MQ.
type simulatedMQSource struct{ *amqp.Source }

// Receive implements adapters.Source.
func (s *simulatedMQSource) Receive(ctx context.Context) (*adapters.Received, error) {
	m, err := s.Source.Receive(ctx)
	if err == nil {
		m.Message.Properties = mqFromAMQP(m.Message.Properties)
		m.Delivery = simulatedMQDelivery{m.Delivery}
	}
	return m, err
}

type simulatedMQDelivery struct{ adapters.Delivery }

// Forward implements adapters.Delivery.
func (d simulatedMQDelivery) Forward(ctx context.Context, queue string, m adapters.Message) error {
	out := mqToAMQP(m.Properties)
	if id := m.Properties["correlationId"]; id != nil { // what is forwarded has the ids that it is given
		delete(out, mqField+"correlationId")
		out["correlationId"] = id
	}
	return d.Delivery.Forward(ctx, queue, adapters.Message{Body: m.Body, Properties: out})
}

// mqToAMQP gives the properties of a message of IBM MQ as AMQP carries them.
func mqToAMQP(in map[string]any) map[string]any {
	out := make(map[string]any, len(in))
	for name, v := range in {
		switch {
		case name == "priority" || strings.HasPrefix(name, "application."):
			out[name] = v
		case name == "persistent":
			out["durable"] = v
		default:
			out[mqField+name] = v
		}
	}
	return out
}

// mqFromAMQP gives them back. What every message of IBM MQ has gets its initial value.
func mqFromAMQP(in map[string]any) map[string]any {
	out := map[string]any{}
	for _, p := range specs.WireProperties("mq") {
		if p.Always {
			out[p.Name] = map[specs.PropertyType]any{specs.TextProperty: "", specs.WholeProperty: int64(0), specs.BooleanProperty: false, specs.BytesProperty: []byte(nil)}[p.Type]
		}
	}
	for name, v := range in {
		switch {
		case strings.HasPrefix(name, mqField):
		case name == "priority" || strings.HasPrefix(name, "application."):
			out[name] = v
		case name == "durable":
			out["persistent"] = v
		case name == "messageId" || name == "correlationId":
			out[name] = mqID(v)
		case name == "replyTo":
			out["replyTo"] = v
		case name == "ttl":
			if ms, ok := v.(int64); ok && ms > 0 {
				out["expiry"] = ms / (100 * time.Millisecond).Milliseconds()
			}
		}
	}
	for name, v := range in { // last: what the sender gave stands before what the broker's message has of its own
		if field, ok := strings.CutPrefix(name, mqField); ok {
			out[field] = v
		}
	}
	return out
}

// mqID is an id of AMQP as one of IBM MQ.
func mqID(v any) []byte {
	switch v := v.(type) {
	case string:
		return []byte(v)
	case []byte:
		return v
	default:
		return nil
	}
}

// simulatedAMQP is the section of a queue of IBM MQ in the simulation; of a broker's queue its own.
func simulatedAMQP(a *specs.AMQPConfig, m *specs.MQConfig) *specs.AMQPConfig {
	if m == nil {
		return a
	}
	return &specs.AMQPConfig{
		Pos: m.Pos, Queue: m.Queue, Datagram: m.Datagram, Durable: m.Persistent, Broker: "standard", Body: "data", Capability: true,
		Connect: 5 * time.Second, Idle: time.Minute, MaxReply: m.MaxReply, Trace: m.Trace, SASL: specs.SASLConfig{Mechanism: "anonymous"},
	}
}
