// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
)

// Attempts to connect are spaced out by a time that doubles from firstPause to longestPause.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
)

// Adapter exchanges messages over a broker. It is safe for concurrent use.
type Adapter struct {
	opts Options
	// life ends with Close.
	life context.Context
	end  context.CancelFunc

	mu    sync.Mutex
	stats Stats
	// link is the connection in use; nil before the first and after a loss.
	link *link
	// dialing is closed when the attempt under way ends; nil if there is none.
	dialing chan struct{}
	// failed is how the last attempt ended; no other is made before notBefore.
	failed    *adapters.Error
	pause     time.Duration
	notBefore time.Time
	closing   sync.WaitGroup
	late      *lateDesk
}

// Stats are counters since the start.
type Stats struct {
	// Connected counts connections that were made, Failed those that could not be.
	Connected, Failed uint64
	// Resent counts requests that were sent once more, because nothing of them had left.
	Resent uint64
	// Late counts replies that came when nobody waited, and ended an exchange in doubt; Unmatched all
	// others that no exchange waited for.
	Late, Unmatched uint64
}

var (
	_ adapters.Adapter = (*Adapter)(nil)
	_ adapters.Prober  = (*Adapter)(nil)

	_ adapters.Correlator = (*Adapter)(nil)
	_ adapters.Recoverer  = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	a := &Adapter{opts: o}
	a.life, a.end = context.WithCancel(context.Background())
	a.late = newLateDesk(a.life, &a.closing)
	return a, nil
}

// newID returns 24 hexadecimal digits that nobody can guess: 96 bits.
func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// Exchange sends m to the host's queue and waits for the reply with its id. See send.go for the fates.
func (a *Adapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	if err := ctx.Err(); err != nil {
		return adapters.Message{}, fail(ctx, adapters.NotSent, adapters.Timeout, "", nil)
	}
	recording := adapters.RecordingFrom(ctx)
	own := a.opts.correlationOf(recording)
	id := known(own)
	msg, err := a.opts.encode(m, own)
	if err != nil {
		return adapters.Message{}, err
	}
	for again := false; ; again = true {
		l, err := a.connected(ctx)
		if err != nil {
			return adapters.Message{}, err
		}
		reply, o := l.exchange(ctx, &waiter{id: id, recording: recording, reply: make(chan *amqp.Message, 1)}, msg)
		if o.untouched && !again {
			a.count(func(s *Stats) { s.Resent++ })
			continue
		}
		if o.err != nil {
			return adapters.Message{}, o.err
		}
		return reply, nil
	}
}

// exchange runs one exchange on the link.
func (l *link) exchange(ctx context.Context, w *waiter, m *amqp.Message) (adapters.Message, sent) {
	if !l.opts.Datagram {
		m.Properties.ReplyTo = &l.replyTo
		l.wait(w)
		defer l.forget(w)
		if m.Header.TTL = remaining(ctx); m.Header.TTL < 0 {
			return adapters.Message{}, sent{err: fail(ctx, adapters.NotSent, adapters.Timeout, "time ran out", nil)}
		}
	}
	receipt, s := l.send(ctx, m)
	if s.err != nil {
		return adapters.Message{}, s
	}
	if l.opts.Datagram {
		return adapters.Message{}, sent{err: l.word(ctx, receipt)}
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	word := make(chan *adapters.Error, 1)
	go func() { word <- l.word(waiting, receipt) }()
	reply, err := l.reply(ctx, w, word)
	return reply, sent{err: err}
}

// remaining is what is left of a deadline, rounded up to milliseconds; 0 if there is none, negative
// if it has passed.
func remaining(ctx context.Context) time.Duration {
	d, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	left := time.Until(d)
	if left <= 0 {
		return -1
	}
	return (left + time.Millisecond - 1).Truncate(time.Millisecond)
}

// word waits for what the broker says about a request; nil means accepted.
func (l *link) word(ctx context.Context, receipt *amqp.SendReceipt) *adapters.Error {
	state, err := receipt.Wait(ctx)
	switch {
	case err == nil:
		return settled(state)
	case ctx.Err() != nil:
		return fail(ctx, adapters.InDoubt, adapters.Timeout, "", err)
	default:
		l.lose(err)
		return l.brokenOff(adapters.InDoubt, "connection ended before the broker's word")
	}
}

// reply waits for the reply. A reply in hand counts, whatever else happened.
func (l *link) reply(ctx context.Context, w *waiter, word chan *adapters.Error) (adapters.Message, *adapters.Error) {
	var failed *adapters.Error
	for failed == nil {
		select {
		case m := <-w.reply:
			return l.inHand(w, m)
		case failed = <-word:
			word = nil
			if failed == nil {
				continue
			}
		case <-l.lost:
			failed = l.brokenOff(adapters.InDoubt, "connection ended before the reply")
		case <-ctx.Done():
			failed = fail(ctx, adapters.InDoubt, adapters.Timeout, "", nil)
		}
	}
	select {
	case m := <-w.reply:
		return l.inHand(w, m)
	default:
		return adapters.Message{}, failed
	}
}

// inHand takes a reply. That of a recorded exchange stays at the broker until it is recorded.
func (l *link) inHand(w *waiter, m *amqp.Message) (adapters.Message, *adapters.Error) {
	if w.recording != nil {
		w.recording.Hold(func() { l.accept(m) })
	}
	return l.decode(m)
}

// decode is what a reply holds.
func (l *link) decode(m *amqp.Message) (adapters.Message, *adapters.Error) {
	body, ok := bodyOf(m)
	switch {
	case !ok:
		return adapters.Message{}, &adapters.Error{Fate: adapters.Applied, Kind: adapters.Framing, Detail: "the reply holds no bytes: its body is a sequence or a value of another type"}
	case len(body) > l.opts.MaxReply:
		return adapters.Message{}, &adapters.Error{Fate: adapters.Applied, Kind: adapters.TooLarge, Detail: "the reply is larger than maxReply"}
	}
	return adapters.Message{Body: body, Properties: propertiesOf(m)}, nil
}

// connected returns the link in use, or waits until there is one.
func (a *Adapter) connected(ctx context.Context) (*link, error) {
	for {
		a.mu.Lock()
		l, dialing := a.link, a.dialing
		switch {
		case a.life.Err() != nil:
			a.mu.Unlock()
			return nil, closed()
		case l != nil && !l.isLost():
			a.mu.Unlock()
			return l, nil
		case dialing == nil && time.Now().Before(a.notBefore):
			e := *a.failed
			e.RetryAfter = time.Until(a.notBefore)
			a.mu.Unlock()
			return nil, &e
		case dialing == nil:
			dialing = make(chan struct{})
			a.dialing, a.link = dialing, nil
			a.closing.Go(a.dial)
		}
		a.mu.Unlock()
		select {
		case <-dialing:
		case <-ctx.Done():
			e := fail(ctx, adapters.NotSent, adapters.Unreachable, "", nil)
			if e.Kind == adapters.Timeout { // the host's doing, whoever set the limit
				e.Kind, e.Detail = adapters.Unreachable, "no connection in time"
			}
			return nil, e
		}
	}
}

// dial makes one attempt to connect.
func (a *Adapter) dial() {
	ctx, cancel := context.WithTimeout(a.life, a.opts.Connect)
	defer cancel()
	l, err := dial(ctx, &a.opts, a.count, a.late)
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.dialing)
	a.dialing = nil
	if err != nil {
		if !errors.As(err, &a.failed) {
			a.failed = notLinked("no connection", err)
		}
		a.stats.Failed++
		a.pause = min(max(2*a.pause, firstPause), longestPause)
		a.notBefore = time.Now().Add(a.pause/2 + mathrand.N(a.pause/2))
		return
	}
	a.stats.Connected++
	a.pause, a.notBefore = 0, time.Time{}
	a.link = l
	if a.life.Err() != nil {
		l.lose(context.Canceled)
	}
}

func (a *Adapter) count(f func(*Stats)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(&a.stats)
}

// Stats gives the counters.
func (a *Adapter) Stats() Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stats
}

// Probe reports whether the broker is there and the queue can be used. It sends no message.
func (a *Adapter) Probe(ctx context.Context) error {
	_, err := a.connected(ctx)
	return err
}

// Close ends the connection. Exchanges under way end with an error that tells their fate; later ones
// are not sent. It never fails and may be called twice.
func (a *Adapter) Close() error {
	a.end()
	a.mu.Lock()
	l := a.link
	a.mu.Unlock()
	if l != nil {
		l.lose(context.Canceled)
	}
	a.closing.Wait()
	return nil
}
