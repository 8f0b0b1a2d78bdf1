// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync/atomic"
	"time"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// Adapter exchanges messages over a broker. It is safe for concurrent use.
type Adapter struct {
	opts  Options
	links *queue.Keeper[*link]
	stats stats
	late  queue.LateDesk
}

// stats are the counters behind Stats.
type stats struct{ resent, unmatched atomic.Uint64 }

// Stats are counters since the start.
type Stats struct {
	// Connected counts connections that were made, Failed those that could not be.
	Connected, Failed uint64
	// Resent counts requests that were sent once more, because nothing of them had left.
	Resent uint64
	// Late counts replies that came when nobody waited, and ended an exchange in doubt; Duplicates those whose
	// exchange the journal knew as ended by them already; Unmatched all others that no exchange waited for.
	Late, Duplicates, Unmatched uint64
}

var (
	_ adapters.Adapter    = (*Adapter)(nil)
	_ adapters.Prober     = (*Adapter)(nil)
	_ adapters.Correlator = (*Adapter)(nil)
	_ adapters.Recoverer  = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	a := &Adapter{opts: o}
	a.links = queue.NewKeeper(func(ctx context.Context) (*link, error) {
		ctx, cancel := context.WithTimeout(ctx, a.opts.Connect)
		defer cancel()
		return dial(ctx, &a.opts, &a.stats, &a.late)
	}, 0)
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
		return adapters.Message{}, queue.Fail(ctx, adapters.NotSent, adapters.Timeout, "", nil)
	}
	w := &waiter{recording: adapters.RecordingFrom(ctx)}
	id := a.opts.correlationOf(w.recording)
	w.id = known(id)
	if a.opts.Trace {
		m = queue.Traced(ctx, m)
	}
	msg, err := a.opts.encode(m, id)
	if err != nil {
		return adapters.Message{}, err
	}
	for again := false; ; again = true {
		l, err := a.links.Get(ctx)
		if err != nil {
			return adapters.Message{}, err
		}
		reply, o := l.exchange(ctx, w, msg)
		if o.untouched && !again {
			a.stats.resent.Add(1)
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
		w.reply = l.waiters.Wait(w.id, nil)
		defer l.forget(w)
		if m.Header.TTL = remaining(ctx); m.Header.TTL < 0 {
			return adapters.Message{}, sent{err: queue.Fail(ctx, adapters.NotSent, adapters.Timeout, "time ran out", nil)}
		}
	}
	trouble := l.trouble.coming()
	out, s := l.send(ctx, m)
	if s.err != nil {
		return adapters.Message{}, s
	}
	var reply adapters.Message
	var err *adapters.Error
	if l.opts.Datagram {
		err = l.word(ctx, out.receipt)
	} else {
		reply, err = l.reply(ctx, w, out.receipt, trouble)
	}
	if err != nil && err.Fate == adapters.InDoubt && l.never(out) {
		return adapters.Message{}, sent{err: l.brokenOff(adapters.NotSent, "connection ended before the request"), untouched: true}
	}
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
		return queue.Fail(ctx, adapters.InDoubt, adapters.Timeout, "", err)
	default:
		l.Lose(err)
		return l.brokenOff(adapters.InDoubt, "connection ended before the broker's word")
	}
}

// reply waits for the reply. A reply in hand counts, whatever else happened. The broker's word is looked up in trouble only:
// whoever has the reply needs none.
func (l *link) reply(ctx context.Context, w *waiter, receipt *amqp.SendReceipt, trouble <-chan struct{}) (adapters.Message, *adapters.Error) {
	var failed *adapters.Error
	var word chan *adapters.Error
	for failed == nil {
		select {
		case m := <-w.reply:
			return l.inHand(w, m)
		case <-l.lost:
			failed = l.brokenOff(adapters.InDoubt, "connection ended before the reply")
		case <-ctx.Done():
			failed = queue.Fail(ctx, adapters.InDoubt, adapters.Timeout, "", nil)
		case <-trouble:
			waiting, cancel := context.WithCancel(ctx)
			defer cancel()
			trouble, word = nil, make(chan *adapters.Error, 1)
			go func() { word <- l.word(waiting, receipt) }()
		case failed = <-word:
		}
	}
	if m, ok := queue.Already(w.reply); ok {
		return l.inHand(w, m)
	}
	return adapters.Message{}, failed
}

// inHand takes a reply. That of a recorded exchange stays at the broker until it is recorded.
func (l *link) inHand(w *waiter, m *amqp.Message) (adapters.Message, *adapters.Error) {
	if w.recording != nil {
		w.recording.Hold(func() { l.accept(m) })
	} else {
		l.accept(m)
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

// Stats gives the counters.
func (a *Adapter) Stats() Stats {
	made, failed := a.links.Counts()
	late, duplicates := a.late.Counts()
	return Stats{
		Connected: made, Failed: failed, Resent: a.stats.resent.Load(),
		Late: late, Duplicates: duplicates, Unmatched: a.stats.unmatched.Load(),
	}
}

// Probe reports whether the broker is there and the queue can be used. It sends no message.
func (a *Adapter) Probe(ctx context.Context) error {
	_, err := a.links.Get(ctx)
	return err
}

// Close ends the connection. Exchanges under way end with an error that tells their fate; later ones
// are not sent. It never fails and may be called twice.
func (a *Adapter) Close() error {
	a.links.Close()
	return nil
}
