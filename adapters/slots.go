// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"container/list"
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
	begun    time.Time
	deadline time.Time
	epoch    uint64
	probe    uint64
	// hurried is true when the caller's own deadline is too near to blame the host for missing it.
	hurried bool
}

// waiter is a call that waits for a slot. got is filled before ready is closed.
type waiter struct {
	deadline time.Time
	ready    chan struct{}
	got      ticket
	err      *Error
}

// slots are the exchanges that may run at once, and the queue before them.
type slots struct {
	// free holds the numbers of slots not in use, begun when those in use were taken.
	free  []int
	begun []time.Time
	// queue holds *waiter, the oldest in front.
	queue list.List
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
func (g *Guard) enter(ctx context.Context, now, deadline time.Time) (ticket, *Error) {
	g.mu.Lock()
	if err := g.admit(now); err != nil {
		g.unlock()
		return ticket{}, err
	}
	if g.slots.queue.Len() == 0 && g.room(now) {
		t := g.grant(now, deadline)
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
	if wait <= 0 || g.slots.queue.Len() >= g.opts.Queue {
		g.totals.Busy++
		g.unlock()
		return ticket{}, g.busy("the queue is full")
	}
	w := &waiter{deadline: deadline, ready: make(chan struct{})}
	place := g.slots.queue.PushBack(w)
	// A ramp may have made room since the last exchange ended.
	g.dispatch(now)
	g.unlock()
	return g.wait(ctx, w, place, wait)
}

func (g *Guard) wait(ctx context.Context, w *waiter, place *list.Element, wait time.Duration) (ticket, *Error) {
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
	g.slots.queue.Remove(place)
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ticket{}, g.gone()
	}
	g.totals.Busy++
	return ticket{}, g.busy("no slot in time")
}

func (g *Guard) room(now time.Time) bool {
	return g.slots.used() < g.breaker.limit(now, g.opts.Max)
}

// grant takes a slot; there is room.
func (g *Guard) grant(now, deadline time.Time) ticket {
	last := len(g.slots.free) - 1
	n := g.slots.free[last]
	g.slots.free = g.slots.free[:last]
	g.slots.begun[n] = now
	g.totals.Started++
	return ticket{slot: n, begun: now, deadline: deadline, probe: g.breaker.begin(deadline), epoch: g.breaker.epoch}
}

// leave gives the slot back, counts what happened and lets the next ones in.
func (g *Guard) leave(t ticket, v verdict) {
	now := time.Now()
	g.mu.Lock()
	g.slots.begun[t.slot] = time.Time{}
	g.slots.free = append(g.slots.free, t.slot)
	switch v {
	case succeeded:
		g.totals.Succeeded++
	case failed:
		g.totals.Failed++
	case excluded:
		g.totals.Excluded++
	}
	g.breaker.done(now, t, v)
	g.dispatch(now)
	g.unlock()
}

// dispatch hands out slots in order. Waiters that may no longer pass are told at once.
func (g *Guard) dispatch(now time.Time) {
	for e := g.slots.queue.Front(); e != nil; e = g.slots.queue.Front() {
		w := e.Value.(*waiter)
		if err := g.admit(now); err != nil {
			w.err = err
		} else if g.room(now) {
			w.got = g.grant(now, w.deadline)
		} else {
			return
		}
		g.slots.queue.Remove(e)
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
