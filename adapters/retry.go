// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// MaxRetries is how often a request that was provably not sent may be tried again.
const MaxRetries = 2

// retryPause is the pause before the first retry, doubled before the second and shortened at random
// by up to a half.
const retryPause = 10 * time.Millisecond

// A further attempt costs what ten calls bring in; no more than the tenfold can be saved.
const (
	attemptCost = 10
	budgetLimit = 10 * attemptCost
)

// budget keeps further attempts, retries and hedges together, to a tenth of the calls: when a host is
// in trouble for all calls, repeating them would be load on top.
type budget int

func (b *budget) earn() { *b = min(*b+1, budgetLimit) }

func (b *budget) spend() bool {
	if *b < attemptCost {
		return false
	}
	*b -= attemptCost
	return true
}

// attempts sends a message, and sends it again as long as it was provably not sent, others may pass,
// and time and budget allow.
func (g *Guard) attempts(ctx context.Context, t ticket, m Message) (Message, *Error) {
	for n := 0; ; n++ {
		// What came before may have taken longer than it should, also because the process stood still.
		if !time.Now().Before(t.deadline) {
			return Message{}, g.short()
		}
		reply, err := g.adapter.Exchange(ctx, m)
		if err == nil {
			return reply, nil
		}
		e := asError(g.name, err)
		if n >= min(t.lane.opts.Retries, MaxRetries) || !unsent(e) || !g.again(ctx, t, e, retryPause<<n) {
			return Message{}, e
		}
	}
}

// unsent tells whether the host, or the way to it, failed before a request was sent.
func unsent(e *Error) bool {
	return e.Fate == NotSent && (e.Kind == Unreachable || e.Kind == Broken)
}

// again counts a failed attempt and waits for the next, if there may be one.
func (g *Guard) again(ctx context.Context, t ticket, e *Error, pause time.Duration) bool {
	pause -= rand.N(pause / 2)
	now := time.Now()
	left := t.deadline.Sub(now) - pause
	g.mu.Lock()
	ok := t.probe == 0 && g.admit(now) == nil && left > 0 && !t.lane.short(now, left) && g.budget >= attemptCost
	if ok {
		g.last, g.lastAt = e, now
		g.breaker.done(now, t, judgeError(e, false))
		ok = g.breaker.epoch == t.epoch && g.budget.spend()
	}
	if ok {
		g.totals.Retried++
	}
	g.unlock()
	if !ok {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// answer is how one of two attempts of a hedged call ended.
type answer struct {
	reply Message
	err   error
}

// hedged makes the exchange of a safe call, and a second one beside it if the first takes long. The
// first reply wins. The other attempt is canceled; it may outlive the call, so the message is copied.
func (g *Guard) hedged(ctx context.Context, t ticket, c Call) (Message, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.Message = clone(c.Message)
	answers, taken := make(chan answer, 2), &atomic.Bool{}
	begin := func(t ticket) {
		a := answer{err: g.vanished()}
		defer func() { answers <- a }() // also when the goroutine ends within
		a = g.race(ctx, t, c, taken)
	}
	go begin(t)
	timer := time.NewTimer(c.Lane.opts.Hedge)
	defer timer.Stop()
	running := 1
	var first error
	for running > 0 {
		select {
		case a := <-answers:
			running--
			if a.err == nil {
				return a.reply, nil
			}
			if first == nil || errors.Is(first, errBeaten) {
				first = a.err
			}
		case <-timer.C:
			if second, ok := g.second(t); ok {
				running++
				go begin(second)
			}
		}
	}
	return Message{}, first
}

// race makes one attempt of a hedged call. Only the first reply is judged, and only that is a result.
func (g *Guard) race(ctx context.Context, t ticket, c Call, taken *atomic.Bool) (a answer) {
	won, judge := false, c.Judge
	c.Judge = func(m Message) Judgement {
		if won = taken.CompareAndSwap(false, true); !won || judge == nil {
			return Judgement{}
		}
		return judge(m)
	}
	a.reply, a.err = g.run(ctx, t, c)
	if a.err == nil && !won {
		a.err = errBeaten
	}
	return a
}

// errBeaten is the end of an attempt whose reply came after another's.
var errBeaten = errors.New("another attempt was answered first")

func clone(m Message) Message {
	return Message{Body: bytes.Clone(m.Body), Properties: maps.Clone(m.Properties)}
}

func (g *Guard) vanished() *Error {
	return &Error{Kind: Internal, Backend: g.name, Detail: "the exchange ended without a result"}
}

// second takes a slot for the second attempt of a call, if one is free and nobody waits for it.
func (g *Guard) second(first ticket) (ticket, bool) {
	now := time.Now()
	g.mu.Lock()
	defer g.unlock()
	ok := g.admit(now) == nil && g.breaker.state == Closed && g.room(now) && !first.lane.full() &&
		g.slots.queue.length == 0 && !first.lane.short(now, first.deadline.Sub(now)) && g.budget.spend()
	if !ok {
		return ticket{}, false
	}
	g.totals.Hedged++
	t := g.grant(now, first.deadline, first.lane)
	t.hurried = first.hurried
	return t, true
}
