// SPDX-License-Identifier: Apache-2.0

// Package tcp carries messages in length-prefixed frames over pooled TCP connections, with or
// without TLS.
//
// One connection carries one exchange at a time: a whole frame is written, one whole frame is read.
// Only a connection whose exchange ended in exactly one clean reply goes back to the pool, and it is
// looked at again before it is used (unread bytes or an end of stream retire it). The wire has no
// correlation, so this rule alone keeps a late reply from reaching another caller. What it cannot catch
// is a host that sends a second reply in the moment between that look and the next request.
//
// The files: frame.go knows the length field, read.go reads one frame in bounded memory, wire.go is the
// socket below, conn.go one connection and the fates of an exchange, pool.go which connections live,
// adapter.go the options and the way through.
package tcp
