// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Word is what a broker says about a message that was sent to it.
type Word int

const (
	// Accept takes the message: the zero value.
	Accept Word = iota
	// Reject refuses it.
	Reject
	// Release gives it back: nobody took it.
	Release
	// Modify gives it back: somebody may have begun with it.
	Modify
	// Detach ends the link without a word.
	Detach
	// Cut ends the connection without a word.
	Cut
	// Silence says nothing.
	Silence
)

// Options say how a broker behaves. The zero value is a plain one.
type Options struct {
	// User and Password, if set, are the only login.
	User, Password string
	// Judge, if set, decides about every message that is sent to an address.
	Judge func(address string) Word
	// Credit is how many messages a client may send ahead: 0 means 1,000, a negative number none at all.
	Credit int
	// NoWindow keeps the window of every session closed: what a client has credit for, it may not send. RabbitMQ does that while
	// it is short of memory.
	NoWindow bool
	// NoDynamic refuses to make queues with names of its own, as RabbitMQ 3 does.
	NoDynamic bool
	// Refuse, if set, is asked for the condition with which a link from (reads) or to an address is refused, "" for none.
	Refuse func(address string, reads bool) string
	// Farewell, if set, is asked whether the end of a link is answered; some brokers do not.
	Farewell func() bool
}

// Broker is a broker that runs.
type Broker struct {
	opts   Options
	listen net.Listener
	done   sync.WaitGroup

	mu sync.Mutex
	// also are further listeners.
	also   []net.Listener
	closed bool
	conns  map[*conn]struct{}
	queues map[string]*queue
	// made counts the addresses that the broker named.
	made int
	// held is how many bytes of messages there are, most how many there may be.
	held, most int
}

// Bounds of a broker and its connections. Peers that need more have gone wrong.
const (
	// maxHeld is how many bytes of messages it holds.
	maxHeld = 256 << 20
	// maxSessions and maxLinks are those of a connection, and of a session.
	maxSessions = 256
	maxLinks    = 4096
	// maxUnread is how much a peer may leave unread before nothing more is taken from it, in bytes.
	maxUnread = 1 << 20
)

// Start starts a broker on loopback, on a port that the system picks.
func Start(ctx context.Context, o Options) (*Broker, error) {
	return StartAt(ctx, "127.0.0.1:0", o)
}

// StartAt starts a broker at an address.
func StartAt(ctx context.Context, address string, o Options) (*Broker, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return Serve(l, o), nil
}

// Serve starts a broker on a listener, which it closes at its end.
func Serve(l net.Listener, o Options) *Broker {
	if o.Credit == 0 {
		o.Credit = 1000
	}
	b := &Broker{opts: o, listen: l, conns: map[*conn]struct{}{}, queues: map[string]*queue{}, most: maxHeld}
	b.done.Go(func() { b.accept(l) })
	return b
}

// Also serves a further listener, which the broker closes at its end: one with TLS beside one without.
func (b *Broker) Also(l net.Listener) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		_ = l.Close()
		return
	}
	b.also = append(b.also, l)
	b.done.Go(func() { b.accept(l) })
}

// Address is host:port of the first listener.
func (b *Broker) Address() string { return b.listen.Addr().String() }

// Depth is how many messages wait at an address.
func (b *Broker) Depth(address string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if q := b.queues[address]; q != nil {
		return len(q.messages)
	}
	return 0
}

// Cut ends all connections that are open now.
func (b *Broker) Cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		_ = c.net.Close()
	}
}

// Close ends the broker and waits for its goroutines.
func (b *Broker) Close() error {
	b.mu.Lock()
	b.closed = true
	err := b.listen.Close()
	for _, l := range b.also {
		err = errors.Join(err, l.Close())
	}
	b.mu.Unlock()
	b.Cut()
	b.done.Wait()
	return err
}

// acceptPause is how long no connection is taken after one could not be.
const acceptPause = 20 * time.Millisecond

func (b *Broker) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many open files, for example
			time.Sleep(acceptPause)
			continue
		}
		c := newConn(b, nc)
		b.mu.Lock()
		if b.closed {
			_ = nc.Close()
		}
		b.conns[c] = struct{}{}
		b.mu.Unlock()
		b.done.Go(c.run)
		b.done.Go(c.write)
	}
}

// queue finds or makes a queue. The caller holds the lock.
func (b *Broker) queue(address string) *queue {
	q := b.queues[address]
	if q == nil {
		q = &queue{b: b}
		b.queues[address] = q
	}
	return q
}

// forget removes a queue with its messages. The caller holds the lock.
func (b *Broker) forget(address string) {
	if q := b.queues[address]; q != nil {
		for _, m := range q.messages {
			b.held -= len(m.raw)
		}
		delete(b.queues, address)
	}
}
