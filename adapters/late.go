// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"sync"
)

// Some wires tell which request a reply answers. On these, a reply that comes when nobody waits for it
// any more - too late, or after the process that asked was restarted - still says what became of its
// request. Recorded exchanges have an id for that, which the journal knows as well (Recording).

// LateEnd is how a request ended that no exchange waits for any more.
type LateEnd struct {
	// Reply is the host's.
	Reply Message
	// Expired tells that there is none: the queue manager says that the request ran out on its queue, and so was
	// never read. That is a proof.
	Expired bool
}

// Late takes an end that no exchange waits for. correlation is the id of its request as the wire has
// it. After an error it could not be recorded now: whoever has the reply keeps it, where the wire can, and
// tries again.
type Late func(ctx context.Context, correlation []byte, end LateEnd) (LateVerdict, error)

// LateVerdict says what an end that no exchange waits for is worth.
type LateVerdict int

const (
	// LateForeign is the end of nothing that is known, or one of which nothing could be made: a person may want
	// to see it. The zero value.
	LateForeign LateVerdict = iota
	// LateTaken is the end of an exchange that was in doubt, and is not any more.
	LateTaken
	// LateDuplicate is an end that was recorded before: the process, or the connection, ended before the host was
	// told so. It is of no more use to anybody.
	LateDuplicate
)

// Correlator is an Adapter whose wire tells which request a reply answers. For an exchange that is
// recorded it uses the id that RecordingFrom gives, in place of one of its own.
type Correlator interface {
	// OnLate names who gets the replies that no exchange waits for. It is called at most once, before
	// the first exchange.
	OnLate(Late)
}

// Recoverer is an Adapter whose host keeps replies that nobody took.
type Recoverer interface {
	// Recover returns the reply to the request with this id, or an *Error if there is none (yet). It may
	// also only see to it that such replies come in, and leave them to OnLate.
	Recover(ctx context.Context, correlation []byte) (Message, error)
}

// Recording is an exchange that the journal knows. It is for one exchange.
type Recording struct {
	// ID is the id of the exchange: 24 bytes, the same whenever this very exchange is made again, and known
	// to nobody but the gateways.
	ID []byte

	mu      sync.Mutex
	settled bool
	release func()
}

// Hold is called by an adapter that can keep the reply at the host until it is recorded: release gives
// it up there. Without that call the process may die with the only copy.
func (r *Recording) Hold(release func()) {
	r.mu.Lock()
	settled := r.settled
	if !settled {
		r.release = release
	}
	r.mu.Unlock()
	if settled {
		release()
	}
}

// Held reports whether an adapter keeps the reply at the host until it is recorded. Then it may come again.
func (r *Recording) Held() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.release != nil
}

// Settle tells that the end of the exchange is on stable storage.
func (r *Recording) Settle() {
	if r == nil {
		return
	}
	r.mu.Lock()
	release := r.release
	r.settled, r.release = true, nil
	r.mu.Unlock()
	if release != nil {
		release()
	}
}

type recordingKey struct{}

// WithRecording returns a context that carries a recording.
func WithRecording(ctx context.Context, r *Recording) context.Context {
	return context.WithValue(ctx, recordingKey{}, r)
}

// RecordingFrom returns the recording that a context carries, or nil.
func RecordingFrom(ctx context.Context) *Recording {
	r, _ := ctx.Value(recordingKey{}).(*Recording)
	return r
}

// Recover asks the host for a reply that nobody took; see Recoverer.
func (g *Guard) Recover(ctx context.Context, correlation []byte) (Message, error) {
	r, ok := g.adapter.(Recoverer)
	if !ok {
		return Message{}, &Error{Fate: NotSent, Kind: Config, Backend: g.name, Detail: "the wire keeps no replies"}
	}
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	m, err := r.Recover(ctx, correlation)
	if err != nil {
		return Message{}, asError(g.name, err)
	}
	return m, nil
}

// correlate lets late replies come in, if the wire can tell them.
func (g *Guard) correlate() {
	if c, ok := g.adapter.(Correlator); ok && g.opts.Late != nil {
		c.OnLate(g.opts.Late)
		g.correlates = true
	}
}
