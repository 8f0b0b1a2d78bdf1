// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// sending is a request on its way to a putter.
type sending struct {
	*outgoing
	// until is the deadline of the exchange, if it has one.
	until  time.Time
	hasEnd bool
	// taken is set by the first of putter and caller: the putter begins only what nobody gave up.
	taken atomic.Bool
	out   chan *adapters.Error
}

// send has a putter put a request. Nil means that it is on the queue.
func (l *link) send(ctx context.Context, r *outgoing) *adapters.Error {
	s := &sending{outgoing: r, out: make(chan *adapters.Error, 1)}
	s.until, s.hasEnd = ctx.Deadline()
	gone := &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "connection ended before the request was put"}
	select {
	case l.puts <- s:
	case <-l.ctx.Done():
		return gone
	case <-ctx.Done():
		return queue.Ended(ctx, adapters.NotSent, "time ran out before the request was put")
	}
	select {
	case e := <-s.out:
		return e
	case <-ctx.Done():
	}
	if s.taken.CompareAndSwap(false, true) {
		return queue.Ended(ctx, adapters.NotSent, "time ran out before the request was put")
	}
	select { // it may have come to an end just now
	case e := <-s.out:
		return e
	default:
		return queue.Ended(ctx, adapters.InDoubt, "time ran out while the request was put")
	}
}

// putter puts requests until the link is lost. A connection that nobody uses does not notice that it is
// broken, and the next request would be in doubt for nothing: so an empty commit asks now and then.
func (l *link) putter(e *end) {
	idle := time.NewTicker(l.a.opts.Slice)
	defer idle.Stop()
	for {
		select {
		case <-idle.C:
			if !worked(e.manager.Cmit()) {
				return
			}
		case s := <-l.puts:
			if !s.taken.CompareAndSwap(false, true) {
				continue
			}
			failure, over := l.put(e, s)
			idle.Reset(l.a.opts.Slice)
			if over {
				l.lose() // before the caller hears of it and tries again
			}
			s.out <- failure
			if over {
				return
			}
		case <-l.ctx.Done():
			return
		}
	}
}

// put puts one request; over tells that the connection is of no more use.
func (l *link) put(e *end, s *sending) (failure *adapters.Error, over bool) {
	if s.hasEnd && !s.expire(s.until) {
		return &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Timeout, Detail: "time ran out before the request was put"}, false
	}
	o, p := &l.a.opts, ibmmq.NewMQPMO()
	now := putting
	p.Options = ibmmq.MQPMO_NO_SYNCPOINT
	if o.Syncpoint {
		now, p.Options = puttingInUnit, ibmmq.MQPMO_SYNCPOINT
	}
	if o.Identity {
		p.Options |= ibmmq.MQPMO_SET_IDENTITY_CONTEXT
	}
	if len(s.properties) > 0 {
		h, err := handleWith(e.manager, s.properties)
		if err != nil {
			return failed(connecting, "the properties cannot be set", err), ends(err)
		}
		defer func() { _ = h.DltMH(ibmmq.NewMQDMHO()) }()
		p.OriginalMsgHandle = h
	}
	err := e.queue.Put(s.md, p, s.body)
	if !worked(err) {
		// In a unit of work nothing may be left behind for the next commit.
		if o.Syncpoint && !ends(err) && !worked(e.manager.Back()) {
			return failed(now, "the request was not put", err), true
		}
		return failed(now, "the request was not put", err), ends(err)
	}
	if o.Syncpoint {
		if err := e.manager.Cmit(); !worked(err) {
			return failed(committing, "the request was not committed", err), ends(err)
		}
	}
	return nil, false
}

// expire gives a request the rest of its time in tenths of a second, rounded up; false if there is none left.
// A datagram keeps what the transform says.
func (r *outgoing) expire(until time.Time) bool {
	left := time.Until(until)
	if left <= 0 {
		return false
	}
	if !r.datagram {
		tenths := (left + 100*time.Millisecond - 1) / (100 * time.Millisecond)
		r.md.Expiry = int32(min(tenths, math.MaxInt32))
	}
	return true
}

// handleWith makes a message handle with properties.
func handleWith(m *ibmmq.MQQueueManager, properties map[string]any) (ibmmq.MQMessageHandle, error) {
	h, err := m.CrtMH(ibmmq.NewMQCMHO())
	if err != nil {
		return h, err
	}
	for name, v := range properties {
		if err := h.SetMP(ibmmq.NewMQSMPO(), name, ibmmq.NewMQPD(), v); err != nil {
			_ = h.DltMH(ibmmq.NewMQDMHO())
			return h, err
		}
	}
	return h, nil
}
