// SPDX-License-Identifier: Apache-2.0

// Package ibmmq carries messages over IBM MQ, through IBM's own client library and its Go binding
// mq-golang. The library is written in C and is not free: everything but this page stands behind the
// build tag ibmmq, and the default build of Lintel holds nothing of it.
//
// An Adapter keeps one connection that gets replies and a few that put requests. A call into the
// library cannot be canceled and holds a thread of the operating system, so every connection has one
// goroutine of its own that makes its calls, and nothing else does: the number of threads is the
// number of connections. Waits are cut into slices, so that each looks up often enough.
//
// Every request carries a message id that nobody can guess. A reply is given to the exchange whose id
// its correlation id holds, and to nobody else. What fits no exchange that waits (late, twice,
// foreign, all zero) is counted, and dropped or put on a quarantine queue.
//
// The files: options.go what can be set, adapter.go the exchange, link.go the connections together and
// who waits on them, connect.go one connection, put.go the way of a request, get.go that of a reply, message.go
// properties to message descriptors and back, reasons.go what reason codes mean for fates.
//
// The automatic reconnect of the client is off: it would hide failures from the breaker, and it loses
// messages. Connections are made when they are first needed and made again after a loss; attempts that
// fail are spaced out, and exchanges that come between them are not sent.
package ibmmq
