// SPDX-License-Identifier: Apache-2.0

// Package stream is the ground under adapters whose wire is a stream: pooled TCP connections, with or
// without TLS, that carry one exchange at a time.
//
// Only a connection whose exchange ended in exactly one clean reply goes back to the pool, and it is
// looked at again before it is used (unread bytes or an end of stream retire it). Where the wire has no
// correlation this rule alone keeps a late reply from reaching another caller. What it cannot catch is
// a host that sends a second reply in the moment between that look and the next request.
//
// The files: wire.go is the socket, conn.go one connection and the deadline of an exchange, pool.go
// which connections live, stream.go the options and the way of an exchange.
package stream
