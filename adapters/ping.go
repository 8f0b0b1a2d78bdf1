// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"context"
	"time"
)

// Ping makes an exchange that finds out, at little cost, whether a host works: its request, and the judge of
// the reply. It must change nothing at the host, since it is sent again and again. An error means that
// there is no request to be had. Safe for concurrent use.
type Ping func() (Message, Judge, error)

// PingState is what became of the pings of a Guard.
type PingState struct {
	// Next is when the next one is sent; zero while none is due.
	Next time.Time
	// Succeeded, Failed and Excluded count pings by what the breaker made of them. The last ones say nothing
	// of the host: they ended by a fault of our own.
	Succeeded, Failed, Excluded uint64
	// Last is what was made of the last one, in the word of its counter, and LastAt when it ended; empty and
	// zero if there was none.
	Last   string
	LastAt time.Time
}

// pinger sends the ping of a Guard while its breaker is open. Between pings there is a timer and no
// goroutine. It is under the Guard's mutex.
type pinger struct {
	ping  Ping
	lane  Lane
	state PingState
	// timer fires at the time set; zero if it does not run.
	timer *time.Timer
	set   time.Time
	// ctx ends with the Guard.
	ctx context.Context
	end context.CancelFunc
}

// pingPostponed is how long a ping waits for a slot: all are held by exchanges that still run.
const pingPostponed = 100 * time.Millisecond

// SetPing lets the Guard find out by itself whether its host is back: while the breaker is open no call is let
// through, and when the open time is over the ping is sent, until one succeeds. What it brings counts as a call
// would, but it takes a slot of the host, not of the operations, and is never sent twice. nil ends that: the
// next probe is then a call.
func (g *Guard) SetPing(p Ping) {
	g.mu.Lock()
	g.pinger.ping, g.breaker.pinged = p, p != nil
	g.unlock()
}

// setPinger sets the timer to when the breaker needs its ping.
func (g *Guard) setPinger() {
	p := &g.pinger
	due := g.breaker.pingDue()
	if g.held || g.closed {
		due = time.Time{}
	}
	if due.Equal(p.set) {
		return
	}
	p.set = due
	switch {
	case due.IsZero():
		p.timer.Stop()
	case p.timer == nil:
		p.timer = time.AfterFunc(time.Until(due), g.tick)
	default:
		p.timer.Reset(time.Until(due))
	}
}

// tick sends a ping if it is time, and gives up one that hangs.
func (g *Guard) tick() {
	now := time.Now()
	g.mu.Lock()
	g.pinger.set = time.Time{}
	t, ping, ok := g.beginPing(now)
	g.unlock()
	if ok {
		g.sendPing(t, ping)
	}
}

// beginPing takes a slot for a ping that is due.
func (g *Guard) beginPing(now time.Time) (ticket, Ping, bool) {
	b := g.breaker
	if g.closed || g.held || b.pingDue().IsZero() {
		return ticket{}, nil, false
	}
	b.expire(now)
	if b.probe != 0 || now.Before(b.until) {
		return ticket{}, nil, false
	}
	if len(g.slots.free) == 0 {
		b.until = now.Add(pingPostponed)
		return ticket{}, nil, false
	}
	deadline := now.Add(b.o.PingTimeout)
	t := g.take(now, deadline, &g.pinger.lane)
	t.probe, t.ping = b.beginProbe(now, deadline, "ping"), true
	return t, g.pinger.ping, true
}

// sendPing makes the exchange of a ping. Also making its request may panic, or end the goroutine.
func (g *Guard) sendPing(t ticket, ping Ping) {
	made := false
	defer func() {
		if made {
			return // the slot came back
		}
		if p := recover(); p != nil {
			g.note(&Error{Fate: NotSent, Kind: Internal, Backend: g.name, Detail: "panic in making the ping", Cause: newPanicError(p)})
		}
		g.leave(t, excluded)
	}()
	m, judge, err := ping()
	if err != nil {
		g.note(&Error{Fate: NotSent, Kind: Internal, Backend: g.name, Detail: "the ping cannot be made", Cause: err})
		return
	}
	made = true
	_, _ = g.run(withPing(g.pinger.ctx), t, Call{Message: m, Judge: judge, Safe: true, Lane: t.lane})
}

type pingKey struct{}

// withPing marks the exchange of a ping.
func withPing(ctx context.Context) context.Context { return context.WithValue(ctx, pingKey{}, true) }

func isPing(ctx context.Context) bool { return ctx.Value(pingKey{}) != nil }

// count counts a ping that ended.
func (p *pinger) count(now time.Time, v verdict) {
	p.state.Last, p.state.LastAt = v.String(), now
	switch v {
	case succeeded:
		p.state.Succeeded++
	case failed:
		p.state.Failed++
	case excluded:
		p.state.Excluded++
	}
}
