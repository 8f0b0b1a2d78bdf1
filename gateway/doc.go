// SPDX-License-Identifier: Apache-2.0

// Package gateway is the HTTP edge of Lintel.
//
// A Gateway is an http.Handler over a table of routes. The table holds what the contract declares
// and nothing else, is built as a whole by Swap and replaced atomically: a call ends under the table
// it began with. One call takes one straight line (call.go):
//
//	path and method -> parameters and body -> Runner.Request -> Exchanger.Exchange -> Runner.Reply -> answer
//
// Every error on the way becomes an RFC 9457 problem in problem.go and nowhere else. What a problem
// says about the host (not sent, not applied, applied, unknown) is taken from the fate of the
// exchange and is never guessed.
//
// Everything that the contract decides is decided in Swap: parameters are compiled to plans, label
// values of metrics are resolved to their counters. A request then appends to buffers of a pooled
// call. A call that met a panic, or whose exchange ended in doubt, is not pooled again.
//
// Admin is a handler of its own for health, metrics, backends and the pages of the problems; a Server
// binds both handlers to their addresses and stops them without losing a request. No parameter
// value, header value or body reaches a log line, a metric or a problem.
package gateway
