// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"sync/atomic"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// link is the connections that live and end together: the loss of one is the loss of all, since they
// lead to one queue manager, and replies may be gone with it.
type link struct {
	a *Adapter
	// ctx ends when the link is lost.
	ctx  context.Context
	lose context.CancelFunc
	// replyTo is the name of the queue of the replies.
	replyTo string
	// puts are requests for whichever putter is free, gets are waits for the getters of a shared queue.
	puts chan *sending
	gets chan *waiter
	// room has a token for each wait that a shared queue allows.
	room chan struct{}
	// deaf is set while the reply queue cannot be read: nothing is sent then.
	deaf atomic.Pointer[adapters.Error]

	waiters queue.Waiters[id, result]
	// foreign are replies that belong to nobody, for the getter to put away.
	foreign chan foreign
}

// mostForeign is how many replies of nobody wait for the getter.
const mostForeign = 100

// waiter is an exchange that waits for its reply.
type waiter struct {
	id id
	// done ends when nobody waits any more.
	done context.Context
	got  <-chan result
	// recording is nil if the exchange is not recorded.
	recording *adapters.Recording
}

// result is how a wait ends.
type result struct {
	reply adapters.Message
	err   *adapters.Error
	// release gives the message up on its queue; nil if that is not needed.
	release func()
}

// end is one connection with the queue it has open.
type end struct {
	manager *ibmmq.MQQueueManager
	queue   ibmmq.MQObject
}

func (e *end) close() { _ = e.manager.Disc() } // closes the queue as well

// open makes all connections of a link and starts their goroutines. The library bounds its time: it takes no context.
func (a *Adapter) open(ctx context.Context) (*link, error) {
	l := &link{a: a, puts: make(chan *sending), gets: make(chan *waiter), foreign: make(chan foreign, mostForeign)}
	l.ctx, l.lose = context.WithCancel(ctx)
	var ends []*end
	var run []func(*end)
	add := func(n int, open func(*ibmmq.MQQueueManager) (ibmmq.MQObject, error), f func(*end)) error {
		for range n {
			m, err := a.opts.connect()
			if err != nil {
				return failed(connecting, "no connection", err)
			}
			ends, run = append(ends, &end{manager: m}), append(run, f)
			if ends[len(ends)-1].queue, err = open(m); err != nil {
				return failed(connecting, "a queue cannot be opened", err)
			}
		}
		return nil
	}
	err := add(a.opts.Putters, a.opts.openTarget, l.putter)
	if err == nil {
		err = l.addGetters(add)
	}
	if err != nil {
		l.lose()
		for _, e := range ends {
			e.close()
		}
		return nil, err
	}
	for i := range ends {
		a.links.Go(func() {
			defer ends[i].close()
			defer l.lose()
			run[i](ends[i])
		})
	}
	return l, nil
}

// addGetters adds the connections that get replies.
func (l *link) addGetters(add func(int, func(*ibmmq.MQQueueManager) (ibmmq.MQObject, error), func(*end)) error) error {
	o := &l.a.opts
	open := func(m *ibmmq.MQQueueManager) (obj ibmmq.MQObject, err error) {
		obj, l.replyTo, err = o.openReply(m)
		return obj, err
	}
	switch {
	case o.Datagram:
		return nil
	case o.Shared:
		l.room = make(chan struct{}, o.Getters)
		return add(o.Getters, open, l.sharedGetter)
	default:
		return add(1, open, l.getter)
	}
}

// exchange runs one exchange on the link.
func (l *link) exchange(ctx context.Context, r *outgoing) (adapters.Message, *adapters.Error) {
	if l.a.opts.Datagram {
		return adapters.Message{}, l.send(ctx, r)
	}
	if e := l.deaf.Load(); e != nil {
		return adapters.Message{}, e
	}
	if l.room != nil {
		select {
		case l.room <- struct{}{}:
		case <-ctx.Done():
			return adapters.Message{}, queue.Ended(ctx, adapters.NotSent, "time ran out while all getters were busy")
		}
	}
	done, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &waiter{id: r.id, done: done, got: l.waiters.Wait(r.id, nil), recording: adapters.RecordingFrom(ctx)}
	defer l.forget(w)
	r.md.ReplyToQ, r.md.ReplyToQMgr = l.replyTo, l.a.opts.ReplyOwner
	if e := l.send(ctx, r); e != nil {
		if l.room != nil {
			<-l.room
		}
		if got, ok := queue.Already(w.got); ok && e.Fate == adapters.InDoubt { // the reply proves what the put could not
			return w.accept(got)
		}
		return adapters.Message{}, e
	}
	if l.room != nil {
		select {
		case l.gets <- w: // one is free: there are as many as tokens
		case <-l.ctx.Done():
		}
	}
	return l.reply(ctx, w)
}

// reply waits for the reply. A reply in hand counts, whatever else happened.
func (l *link) reply(ctx context.Context, w *waiter) (adapters.Message, *adapters.Error) {
	var failure *adapters.Error
	select {
	case got := <-w.got:
		return w.accept(got)
	case <-l.ctx.Done():
		failure = &adapters.Error{Fate: adapters.InDoubt, Kind: adapters.Broken, Detail: "connection ended before the reply"}
	case <-ctx.Done():
		failure = queue.Ended(ctx, adapters.InDoubt, "no reply in time")
	}
	if got, ok := queue.Already(w.got); ok {
		return w.accept(got)
	}
	return adapters.Message{}, failure
}

// Lost implements queue.Link.
func (l *link) Lost() bool { return l.ctx.Err() != nil }

// Lose implements queue.Link. The goroutines of the connections end them.
func (l *link) Lose(error) { l.lose() }
