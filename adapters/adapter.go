// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"fmt"
	"time"
)

// Message is what an adapter carries to a host or back.
type Message struct {
	// Body is the message without its frame. An adapter never changes the body of a request, and
	// the body of a reply belongs to the caller.
	Body []byte
	// Properties are named values beside the body (MQ message descriptor and properties, HTTP
	// headers): string, int64, bool or []byte. Nil when the wire has none.
	Properties map[string]any
}

// Adapter carries one message to a host and brings back the reply.
type Adapter interface {
	// Exchange sends m and waits for its reply until ctx ends. An error is an *Error whose Fate
	// says whether the host may have done the work. An Adapter is safe for concurrent use.
	Exchange(ctx context.Context, m Message) (Message, error)
}

// Prober is an Adapter that can ask whether its host is there, without doing work on it.
type Prober interface {
	// Probe returns nil if the host can be reached.
	Probe(ctx context.Context) error
}

// Fate is what became of an exchange at the host.
type Fate uint8

const (
	// InDoubt says that the host may or may not have done the work. It is the zero value on purpose.
	InDoubt Fate = iota
	// NotSent says that the host never held a whole request.
	NotSent
	// NotApplied says that the host gave proof that it refused or rolled back.
	NotApplied
	// Applied says that a reply is in hand.
	Applied
)

// String gives the words used in problems and logs: "in doubt", "not sent", "not applied", "applied".
func (f Fate) String() string {
	return [...]string{"in doubt", "not sent", "not applied", "applied"}[f]
}

// Kind is the sort of trouble an exchange met.
type Kind uint8

const (
	// Internal is a fault of Lintel itself.
	Internal Kind = iota
	// Unreachable means that no connection could be made: DNS, refused, TLS, connect timeout.
	Unreachable
	// Broken means that the connection ended during the exchange.
	Broken
	// Timeout means that no whole reply came in time.
	Timeout
	// Canceled means that the caller went away.
	Canceled
	// Busy means that no slot was free within the allowed wait.
	Busy
	// Open means that the breaker is open or the backend is held by an operator.
	Open
	// Framing means that the host sent bytes that are no message of this wire.
	Framing
	// TooLarge means that the request or reply is larger than the wire or the configuration allows.
	TooLarge
	// Unreadable means that a whole reply came but its content cannot be read.
	Unreadable
	// Config means that the connection is set up wrongly (authority, unknown queue, certificate).
	Config
	// Withheld means that the caller's own Before refused the call.
	Withheld
	// Short means that less time was left than an exchange takes.
	Short
)

// String gives the word used as a metric label.
func (k Kind) String() string {
	return [...]string{
		"internal", "unreachable", "broken", "timeout", "canceled", "busy", "open",
		"framing", "too-large", "unreadable", "config", "withheld", "short",
	}[k]
}

// Error is the one error type of exchanges. Driver errors stop here: the cause can be logged, but
// it is not unwrapped, so that no driver becomes part of this interface.
type Error struct {
	Fate Fate
	Kind Kind
	// Backend is the name of the backend, filled in by the Guard.
	Backend string
	// Detail is a sentence for operators; it never holds bytes of a message.
	Detail string
	// RetryAfter says when a new attempt makes sense; 0 if not known.
	RetryAfter time.Duration
	// Cause is the driver's error for the log, or nil.
	Cause error
}

// Error prints backend, kind, fate and detail.
func (e *Error) Error() string {
	s := fmt.Sprintf("backend %s: %s (%s)", e.Backend, e.Kind, e.Fate)
	if e.Backend == "" {
		s = fmt.Sprintf("%s (%s)", e.Kind, e.Fate)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Judge looks at a reply while the exchange still counts as running. It is called at most once.
type Judge func(reply Message) Judgement

// Judgement is what a reply means for the connection to the host.
type Judgement struct {
	// HostFailed replies say that the host is in trouble (an abend, "system not available"): the
	// breaker counts them as failures.
	HostFailed bool
	// Foreign replies are not, or may not be, the answer to their request: they cannot be read, or
	// speak of something else. What comes next on such a connection cannot be trusted.
	Foreign bool
}

// Distruster is an Adapter that can give up its connections.
type Distruster interface {
	// Distrust closes all connections that are open now, those in use after their exchange: a reply
	// has shown that replies may reach the wrong request.
	Distrust()
}

// Call is one exchange as a Guard sees it.
type Call struct {
	Message Message
	// Judge may be nil.
	Judge Judge
	// Timeout bounds this call; 0 means the backend's timeout.
	Timeout time.Duration
	// Safe calls change nothing at the host.
	Safe bool
	// Before, if set, is called once, when the call has its slot and before the adapter is: an error
	// from it ends the call, and nothing is sent. Its context ends with the time of the call.
	Before func(ctx context.Context) error
	// Recording, if set, is what the journal knows of the exchange.
	Recording *Recording
	// Lane is the operation, made by this very Guard; nil means the lane that all such calls share.
	Lane *Lane
	// Client is who calls: clients get slots in turn.
	Client string
	// Waited, if set, is told how long the call waited for a slot, if it had to.
	Waited func(time.Duration)
}
