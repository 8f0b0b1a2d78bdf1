// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// maxSenders bounds the links that a source keeps for replies, beyond those in use. closers bounds those that are being
// closed, and farewell how long each of them may take: some brokers never answer the end of a link.
const (
	maxSenders = 100
	closers    = 8
	farewell   = 2 * time.Second
)

// senders are the links of one session to the addresses that messages are forwarded to. No lock is held while the broker
// is waited for.
type senders struct {
	attach func(ctx context.Context, address string) (*amqp.Sender, error)
	// closing has a token for each link that is being closed.
	closing chan struct{}

	mu    sync.Mutex
	by    map[string]*outlet
	clock uint64
}

// outlet is the link to one address. ready is closed when it was made, or could not be.
type outlet struct {
	ready  chan struct{}
	sender *amqp.Sender
	err    error
	// Guarded by senders.mu: how many use it, and when it was last taken.
	users int
	last  uint64
}

func newSenders(attach func(context.Context, string) (*amqp.Sender, error)) *senders {
	return &senders{attach: attach, closing: make(chan struct{}, closers), by: map[string]*outlet{}}
}

// take gives the link to an address, made if there is none. give must follow.
func (s *senders) take(ctx context.Context, address string) (*outlet, error) {
	if address == "" {
		return nil, errors.New("no queue is named")
	}
	for {
		o, mine, old := s.enter(address)
		if mine {
			return s.make(ctx, address, o, old)
		}
		select {
		case <-o.ready:
			if o.err == nil {
				return o, nil
			}
			s.give(o) // whoever made it failed, which may have been for want of time: now it is our turn
		case <-ctx.Done():
			s.give(o)
			return nil, queue.Ended(ctx, adapters.NotSent, "no link to the queue in time")
		}
	}
}

// enter takes an outlet; mine tells that it is to be made, and old is the link that must go for it.
func (s *senders) enter(address string) (o *outlet, mine bool, old *amqp.Sender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	o = s.by[address]
	if o == nil {
		o, mine = &outlet{ready: make(chan struct{})}, true
		if len(s.by) >= maxSenders {
			old = s.evict()
		}
		s.by[address] = o
	}
	o.users++
	o.last = s.clock
	return o, mine, old
}

// evict forgets the link that was not used for the longest time, if one is not in use.
func (s *senders) evict() *amqp.Sender {
	name, since := "", s.clock
	for n, o := range s.by {
		if o.users == 0 && o.last < since {
			name, since = n, o.last
		}
	}
	if name == "" {
		return nil
	}
	old := s.by[name].sender
	delete(s.by, name)
	return old
}

// make makes a link, when the one that goes for it is being closed.
func (s *senders) make(ctx context.Context, address string, o *outlet, old *amqp.Sender) (*outlet, error) {
	defer close(o.ready)
	if o.err = s.end(ctx, old); o.err == nil {
		o.sender, o.err = s.attach(ctx, address)
	}
	if o.err != nil {
		s.forget(address, o)
		return nil, o.err
	}
	return o, nil
}

// end closes a link beside everything else. It waits while too many are being closed.
func (s *senders) end(ctx context.Context, old *amqp.Sender) error {
	if old == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	select {
	case s.closing <- struct{}{}:
	case <-ctx.Done():
		cancel() // it ends with the connection
		return queue.Ended(ctx, adapters.NotSent, "the broker does not end the links to other queues")
	}
	go func() {
		defer cancel()
		_ = old.Close(bounded)
		<-s.closing
	}()
	return nil
}

// give gives a link back.
func (s *senders) give(o *outlet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.users--
}

// failed drops a link that has ended. One whose broker only was not heard in time is kept.
func (s *senders) failed(address string, o *outlet, err error) {
	if isEnd(err) {
		s.forget(address, o)
	}
}

func (s *senders) forget(address string, o *outlet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[address] == o {
		delete(s.by, address)
	}
}
