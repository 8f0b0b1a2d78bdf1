// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"lintel/adapters"
)

// Attempts to connect are spaced out by a time that doubles from firstPause to longestPause.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
	// lastWords is how long Close waits for calls of the library that do not come back.
	lastWords = 5 * time.Second
)

// Adapter exchanges messages over a queue manager. It is safe for concurrent use.
type Adapter struct {
	opts Options
	// life ends with Close.
	life context.Context
	end  context.CancelFunc

	mu    sync.Mutex
	stats Stats
	// link is the connections in use; nil before the first and after a loss.
	link *link
	// dialing is closed when the attempt under way ends; nil if there is none.
	dialing chan struct{}
	// failure is how the last attempt ended; no other is made before notBefore.
	failure   *adapters.Error
	pause     time.Duration
	notBefore time.Time
	// running counts the goroutines that call the library.
	running sync.WaitGroup
}

// Stats are counters since the start.
type Stats struct {
	// Connected counts links that were made, Failed those that could not be.
	Connected, Failed uint64
	// Unmatched counts replies that no exchange waited for; Quarantined those of them that were put on
	// the quarantine queue.
	Unmatched, Quarantined uint64
	// Reports counts reports about requests: confirmations, expirations, exceptions.
	Reports uint64
	// Deaf counts attempts to read the reply queue that its state refused.
	Deaf uint64
}

var (
	_ adapters.Adapter = (*Adapter)(nil)
	_ adapters.Prober  = (*Adapter)(nil)
)

// New checks the options and returns an adapter. It does not connect.
func New(o Options) (*Adapter, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	a := &Adapter{opts: o}
	a.life, a.end = context.WithCancel(context.Background())
	return a, nil
}

// Exchange puts m on the host's queue and waits for the reply with its id. The fates: reasons.go says what
// a failed call means; a request that is on the queue is in doubt until its reply comes, or a report
// that it expired there.
func (a *Adapter) Exchange(ctx context.Context, m adapters.Message) (adapters.Message, error) {
	if ctx.Err() != nil {
		return adapters.Message{}, ended(ctx, adapters.NotSent, "time ran out")
	}
	r, err := a.opts.encode(m)
	if err != nil {
		return adapters.Message{}, err
	}
	l, err := a.connected(ctx)
	if err != nil {
		return adapters.Message{}, err
	}
	reply, failure := l.exchange(ctx, r)
	if failure != nil {
		return adapters.Message{}, failure
	}
	return reply, nil
}

// connected returns the link in use, or waits until there is one.
func (a *Adapter) connected(ctx context.Context) (*link, error) {
	for {
		a.mu.Lock()
		l, dialing := a.link, a.dialing
		switch {
		case a.life.Err() != nil:
			a.mu.Unlock()
			return nil, &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "the adapter is closed"}
		case l != nil && l.ctx.Err() == nil:
			a.mu.Unlock()
			return l, nil
		case dialing == nil && time.Now().Before(a.notBefore):
			e := *a.failure
			e.RetryAfter = time.Until(a.notBefore)
			a.mu.Unlock()
			return nil, &e
		case dialing == nil:
			dialing = make(chan struct{})
			a.dialing, a.link = dialing, nil
			a.running.Go(a.dial)
		}
		a.mu.Unlock()
		select {
		case <-dialing:
		case <-a.life.Done():
		case <-ctx.Done():
			e := ended(ctx, adapters.NotSent, "no connection in time")
			if e.Kind == adapters.Timeout { // the queue manager's doing, whoever set the limit
				e.Kind = adapters.Unreachable
			}
			return nil, e
		}
	}
}

// dial makes one attempt to connect. The library bounds its time: it takes no context.
func (a *Adapter) dial() {
	l, err := a.open()
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.dialing)
	a.dialing = nil
	if err != nil {
		if !errors.As(err, &a.failure) {
			a.failure = failed(connecting, "no connection", err)
		}
		a.stats.Failed++
		a.pause = min(max(2*a.pause, firstPause), longestPause)
		a.notBefore = time.Now().Add(a.pause/2 + rand.N(a.pause/2))
		return
	}
	a.stats.Connected++
	a.pause, a.notBefore = 0, time.Time{}
	a.link = l
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

// Probe reports whether the queue manager is there and the queues can be used. It puts no message.
func (a *Adapter) Probe(ctx context.Context) error {
	l, err := a.connected(ctx)
	if err != nil {
		return err
	}
	if e := l.deaf.Load(); e != nil {
		return e
	}
	return nil
}

// Close ends the connections. Exchanges under way end with an error that tells their fate; later ones
// are not sent. It never fails and may be called twice. It waits for calls of the library, but not
// for ever: one that hangs keeps its thread.
func (a *Adapter) Close() error {
	a.end()
	a.count(func(*Stats) {}) // whoever began an attempt to connect before holds the lock until it is counted
	done := make(chan struct{})
	go func() {
		a.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(lastWords):
	}
	return nil
}
