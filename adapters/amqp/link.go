// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// link is one connection with its session, the link to the host's queue and that of the replies.
type link struct {
	opts     *Options
	conn     *amqp.Conn
	session  *amqp.Session
	wire     *wire
	receiver *amqp.Receiver
	// replyTo is where the replies come: the configured address or the one that the broker made.
	replyTo string
	// gate lets one exchange at a time write: the driver would let them wait for credit without
	// looking at their time. sender belongs to whoever holds it.
	gate   chan struct{}
	sender *amqp.Sender

	stats *stats
	late  *queue.LateDesk
	// lost is closed when the connection cannot be used any more.
	lost     chan struct{}
	loseOnce sync.Once
	cause    error

	waiters queue.Waiters[string, *amqp.Message]
	// trouble tells exchanges to look up what the broker said about their requests: of some it said that they were not
	// accepted, or it ended a link.
	trouble trouble
}

// trouble is a signal to all that is given again and again.
type trouble struct {
	mu   sync.Mutex
	next chan struct{}
}

// coming is closed when the signal is given the next time.
func (t *trouble) coming() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next == nil {
		t.next = make(chan struct{})
	}
	return t.next
}

// tell gives the signal.
func (t *trouble) tell() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next != nil {
		close(t.next)
		t.next = nil
	}
}

// dial makes a connection and its links within ctx.
func dial(ctx context.Context, o *Options, st *stats, late *queue.LateDesk) (*link, error) {
	w, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	l := &link{
		opts: o, wire: w, gate: make(chan struct{}, 1), stats: st, late: late, lost: make(chan struct{}),
	}
	w.detached = l.trouble.tell
	if err := l.open(ctx); err != nil {
		l.abort()
		return nil, err
	}
	return l, nil
}

// connect makes the TCP connection and, if asked for, puts TLS on top.
func connect(ctx context.Context, o *Options) (*wire, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", o.Address)
	if err != nil {
		return nil, notLinked("no connection", err)
	}
	if o.TLS == nil {
		return newWire(nc, o.Connect), nil
	}
	t := tls.Client(nc, o.TLS)
	if err := t.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, notLinked("tls handshake failed", err)
	}
	return newWire(t, o.Connect), nil
}

// login opens AMQP on a connection.
func login(ctx context.Context, w *wire, o *Options) (*amqp.Conn, *amqp.Session, error) {
	c := &amqp.ConnOptions{ContainerID: o.Container, HostName: o.Host, IdleTimeout: o.Idle, WriteTimeout: o.Connect, MaxFrameSize: maxFrame}
	switch o.SASL {
	case Anonymous:
		c.SASLType = amqp.SASLTypeAnonymous()
	case Plain:
		c.SASLType = amqp.SASLTypePlain(o.User, o.Password)
	case External:
		c.SASLType = amqp.SASLTypeExternal("")
	}
	conn, err := amqp.NewConn(ctx, w, c)
	if err != nil {
		return nil, nil, notLinked("the broker ended the connection", err)
	}
	session, err := conn.NewSession(ctx, nil)
	if err != nil {
		_ = conn.Close()
		return nil, nil, notLinked("no session", err)
	}
	return conn, session, nil
}

func (l *link) open(ctx context.Context) error {
	var err error
	if l.conn, l.session, err = login(ctx, l.wire, l.opts); err != nil {
		return err
	}
	if l.sender, err = l.attach(ctx); err != nil {
		return notLinked("the queue cannot be used", err)
	}
	if l.opts.Datagram {
		go l.watch()
		return nil
	}
	if err := l.attachReplies(ctx); err != nil {
		return err
	}
	go l.receive()
	return nil
}

// attachReplies makes the link from the reply address.
func (l *link) attachReplies(ctx context.Context) error {
	r := &amqp.ReceiverOptions{Credit: int32(l.opts.Credit), MaxMessageSize: uint64(l.opts.MaxReply) + overhead} //nolint:gosec // both were checked
	if l.opts.ReplyTo == "" {
		r.DynamicAddress = true
		if !l.opts.NoCapability {
			r.SourceCapabilities = []string{"temporary-queue"}
		}
	} else if !l.opts.NoCapability {
		r.SourceCapabilities = []string{"queue"}
	}
	l.wire.hold(true)
	var err error
	if l.receiver, err = l.session.NewReceiver(ctx, l.opts.ReplyTo, r); err != nil {
		l.wire.hold(false)
		return notLinked("the reply address cannot be used", err)
	}
	l.replyTo = cmp.Or(l.opts.ReplyTo, l.receiver.Address())
	return nil
}

// overhead is what an AMQP message may need beside its body, in bytes.
const overhead = 64 << 10

// attach makes the link to the host's queue.
func (l *link) attach(ctx context.Context) (*amqp.Sender, error) {
	s := l.opts.toQueue()
	s.OnDeliveryStateChanged = func(state amqp.DeliveryState) {
		if _, ok := state.(*amqp.StateAccepted); !ok {
			l.trouble.tell()
		}
	}
	return l.session.NewSender(ctx, l.opts.Target, s)
}

// toQueue are the options of a link to a queue. What is sent is settled by the broker's word: that is what the driver asks for, if
// nothing else is.
func (o *Options) toQueue() *amqp.SenderOptions {
	s := &amqp.SenderOptions{}
	if !o.NoCapability {
		s.TargetCapabilities = []string{"queue"}
	}
	return s
}

// receive gives every reply to the exchange that waits for it, until the link is lost. Whoever takes a reply
// settles it.
func (l *link) receive() {
	for {
		m, err := l.receiver.Receive(context.Background(), nil)
		if err != nil {
			l.wire.hold(false)
			l.Lose(err)
			return
		}
		id := correlation(m)
		given := l.waiters.Give(id, m)
		l.wire.taken.Add(1)
		if !given {
			l.unmatched(id, m)
		}
	}
}

// unmatched deals with a reply that no exchange waits for.
func (l *link) unmatched(id string, m *amqp.Message) {
	if l.takeLate(id, m) {
		return
	}
	l.stats.unmatched.Add(1)
	l.accept(m)
}

// accept settles a reply.
func (l *link) accept(m *amqp.Message) {
	if err := l.receiver.AcceptMessage(context.Background(), m); err != nil {
		l.Lose(err)
	}
}

// waiter is an exchange that waits for its reply.
type waiter struct {
	id        string
	recording *adapters.Recording // nil if it is not recorded
	reply     chan *amqp.Message
}

// forget takes an exchange back. A reply may have come when it looked no more.
func (l *link) forget(w *waiter) {
	l.waiters.Forget(w.id)
	if m, ok := queue.Already(w.reply); ok {
		l.unmatched(w.id, m)
	}
}

// watch waits for the end of a connection without a reply address.
func (l *link) watch() {
	<-l.conn.Done()
	l.Lose(l.conn.Err())
}

// Lose implements queue.Link: it ends the connection. Whoever waits on it learns of it by lost.
func (l *link) Lose(cause error) {
	l.loseOnce.Do(func() {
		l.cause = cause
		close(l.lost)
		if errors.Is(cause, context.Canceled) { // nothing is wrong: what was accepted shall be known
			_ = l.wire.finish()
		}
		l.abort()
	})
}

// abort closes the connection at once; the driver's own way waits for the broker.
func (l *link) abort() {
	_ = l.wire.Close()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// Lost implements queue.Link.
func (l *link) Lost() bool {
	select {
	case <-l.lost:
		return true
	case <-l.conn.Done():
		return true
	default:
		return l.wire.broken.Load()
	}
}

// brokenOff is the error of an exchange that a lost connection ended.
func (l *link) brokenOff(fate adapters.Fate, detail string) *adapters.Error {
	e := &adapters.Error{Fate: fate, Kind: adapters.Broken, Detail: detail}
	select {
	case <-l.lost: // only now is the cause written
		e.Cause = l.cause
	default:
		e.Cause = l.conn.Err()
	}
	return e
}
