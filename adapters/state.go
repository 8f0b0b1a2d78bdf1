// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"sync"
	"time"
)

// State is a backend at one moment, for operators and metrics. Looking at it changes nothing.
type State struct {
	Backend string
	Breaker BreakerState
	// Since is when that state began, Reason why.
	Since  time.Time
	Reason string
	// Until is when an open breaker lets a probe through, or the Guard sends its ping; zero otherwise.
	Until time.Time
	// Ping is the ping of the Guard; nil if it has none.
	Ping *PingState
	// Inflight exchanges hold one of Limit slots, Waiting calls have none yet.
	Inflight, Waiting, Limit int
	// Completed, Failed and Slow count calls in the breaker's window.
	Completed, Failed, Slow int
	// LastError is the last failed exchange, LastErrorAt when it ended. Nil and zero if there was none.
	LastError   *Error
	LastErrorAt time.Time
	Totals      Totals
	// Endpoints are the ways to the host, if there are several.
	Endpoints []EndpointState
}

// Totals are counters since the guard was made.
type Totals struct {
	// Started calls got a slot; each ends as Succeeded, Failed or Excluded.
	Started, Succeeded, Failed, Excluded uint64
	// Refused calls met an open breaker, a hold or a closed guard; Busy ones found no slot; Short ones
	// had less time left than an exchange takes.
	Refused, Busy, Short uint64
	// Retried counts requests sent again because they were provably not sent before, Hedged second
	// attempts of safe calls. The latter are Started as well.
	Retried, Hedged uint64
}

// State tells how the backend is.
func (g *Guard) State() State {
	var endpoints []EndpointState
	if l, ok := g.adapter.(EndpointLister); ok {
		endpoints = l.EndpointStates()
	}
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.breaker
	b.recent.roll(now)
	s := State{
		Backend: g.name, Breaker: b.state, Since: b.since, Reason: b.reason, Until: b.until,
		Inflight: g.slots.used(), Waiting: g.slots.queue.length, Limit: g.limit(now),
		Completed: b.recent.sum.completed, Slow: b.recent.sum.slow, Failed: b.recent.sum.failed,
		LastErrorAt: g.lastAt, Totals: g.totals, Endpoints: endpoints,
	}
	if g.last != nil {
		e := *g.last
		s.LastError = &e
	}
	if b.state == Opened && !b.pinged && !now.Before(b.until) {
		s.Breaker, s.Since, s.Reason = HalfOpen, b.until, "open time is over"
	}
	if s.Breaker != Opened {
		s.Until = time.Time{}
	}
	if g.held {
		s.Breaker, s.Since, s.Until, s.Reason = Held, g.heldAt, time.Time{}, "held by an operator"
	}
	if b.pinged {
		if b.probe != 0 { // it is under way
			s.Until = time.Time{}
		}
		p := g.pinger.state
		p.Next = s.Until
		s.Ping = &p
	}
	return s
}

// Change is a change of a breaker.
type Change struct {
	Backend  string
	From, To BreakerState
	At       time.Time
	// Until is when an open breaker lets a probe through, or the Guard sends its ping; zero otherwise.
	Until  time.Time
	Reason string
}

// Observer learns of changes, one at a time and in order. It is called on a goroutine of its own
// and may take its time or call the Guard; when it is far behind, the oldest changes are left out.
type Observer interface {
	BreakerChanged(Change)
}

// unlock releases the mutex and passes on a change of state that happened under it. The timer of the ping
// follows the state.
func (g *Guard) unlock() {
	g.setPinger()
	b := g.breaker
	now := b.state
	if g.held {
		now = Held
	}
	if now == g.shown {
		g.mu.Unlock()
		return
	}
	c := Change{Backend: g.name, From: g.shown, To: now, At: b.since, Reason: b.reason}
	switch {
	case now == Held:
		c.At, c.Reason = g.heldAt, "held by an operator"
	case g.shown == Held:
		c.At, c.Reason = g.heldAt, "released by an operator"
	}
	if now == Opened {
		c.Until = b.until
	}
	g.shown = now
	// Under the mutex, so that the order is right; put only appends.
	g.news.put(c)
	g.mu.Unlock()
}

const newsLimit = 64

// news carries changes to an observer without ever making the sender wait. A goroutine exists only
// while there is something to tell.
type news struct {
	to      Observer
	mu      sync.Mutex
	list    []Change
	telling bool
}

func (n *news) put(c Change) {
	if n.to == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) == newsLimit {
		n.list = append(n.list[:0], n.list[1:]...)
	}
	n.list = append(n.list, c)
	if !n.telling {
		n.telling = true
		go n.tell()
	}
}

func (n *news) tell() {
	for {
		n.mu.Lock()
		if len(n.list) == 0 {
			n.telling = false
			n.mu.Unlock()
			return
		}
		c := n.list[0]
		n.list = append(n.list[:0], n.list[1:]...)
		n.mu.Unlock()
		n.one(c)
	}
}

// one survives an observer that panics: its trouble is not the gateway's.
func (n *news) one(c Change) {
	defer func() { _ = recover() }()
	n.to.BreakerChanged(c)
}
