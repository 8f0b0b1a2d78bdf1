// SPDX-License-Identifier: Apache-2.0

// Package adapters carries messages to hosts and back.
//
// An Adapter knows one wire (tcp, ims, hosthttp, ibmmq, amqp: the packages below this one). A Guard
// stands before an adapter and keeps both sides alive: deadline, concurrency limit, breaker. Every
// failure is an *Error that says, above all, whether the host may have done the work: its Fate.
//
// This package and those below know nothing of HTTP requests, contracts or records.
package adapters
