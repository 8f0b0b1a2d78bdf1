// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net"
	"net/http"
	"time"
)

// doorman bounds the connections of a port. When there are too many, the one makes room that has
// kept the gateway waiting longest, for a request, for the rest of one, or for its answer to be taken:
// those who are slow, or say nothing, cannot keep others out.
type doorman struct {
	net.Listener
	conns *conns
	most  int
	// turned counts connections that were closed at once.
	turned func()
}

// Accept implements net.Listener.
func (d *doorman) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil || d.conns.makeRoom(d.most) {
			return c, err
		}
		d.turned()
		_ = c.Close()
	}
}

// sample is how many connections are looked at to find one that has waited long.
const sample = 128

// makeRoom reports whether one more connection may come. If there are too many it closes one, chosen
// among some at random, that has waited longest for its caller; those that wait for us are left alone.
func (c *conns) makeRoom(most int) bool {
	c.mu.Lock()
	if len(c.states) < most {
		c.mu.Unlock()
		return true
	}
	var oldest net.Conn
	for oldest == nil {
		conn, s := c.slowest(len(c.states), (*connState).waits)
		if conn == nil {
			break
		}
		// Its call may have gone on in the meantime.
		if s.state != http.StateActive || s.give() {
			delete(c.states, conn)
			oldest = conn
		}
	}
	c.mu.Unlock()
	if oldest == nil {
		return false
	}
	c.cut()
	_ = oldest.Close()
	return true
}

// slowCaller is how long a call must have waited for its caller before another may have its place.
const slowCaller = time.Second

// cutSlow closes a connection whose call waits for a slow caller, so that another call can have its
// place, and reports whether it found one.
func (c *conns) cutSlow() bool {
	before := time.Now().Add(-slowCaller)
	c.mu.Lock()
	conn, s := c.slowest(sample, func(s *connState) (time.Time, bool) {
		since, slow := s.slow()
		return since, slow && since.Before(before)
	})
	cut := conn != nil && s.give()
	if cut {
		delete(c.states, conn)
	}
	c.mu.Unlock()
	if cut {
		c.cut()
		_ = conn.Close()
	}
	return cut
}

// waits reports that a connection waits for its caller, and since when.
func (s *connState) waits() (since time.Time, waits bool) {
	if s.state != http.StateActive {
		return s.since, true
	}
	if since, owed := s.owed(); owed {
		return since, true
	}
	return s.slow()
}

// sweepEvery is how often connections are looked for that net/http would wait on without end.
const sweepEvery = time.Second

// sweep closes, until done ends, connections on which nothing of ours has run for a time, though they are in use, when it
// sees them so for the second time.
func (c *conns) sweep(done <-chan struct{}, after time.Duration) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		before := time.Now().Add(-after)
		c.mu.Lock()
		for conn, s := range c.states {
			since, owed := s.owed()
			switch due := owed && since.Before(before); {
			case !due || !s.due: // net/http, whose time is up as well, may be about to answer
				s.due = due
			case s.give():
				_ = conn.Close()
			}
		}
		c.mu.Unlock()
	}
}

// slowest is the connection that has been as it is longest, of some at random that fit; nil if none does.
// It looks on after those, until it has looked at most.
func (c *conns) slowest(most int, fits func(*connState) (since time.Time, fits bool)) (net.Conn, *connState) {
	var oldest net.Conn
	var state *connState
	var from time.Time
	looked := 0
	for conn, s := range c.states {
		if looked++; looked > most || looked > sample && oldest != nil {
			break
		}
		if since, ok := fits(s); ok && (oldest == nil || since.Before(from)) {
			oldest, state, from = conn, s, since
		}
	}
	return oldest, state
}
