// SPDX-License-Identifier: Apache-2.0

package queue

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
)

// Link is a connection with everything that hangs on it.
type Link interface {
	// Lost reports that the connection cannot be used any more.
	Lost() bool
	// Lose ends it. It may be called twice.
	Lose(cause error)
}

// Keeper keeps one Link. It makes it when it is first needed and again after a loss, one attempt at a time;
// attempts that fail are spaced out, and whoever asks between them is told how the last one failed.
type Keeper[L Link] struct {
	open func(ctx context.Context) (L, error)
	// grace bounds how long Close waits; 0 means without end.
	grace time.Duration
	// life ends with Close.
	life context.Context
	end  context.CancelFunc

	mu     sync.Mutex
	link   L
	linked bool
	// dialing is closed when the attempt under way ends; nil if there is none.
	dialing chan struct{}
	// failure is how the last attempt ended; no other is made before notBefore.
	failure      *adapters.Error
	pauses       Pauses
	notBefore    time.Time
	made, failed uint64
	// running counts attempts and what Go started.
	running sync.WaitGroup
}

// NewKeeper returns a keeper. open makes one attempt; its error should be an *adapters.Error. Its context ends with
// Close. grace bounds how long Close waits for what Go started; 0 means that it waits for all of it.
func NewKeeper[L Link](open func(ctx context.Context) (L, error), grace time.Duration) *Keeper[L] {
	k := &Keeper[L]{open: open, grace: grace}
	k.life, k.end = context.WithCancel(context.Background())
	return k
}

// Get returns the link in use, or waits until there is one. The error is an *adapters.Error: nothing was sent.
func (k *Keeper[L]) Get(ctx context.Context) (L, error) {
	var none L
	for {
		k.mu.Lock()
		dialing := k.dialing
		switch {
		case k.life.Err() != nil:
			k.mu.Unlock()
			return none, Closed()
		case k.linked && !k.link.Lost():
			l := k.link
			k.mu.Unlock()
			return l, nil
		case dialing == nil && time.Now().Before(k.notBefore):
			e := *k.failure
			e.RetryAfter = time.Until(k.notBefore)
			k.mu.Unlock()
			return none, &e
		case dialing == nil:
			dialing = make(chan struct{})
			k.dialing, k.link, k.linked = dialing, none, false
			k.running.Go(k.dial)
		}
		k.mu.Unlock()
		select {
		case <-dialing:
		case <-k.life.Done():
		case <-ctx.Done():
			e := Ended(ctx, adapters.NotSent, "no connection in time")
			if e.Kind == adapters.Timeout { // the host's doing, whoever set the limit
				e.Kind = adapters.Unreachable
			}
			return none, e
		}
	}
}

// dial makes one attempt.
func (k *Keeper[L]) dial() {
	l, err := k.open(k.life)
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.dialing)
	k.dialing = nil
	if err != nil {
		if !errors.As(err, &k.failure) {
			k.failure = &adapters.Error{Fate: adapters.NotSent, Kind: adapters.Unreachable, Detail: "no connection", Cause: err}
		}
		k.failed++
		k.notBefore = time.Now().Add(k.pauses.Next())
		return
	}
	k.made++
	k.pauses.Reset()
	k.notBefore = time.Time{}
	k.link, k.linked = l, true
	if k.life.Err() != nil {
		l.Lose(context.Canceled)
	}
}

// Go runs f until it returns. Close waits for it.
func (k *Keeper[L]) Go(f func()) { k.running.Go(f) }

// Held returns the link in use, and whether there is one.
func (k *Keeper[L]) Held() (L, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.link, k.linked && !k.link.Lost()
}

// Counts tells how many links were made, and how many attempts failed.
func (k *Keeper[L]) Counts() (made, failed uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made, k.failed
}

// Close ends the link and waits for what runs. It may be called twice.
func (k *Keeper[L]) Close() {
	k.end()
	k.mu.Lock() // whoever began an attempt before holds the lock until it is counted
	l, linked := k.link, k.linked
	k.mu.Unlock()
	if linked {
		l.Lose(context.Canceled)
	}
	if k.grace == 0 {
		k.running.Wait()
		return
	}
	done := make(chan struct{})
	go func() {
		k.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(k.grace):
	}
}

// Pauses are the times between attempts that fail: they double, and half of each is random, so that many do not
// come at once.
type Pauses struct{ last time.Duration }

// Next is the pause before the next attempt.
func (p *Pauses) Next() time.Duration {
	p.last = min(max(2*p.last, firstPause), longestPause)
	return p.last/2 + rand.N(p.last/2)
}

// Reset tells that an attempt went well.
func (p *Pauses) Reset() { p.last = 0 }
