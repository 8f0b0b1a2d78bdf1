// SPDX-License-Identifier: Apache-2.0

// Package listener takes messages from a queue of a host and delivers what they say: events to a
// webhook or to another queue, or calls of the gateway's own operations whose answers go back.
//
// A Listener promises delivery at least once: a message is settled when its delivery is done, and comes again
// when Lintel ends before. Receivers tell repeats by the event's id, which is that of the message. Messages
// with the same key are delivered in the order they came; of others several at once. A delivery that fails is
// repeated, with pauses that grow; a message that cannot be read, that was refused for good, or that has failed
// too often is poison, and goes to the backout queue or to where the broker puts such messages.
//
// The files: listener.go the way of a message, worker.go deliveries and their repeats, event.go CloudEvents,
// webhook.go signed HTTP, call.go operations of the gateway, metrics.go what operators see.
package listener
