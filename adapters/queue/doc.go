// SPDX-License-Identifier: Apache-2.0

// Package queue is what adapters over message queues have in common: a connection that is kept, made again after a
// loss and given up between attempts (Keeper), exchanges that wait for the reply with their id (Waiters), errors
// of an end by time or by the caller, properties, and the trace that goes with a message.
//
// It knows no wire. An adapter gives the Keeper a way to make a Link, and asks it for one at each exchange.
package queue
