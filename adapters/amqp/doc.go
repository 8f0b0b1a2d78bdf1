// SPDX-License-Identifier: Apache-2.0

// Package amqp carries messages over AMQP 1.0: to RabbitMQ, ActiveMQ Artemis, Qpid, Azure Service Bus
// and the AMQP channels of IBM MQ.
//
// An Adapter keeps one connection with one session, one link to the queue of the host, and one link
// from a reply address of its own. Every request carries an id that nobody can guess, as message-id
// and as correlation-id; a reply is given to the exchange whose id its correlation-id holds, and to
// nobody else. What fits no exchange that waits (late, twice, foreign) is counted and dropped.
//
// The files: options.go what can be set, adapter.go the exchange, link.go a connection with its
// links and who waits on it, send.go the way of a request up to its disposition, message.go bytes
// and properties to AMQP messages and back, errors.go what the broker's errors mean, wire.go counts
// what left and what came, and holds the end of a connection back (incoming.go: its frames),
// source.go takes messages from a queue for listeners.
//
// The connection is made when it is first needed and made again after it was lost; attempts that
// fail are spaced out, and exchanges that come between them are not sent. The fates: see send.go.
package amqp
