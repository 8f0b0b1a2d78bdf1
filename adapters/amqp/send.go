// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"errors"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// The fates of a request, up to the broker's word about it:
//
//   - no whole frame of it left: not sent (and once more over a fresh connection, if the connection was the reason)
//   - it left, and the connection or link ended before the disposition: in doubt
//   - rejected, released: not sent, by the broker's word
//   - modified: in doubt, since a receiver may have begun
//   - accepted: the broker holds it; from here on only a reply tells more

// sent is how sending ended.
type sent struct {
	err *adapters.Error
	// untouched means that nothing of the request left, because the connection was at its end.
	untouched bool
}

// give gives a message to the writer of its connection. Until then it waits for credit, as long as ctx lasts. The driver waits
// without end where there is credit and the session takes nothing, which is how RabbitMQ says that it is short of memory. What
// waits there cannot be taken back: when its time is over, lose ends the connection, so that it is not sent later.
func give(ctx context.Context, s *amqp.Sender, m *amqp.Message, lose func()) (amqp.SendReceipt, error) {
	given := make(chan struct{})
	defer close(given)
	stop := context.AfterFunc(ctx, func() {
		left := time.Duration(0)
		if d, ok := ctx.Deadline(); ok { // others need the connection longer than a caller who went
			left = max(0, time.Until(d))
		}
		late := time.NewTimer(left + patience)
		defer late.Stop()
		select {
		case <-given:
		case <-late.C:
			lose()
		}
	})
	defer stop()
	return s.SendWithReceipt(untilGiven{ctx}, m, nil)
}

// errStuck is why a connection is ended that takes no messages.
var errStuck = errors.New("the broker gave credit for a message and took none in time")

// untilGiven is the context of a message until it is given to the writer of its connection. It has no deadline, since the
// driver would make that the deadline of the socket and end the connection for everybody. It has no error, since the driver
// would not write a message that has its delivery-id already: Proton, and the brokers that are built on it, hold a session
// to ids that follow each other, so that the next message would end the connection, or be read again and again
// (Artemis); and if the connection ends at that moment the driver waits without end.
type untilGiven struct{ context.Context }

// Deadline implements context.Context.
func (untilGiven) Deadline() (time.Time, bool) { return time.Time{}, false }

// Err implements context.Context, as far as the driver needs it.
func (untilGiven) Err() error { return nil }

// request is one that was given to the wire.
type request struct {
	// receipt will hold the broker's word.
	receipt *amqp.SendReceipt
	// first is the number of its first frame.
	first uint64
}

// never reports whether the connection ended before a request left, or a whole frame of it. If so none will.
func (l *link) never(r request) bool {
	if !l.Lost() {
		return false
	}
	if !l.wire.broken.Load() { // else nothing more leaves, and replies may still come
		l.Lose(l.conn.Err())
	}
	return l.wire.out.lost(r.first)
}

// send gives one message to the wire.
func (l *link) send(ctx context.Context, m *amqp.Message) (request, sent) {
	select {
	case l.gate <- struct{}{}:
	case <-ctx.Done():
		return request{}, sent{err: queue.Fail(ctx, adapters.NotSent, adapters.Timeout, "", nil)}
	case <-l.lost:
		return request{}, sent{err: l.brokenOff(adapters.NotSent, "connection ended before the request"), untouched: true}
	}
	defer func() { <-l.gate }()
	if err := ctx.Err(); err != nil {
		return request{}, sent{err: queue.Fail(ctx, adapters.NotSent, adapters.Timeout, "", nil)}
	}
	if l.Lost() {
		return request{}, sent{err: l.brokenOff(adapters.NotSent, "connection ended before the request"), untouched: true}
	}
	before := l.wire.out.number()
	receipt, err := give(ctx, l.sender, m, func() { l.Lose(errStuck) })
	none := l.wire.out.number() == before
	if err == nil && none { // the wire kept the failure to itself
		return request{}, sent{err: &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Broken, Detail: "connection ended before the request"}, untouched: true}
	}
	if err == nil {
		return request{&receipt, before + 1}, sent{}
	}
	return request{}, l.notWritten(ctx, err, none)
}

// notWritten judges a failed write. none tells that no whole frame of the message left.
func (l *link) notWritten(ctx context.Context, err error, none bool) sent {
	if e := remote(err); e != nil && e.Condition == amqp.ErrCondMessageSizeExceeded {
		return sent{err: &adapters.Error{
			Fate: adapters.NotSent, Kind: adapters.TooLarge,
			Detail: "the request is larger than the broker takes on this queue", Cause: err,
		}}
	}
	if ctx.Err() != nil {
		if none {
			e := queue.Fail(ctx, adapters.NotSent, adapters.Timeout, "", err)
			if e.Kind == adapters.Timeout {
				e.Detail = "the broker took no message in time"
			}
			return sent{err: e}
		}
		// Part of the message left, and nothing may follow it on this link. The last part did not, if it
		// is the caller's time that ended it and not the connection.
		fate := adapters.NotSent
		if isEnd(err) {
			fate = adapters.InDoubt
		}
		l.Lose(err)
		return sent{err: queue.Fail(ctx, fate, adapters.Timeout, "", err)}
	}
	l.Lose(err)
	if none {
		return sent{err: l.brokenOff(adapters.NotSent, "connection ended before the request"), untouched: true}
	}
	return sent{err: l.brokenOff(adapters.InDoubt, "connection ended with the request")}
}

// settled judges the broker's word about a request; nil means accepted.
func settled(state amqp.DeliveryState) *adapters.Error {
	switch s := state.(type) {
	case *amqp.StateAccepted:
		return nil
	case *amqp.StateRejected:
		e := &adapters.Error{Fate: adapters.NotSent, Kind: kindOf(s.Error), Detail: "the broker rejected the request"}
		if s.Error != nil {
			e.Cause = s.Error
		}
		return e
	case *amqp.StateReleased:
		return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "the broker released the request: nobody takes it"}
	case *amqp.StateModified:
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Broken, Detail: "the broker modified the request: somebody may have begun with it"}
	default:
		return &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Broken, Detail: "the broker's word about the request is not known"}
	}
}
