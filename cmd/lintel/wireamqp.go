// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"crypto/tls"

	"lintel/adapters/amqp"
	"lintel/specs"
)

// amqpOptions are the options of a backend's amqp section. most is how many exchanges run at once:
// the credit is above what can be on its way to them, with late replies, unless it is set.
func amqpOptions(c *specs.AMQPConfig, most int, t *tls.Config) amqp.Options {
	return amqp.Options{
		Address: c.Address.Value, Target: c.Queue.Value, ReplyTo: c.ReplyTo.Value, Datagram: c.Datagram,
		Durable: c.Durable, Body: amqpSection(c.Body), IBMMQ: c.Broker == "ibmmq", NoCapability: !c.Capability, Ints: c.Ints,
		Credit: cmp.Or(c.Credit, max(2*most, amqp.DefaultCredit)), Connect: c.Connect, Idle: c.Idle, MaxReply: int(c.MaxReply),
		Host: c.Host.Value, Container: c.Container.Value,
		TLS: t, SASL: amqpMechanism(c.SASL.Mechanism), User: c.SASL.User.Value, Password: c.SASL.Password.Value,
	}
}

func amqpSection(word string) amqp.Section {
	switch word {
	case "text":
		return amqp.Text
	case "binary":
		return amqp.Binary
	default:
		return amqp.Data
	}
}

func amqpMechanism(word string) amqp.Mechanism {
	switch word {
	case "plain":
		return amqp.Plain
	case "external":
		return amqp.External
	case "none":
		return amqp.None
	default:
		return amqp.Anonymous
	}
}
