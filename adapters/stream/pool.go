// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"sync"
	"time"
)

// Stats counts what became of connections. All but Idle and Busy only grow.
type Stats struct {
	// Idle and Busy are the connections open now.
	Idle, Busy int
	// Dialed connections were opened, Reused ones carried a further exchange.
	Dialed, Reused uint64
	// Expired connections were idle for too long; Stale ones were found ended by the host, or with
	// bytes nobody asked for, before they were reused.
	Expired, Stale uint64
	// Discarded connections were closed because their exchange ended in anything but one clean reply.
	Discarded uint64
	// Resent counts requests sent again because the first connection took no byte of them.
	Resent uint64
}

// idlers keeps the connections. The youngest idle one is used first, so that the others can expire.
type idlers struct {
	mu     sync.Mutex
	idle   []*Conn
	busy   map[*Conn]struct{}
	closed bool
	// epoch counts how often connections were distrusted; those of an earlier one are not used again.
	epoch   uint64
	stats   Stats
	maxIdle int
	maxAge  time.Duration
	sweeper *time.Timer
}

// get takes an idle connection that passes its check, or nil.
func (p *idlers) get(now time.Time) *Conn {
	for {
		c := p.pop()
		if c == nil {
			return nil
		}
		expired := now.Sub(c.idle) >= p.maxAge
		if !expired && c.clean() {
			p.count(func(s *Stats) { s.Reused++ })
			return c
		}
		p.mu.Lock()
		delete(p.busy, c)
		if expired {
			p.stats.Expired++
		} else {
			p.stats.Stale++
		}
		p.mu.Unlock()
		c.abort()
	}
}

func (p *idlers) pop() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle) - 1
	if n < 0 {
		return nil
	}
	c := p.idle[n]
	p.idle[n] = nil
	p.idle = p.idle[:n]
	p.busy[c] = struct{}{}
	return c
}

// add takes a new connection into account; false means that the pool is closed.
func (p *idlers) add(c *Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.busy[c] = struct{}{}
	c.epoch = p.epoch
	p.stats.Dialed++
	return true
}

// put takes a connection back after a clean reply.
func (p *idlers) put(c *Conn) {
	now := time.Now()
	p.mu.Lock()
	delete(p.busy, c)
	if p.closed || c.epoch != p.epoch || len(p.idle) >= p.maxIdle {
		p.mu.Unlock()
		c.retire()
		return
	}
	c.idle = now
	p.idle = append(p.idle, c)
	if p.sweeper == nil {
		p.sweeper = time.AfterFunc(p.maxAge, p.sweep)
	}
	p.mu.Unlock()
}

// distrust closes all idle connections, and those in use when they come back.
func (p *idlers) distrust() {
	p.mu.Lock()
	p.epoch++
	idle := p.idle
	p.idle = nil
	p.stats.Discarded += uint64(len(idle))
	p.mu.Unlock()
	for _, c := range idle {
		c.abort()
	}
}

// drop closes a connection whose exchange went wrong.
func (p *idlers) drop(c *Conn) {
	p.mu.Lock()
	delete(p.busy, c)
	p.stats.Discarded++
	p.mu.Unlock()
	c.abort()
}

// sweep closes what was idle for too long and comes back when the next one is due.
func (p *idlers) sweep() {
	now := time.Now()
	p.mu.Lock()
	n := 0
	for n < len(p.idle) && now.Sub(p.idle[n].idle) >= p.maxAge {
		n++
	}
	old := append([]*Conn(nil), p.idle[:n]...)
	rest := copy(p.idle, p.idle[n:])
	clear(p.idle[rest:])
	p.idle = p.idle[:rest]
	p.stats.Expired += uint64(n)
	p.sweeper = nil
	if rest > 0 && !p.closed {
		p.sweeper = time.AfterFunc(max(p.maxAge-now.Sub(p.idle[0].idle), time.Millisecond), p.sweep)
	}
	p.mu.Unlock()
	for _, c := range old {
		c.retire()
	}
}

// close ends every connection, the busy ones too.
func (p *idlers) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	if p.sweeper != nil {
		p.sweeper.Stop()
		p.sweeper = nil
	}
	busy := make([]*Conn, 0, len(p.busy))
	for c := range p.busy {
		busy = append(busy, c)
	}
	p.mu.Unlock()
	for _, c := range idle {
		c.retire()
	}
	for _, c := range busy {
		c.abort()
	}
}

func (p *idlers) count(f func(*Stats)) {
	p.mu.Lock()
	f(&p.stats)
	p.mu.Unlock()
}

func (p *idlers) snapshot() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Idle, s.Busy = len(p.idle), len(p.busy)
	return s
}
