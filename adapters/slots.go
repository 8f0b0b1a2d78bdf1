// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"errors"
	"time"
)

// busyRetry is what a caller who got no slot is told to wait: long against the wait for a slot,
// short against a person's patience.
const busyRetry = time.Second

// ticket is a call that holds a slot.
type ticket struct {
	slot     int
	lane     *Lane
	begun    time.Time
	deadline time.Time
	epoch    uint64
	// probe is its number if it is a probe; ping tells that the Guard sent it itself.
	probe uint64
	ping  bool
	// hurried is true when the caller's own deadline is too near to blame the host for missing it.
	hurried bool
}

// slots are the exchanges that may run at once, and the queue before them.
type slots struct {
	// free holds the numbers of slots not in use, begun when those in use were taken.
	free  []int
	begun []time.Time
	queue queue
}

func newSlots(n int) slots {
	s := slots{free: make([]int, n), begun: make([]time.Time, n)}
	for i := range s.free {
		s.free[i] = n - 1 - i
	}
	return s
}

func (s *slots) used() int { return len(s.begun) - len(s.free) }

// overdue counts the exchanges that have been running for longer than limit.
func (s *slots) overdue(now time.Time, limit time.Duration) int {
	n := 0
	for _, t := range s.begun {
		if !t.IsZero() && now.Sub(t) > limit {
			n++
		}
	}
	return n
}

// enter waits for admission and a slot.
func (g *Guard) enter(ctx context.Context, now, deadline time.Time, c Call) (ticket, *Error) {
	g.mu.Lock()
	if err := g.admit(now); err != nil {
		g.unlock()
		return ticket{}, err
	}
	if c.Lane.short(now, deadline.Sub(now)) {
		g.totals.Short++
		g.unlock()
		return ticket{}, g.short()
	}
	if g.room(now) && !c.Lane.full() && g.slots.queue.next(false) == nil {
		t := g.grant(now, deadline, c.Lane)
		g.unlock()
		return t, nil
	}
	if g.hung(now) {
		if err := g.admit(now); err != nil {
			g.unlock()
			return ticket{}, err
		}
	}
	wait := min(g.opts.Wait, deadline.Sub(now))
	if wait <= 0 || !g.place(c) {
		g.totals.Busy++
		g.unlock()
		return ticket{}, g.busy("the queue is full")
	}
	w := &waiter{client: c.Client, lane: c.Lane, deadline: deadline, ready: make(chan struct{})}
	g.slots.queue.push(w)
	// A ramp may have made room since the last exchange ended.
	g.dispatch(now)
	g.unlock()
	t, err := g.wait(ctx, w, wait)
	if c.Waited != nil {
		c.Waited(time.Since(now))
	}
	return t, err
}

// place makes sure that one more call may wait; in a full queue at the cost of a caller or an
// operation that has more than its share.
func (g *Guard) place(c Call) bool {
	q := &g.slots.queue
	if q.length < g.opts.Queue {
		return true
	}
	if g.opts.Queue <= 0 {
		return false
	}
	rival := q.rival(c.Lane, c.Client)
	if rival == nil {
		return false
	}
	g.totals.Busy++
	q.remove(rival)
	rival.err = g.busy("the queue is full, and others have less of it")
	close(rival.ready)
	return true
}

func (g *Guard) wait(ctx context.Context, w *waiter, wait time.Duration) (ticket, *Error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-w.ready:
		return w.got, w.err
	case <-timer.C:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.unlock()
	select {
	case <-w.ready:
		// The slot came at the same moment. It is given back by whoever finds the caller gone.
		return w.got, w.err
	default:
	}
	g.slots.queue.remove(w)
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ticket{}, g.gone()
	}
	g.totals.Busy++
	return ticket{}, g.busy("no slot in time")
}

// limit is how many slots may be used now.
func (g *Guard) limit(now time.Time) int {
	return g.adaptive.slots(g.breaker.limit(now, g.opts.Max))
}

func (g *Guard) room(now time.Time) bool { return g.slots.used() < g.limit(now) }

// grant takes a slot for a call; there is room.
func (g *Guard) grant(now, deadline time.Time, l *Lane) ticket {
	g.totals.Started++
	g.budget.earn()
	t := g.take(now, deadline, l)
	t.probe = g.breaker.begin(now, deadline)
	return t
}

// take takes a slot; one is free.
func (g *Guard) take(now, deadline time.Time, l *Lane) ticket {
	last := len(g.slots.free) - 1
	n := g.slots.free[last]
	g.slots.free = g.slots.free[:last]
	g.slots.begun[n] = now
	l.running++
	return ticket{slot: n, lane: l, begun: now, deadline: deadline, epoch: g.breaker.epoch}
}

// leave gives the slot back, counts what happened and lets the next ones in.
func (g *Guard) leave(t ticket, v verdict) {
	now := time.Now()
	took := now.Sub(t.begun)
	g.mu.Lock()
	if t.ping {
		g.pinger.count(now, v)
	} else {
		g.account(now, t, took, v)
	}
	g.slots.begun[t.slot] = time.Time{}
	g.slots.free = append(g.slots.free, t.slot)
	t.lane.running--
	g.breaker.done(now, t, v)
	g.dispatch(now)
	g.unlock()
}

// account counts a call that ends, and learns from it.
func (g *Guard) account(now time.Time, t ticket, took time.Duration, v verdict) {
	if v == succeeded {
		t.lane.fastest.add(now, took)
	}
	g.adaptive.add(now, took, t.lane.fastest.least(now), g.slots.used(), v)
	switch v {
	case succeeded:
		g.totals.Succeeded++
	case failed:
		g.totals.Failed++
	case excluded:
		g.totals.Excluded++
	}
}

// dispatch hands out slots in turn. Waiters that may no longer pass, or no longer in time, are told at
// once.
func (g *Guard) dispatch(now time.Time) {
	for g.slots.queue.length > 0 {
		refused := g.admit(now)
		if refused == nil && !g.room(now) {
			return
		}
		w := g.slots.queue.next(refused != nil)
		switch {
		case w == nil: // only lanes that are full
			return
		case refused != nil:
			w.err = refused
		case w.lane.short(now, w.deadline.Sub(now)):
			g.totals.Short++
			w.err = g.short()
		default:
			w.got = g.grant(now, w.deadline, w.lane)
		}
		g.slots.queue.take(w)
		close(w.ready)
	}
}

// hung opens the breaker when the slots are full of exchanges that are overdue, without waiting for
// their timeouts. The slow rule needs completed calls, and a host that hangs completes none.
func (g *Guard) hung(now time.Time) bool {
	if g.breaker.state != Closed || g.opts.Breaker.SlowOver <= 0 {
		return false
	}
	g.breaker.recent.roll(now)
	if !g.breaker.slowRule(g.slots.overdue(now, g.opts.Breaker.SlowOver)) {
		return false
	}
	g.breaker.trip(now, "calls hang")
	g.dispatch(now)
	return g.breaker.state != Closed
}
