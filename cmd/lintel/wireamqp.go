// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"crypto/tls"

	"lintel/adapters/amqp"
	"lintel/specs"
)

// amqpOptions are the options of a backend's amqp section. most is how many exchanges run at once:
// the credit is above what can be on its way to them, with late replies, unless it is set. address is one of those that the
// section has.
func amqpOptions(c *specs.AMQPConfig, address string, most int, t *tls.Config) amqp.Options {
	return amqp.Options{
		Address: address, Target: c.Queue.Value, ReplyTo: c.ReplyTo.Value, Datagram: c.Datagram,
		Durable: c.Durable, Body: amqpSection(c.Body), IBMMQ: c.Broker == "ibmmq", NoCapability: !c.Capability, Ints: c.Ints,
		Credit: cmp.Or(c.Credit, max(2*most, amqp.DefaultCredit)), Connect: c.Connect, Idle: c.Idle, MaxReply: int(c.MaxReply),
		Host: c.Host.Value, Container: c.Container.Value,
		TLS: t, SASL: amqpMechanism(c.SASL.Mechanism), User: c.SASL.User.Value, Password: c.SASL.Password.Value,
	}
}

// amqpSource is the source of a listener's section: it goes from one address to the next when the connection fails.
func amqpSource(c *specs.AMQPConfig, most int, t *tls.Config) (*amqp.Source, error) {
	var ways []amqp.Options
	for _, a := range c.Addresses {
		ways = append(ways, amqpOptions(c, a.Value, most, t))
	}
	return amqp.NewSource(ways...)
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
