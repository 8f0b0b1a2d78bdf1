// SPDX-License-Identifier: Apache-2.0

// Package tcp carries messages in length-prefixed frames over pooled TCP connections, with or
// without TLS.
//
// One connection carries one exchange at a time: a whole frame is written, one whole frame is read.
// Connections are those of the package stream, and their rules.
//
// The files: frame.go knows the length field, read.go reads one frame in bounded memory, conn.go has the
// fates of an exchange, adapter.go the options, host.go the host's end of the wire.
package tcp
