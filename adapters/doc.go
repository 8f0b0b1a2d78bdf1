// SPDX-License-Identifier: Apache-2.0

// Package adapters carries messages to hosts and back.
//
// An Adapter knows one wire (tcp, ims, hosthttp, ibmmq, amqp: the packages below this one). A Guard
// stands before an adapter and keeps both sides alive: deadline, concurrency limit, breaker. Every
// failure is an *Error that says, above all, whether the host may have done the work: its Fate.
//
// The files: adapter.go has the types that adapters and their callers share. guard.go is the way of a
// call, slots.go who may run and who waits, breaker.go whether the host is taken for down (with
// window.go and verdict.go: what is counted and as what), ping.go how it is found out that it is back, state.go what operators see, options.go the
// limits and their defaults.
//
// This package and those below know nothing of HTTP requests, contracts or records.
package adapters
