// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"time"
)

// Source takes messages from a queue of a host, for listeners.
type Source interface {
	// Receive waits for the next message until ctx ends. Every message that it gives must be settled;
	// one whose connection is lost before comes again. An error is an *Error; a Source that lost its
	// connection makes another by itself, at the next call. It is for one goroutine; what it gives
	// may be settled by any.
	Receive(ctx context.Context) (*Received, error)
}

// Backlog is a Source that is told how many messages wait on its queue.
type Backlog interface {
	// Backlog is the last number that was told, those included that were taken and not settled; known is
	// false if none was, or none of late. It asks nobody, and returns at once.
	Backlog() (messages int64, known bool)
}

// Limited is a Source that may have to do without something that it could use.
type Limited interface {
	// OnLimit names who is told of that: once, in a sentence, when it is found. It is called before the first Receive.
	OnLimit(tell func(what string))
}

// Received is a message that was taken from a queue.
type Received struct {
	Message Message
	// ID is the id that its sender gave it, the same whenever it comes again; empty if it has none.
	ID string
	// ReplyTo is where its sender wants an answer; empty if nowhere.
	ReplyTo string
	// Correlation is the id by which its sender finds the answer: the property correlationId of that, a string or
	// []byte; nil if there is none.
	Correlation any
	// Created is when it was made, zero if that is not known.
	Created time.Time
	// Count is how often it was delivered before, as far as the wire counts.
	Count int
	// Spent says that the queue's own rules forbid another attempt: why, in a sentence; empty if there may be one.
	Spent string
	Delivery
}

// Delivery is what can be done with a message that was taken.
type Delivery interface {
	// Forward sends a message to a queue of the same broker or queue manager. Where the wire has units of
	// work it becomes visible with Settle(Done), and not at all otherwise; elsewhere at once.
	Forward(ctx context.Context, queue string, m Message) error
	// Bury puts the message itself on a queue for such, with the properties beside its own where the wire has room for
	// them; Settle(Done) must follow.
	Bury(ctx context.Context, queue string, properties map[string]any) error
	// Settle says what became of the message. It must be called once.
	Settle(ctx context.Context, s Settlement) error
}

// Settlement is what became of a message that was taken from a queue.
type Settlement uint8

const (
	// Back gives the message back: it comes again, with a count that is one higher. The zero value.
	Back Settlement = iota
	// Done removes the message.
	Done
	// Dead gives the message up: the broker puts it where it puts such messages, or drops it.
	Dead
)

// String is the word for logs and metrics: "back", "done", "dead".
func (s Settlement) String() string { return [...]string{"back", "done", "dead"}[s] }
