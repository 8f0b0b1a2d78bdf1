// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// Source takes messages from Options.Queue, each in a unit of work of its own: what is forwarded becomes visible
// when the message is done, and neither happens without the other. A connection has one unit of work, so that
// Options.Getters connections hold as many messages.
type Source struct {
	opts Options
	// ends holds connections that hold no message; nil stands for one that is not made yet.
	ends   chan *sourceEnd
	pauses queue.Pauses
	depth  *depth
	asks   questions
	// failed tells that the last attempt to connect did, or that a message could not be put away.
	failed atomic.Bool

	mu     sync.Mutex
	closed bool
}

// sourceEnd is one connection of a Source.
type sourceEnd struct {
	end
	// calls is held during a call of the library.
	calls  sync.Mutex
	handle ibmmq.MQMessageHandle
	buffer []byte
	place  resting
}

var (
	_ adapters.Source  = (*Source)(nil)
	_ adapters.Limited = (*Source)(nil)
)

// NewSource checks the options and returns a source. It does not connect.
func NewSource(o Options) (*Source, error) {
	o.Datagram = true // what is forwarded has the ids that it is given
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Source{opts: o, ends: make(chan *sourceEnd, o.Getters)}
	s.depth = newDepth(&s.opts, &s.asks)
	for range o.Getters {
		s.ends <- nil
	}
	return s, nil
}

// Receive implements adapters.Source.
func (s *Source) Receive(ctx context.Context) (*adapters.Received, error) {
	for {
		e, err := s.take(ctx)
		if err != nil {
			return nil, err
		}
		m, err := s.get(ctx, e)
		switch {
		case m != nil:
			return m, nil
		case err != nil:
			s.give(nil)
			e.leave()
			s.failed.Store(true)
			return nil, err
		}
		s.give(e)
		if ctx.Err() != nil {
			return nil, queue.Ended(ctx, adapters.NotSent, "no message in time")
		}
	}
}

// take waits for a connection without a message, and makes it if it has to.
func (s *Source) take(ctx context.Context) (*sourceEnd, error) {
	var e *sourceEnd
	select {
	case e = <-s.ends:
	case <-ctx.Done():
		return nil, queue.Ended(ctx, adapters.NotSent, "no message was settled in time")
	}
	if s.isClosed() {
		s.give(e)
		return nil, queue.Closed()
	}
	if s.failed.Load() {
		select {
		case <-time.After(s.pauses.Next()):
		case <-ctx.Done():
			s.give(e)
			return nil, queue.Ended(ctx, adapters.NotSent, "time ran out")
		}
	}
	if e == nil {
		var err error
		if e, err = s.connect(); err != nil {
			s.failed.Store(true)
			s.give(nil)
			return nil, err
		}
	}
	s.failed.Store(false)
	return e, nil
}

// give puts a connection back, nil for one that is to be made again.
func (s *Source) give(e *sourceEnd) {
	if e != nil && s.isClosed() {
		e.leave()
		e = nil
	}
	s.ends <- e
}

func (s *Source) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// connect makes one connection and looks up where poison goes.
func (s *Source) connect() (*sourceEnd, error) {
	m, err := s.opts.connect()
	if err != nil {
		return nil, failed(connecting, "no connection", err)
	}
	e := &sourceEnd{end: end{manager: m}, buffer: make([]byte, min(s.opts.MaxReply, firstBuffer))}
	d := ibmmq.NewMQOD()
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, s.opts.Queue
	if e.queue, err = m.Open(d, ibmmq.MQOO_INPUT_SHARED); err != nil {
		e.leave()
		return nil, failed(connecting, "the queue cannot be read", err)
	}
	if e.handle, err = m.CrtMH(ibmmq.NewMQCMHO()); err != nil {
		e.leave()
		return nil, failed(connecting, "no message handle", err)
	}
	e.place = s.restingPlace(m)
	s.depth.start()
	return e, nil
}

// firstBuffer is the buffer for messages to begin with; longer ones make it grow.
const firstBuffer = 64 << 10

// get waits one slice for a message. Nil and no error if none came.
func (s *Source) get(ctx context.Context, e *sourceEnd) (*adapters.Received, error) {
	for {
		md, g := ibmmq.NewMQMD(), ibmmq.NewMQGMO()
		md.Version, g.Version = ibmmq.MQMD_VERSION_2, ibmmq.MQGMO_VERSION_4
		g.MatchOptions = ibmmq.MQMO_NONE
		g.Options = ibmmq.MQGMO_WAIT | ibmmq.MQGMO_SYNCPOINT | ibmmq.MQGMO_PROPERTIES_IN_HANDLE
		g.MsgHandle, g.WaitInterval = e.handle, int32(s.opts.Slice.Milliseconds()) //nolint:gosec // specs bounds it
		n, err := e.queue.Get(md, g, e.buffer)
		switch rc := reason(err); {
		case err == nil:
			s.pauses.Reset()
			return s.received(e, md, n), nil
		case rc == ibmmq.MQRC_NO_MSG_AVAILABLE:
			return nil, nil
		case rc == ibmmq.MQRC_TRUNCATED_MSG_FAILED: // it is still there: once more with room for it
			e.buffer = make([]byte, n)
		case classOf(rc) == busy: // inhibited, for example
			select {
			case <-time.After(s.opts.Slice):
			case <-ctx.Done():
			}
			return nil, nil
		default:
			return nil, failed(getting, "no message can be taken", err)
		}
	}
}

// received describes a message.
func (s *Source) received(e *sourceEnd, md *ibmmq.MQMD, n int) *adapters.Received {
	d := &delivery{s: s, e: e, md: md, body: e.buffer[:n]}
	m := &adapters.Received{
		Message: adapters.Message{Body: d.body, Properties: propertiesOf(md)},
		ID:      hex.EncodeToString(md.MsgId), ReplyTo: replyAddress(md), Correlation: answerID(md), Created: md.PutDateTime,
		Count: int(md.BackoutCount), Delivery: d,
	}
	switch {
	case n > s.opts.MaxReply:
		m.Spent, m.Message.Body = "it is larger than maxMessage", nil
	case e.place.threshold > 0 && md.BackoutCount >= e.place.threshold:
		m.Spent = fmt.Sprintf("it came back %d times, which is what its queue allows", md.BackoutCount)
	}
	if s.opts.Properties && m.Spent == "" {
		r := reader{handle: e.handle}
		if err := r.properties(m.Message.Properties); err != nil {
			m.Spent = "its properties cannot be read"
		}
	}
	return m
}

// at parts a queue from its queue manager in an address: no name of IBM MQ can have it.
const at = "@"

// replyAddress is where the sender wants an answer: QUEUE, or QUEUE@MANAGER.
func replyAddress(md *ibmmq.MQMD) string {
	name, manager := strings.TrimRight(md.ReplyToQ, " "), strings.TrimRight(md.ReplyToQMgr, " ")
	if name == "" || manager == "" {
		return name
	}
	return name + at + manager
}

// answerID is what the correlation id of an answer must be, by the report options of the request.
func answerID(md *ibmmq.MQMD) any {
	if md.Report&ibmmq.MQRO_PASS_CORREL_ID != 0 {
		return md.CorrelId
	}
	return md.MsgId
}

// Close ends the connections. What was not settled goes back to the queue.
func (s *Source) Close() error {
	s.mu.Lock()
	already := s.closed
	s.closed = true
	s.mu.Unlock()
	if already {
		return nil
	}
	for range cap(s.ends) {
		select {
		case e := <-s.ends:
			if e != nil {
				e.leave()
			}
		default: // its delivery ends it
		}
	}
	s.ends <- nil // whoever waits learns of it
	s.depth.close()
	return nil
}

// leave backs out what is open, since a disconnect would commit it, and disconnects.
func (e *sourceEnd) leave() {
	e.calls.Lock()
	defer e.calls.Unlock()
	_ = e.manager.Back()
	e.close()
}

// errNoPlace says that poison has nowhere to go.
var errNoPlace = errors.New("the queue names no backout queue, and the queue manager has no dead-letter queue")
