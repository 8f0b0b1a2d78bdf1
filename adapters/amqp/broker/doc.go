// SPDX-License-Identifier: Apache-2.0

// Package broker is a small AMQP 1.0 broker in memory, on loopback: what `lintel serve --simulate`
// puts in the place of a real one, and what tests script to reject, release, stall and break off.
//
// It speaks the real wire: SASL ANONYMOUS and PLAIN, sessions, links in both directions, credit,
// transfers of any number of frames, dispositions, dynamic addresses, times to live and redelivery
// with a count. Every address is a queue, made when it is first named. It keeps nothing through an
// end of the process, has no transactions and no TLS: it is no product.
//
// The files: value.go the types of AMQP (parts 1.2 and 1.6 of the standard), frame.go frames and
// performatives, queue.go the queues, conn.go a connection, link.go its links, broker.go the rest.
package broker
