// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// conns follows the connections of the data port.
type conns struct {
	mu     sync.Mutex
	states map[net.Conn]connState
	// lastNew and lastUse are when a connection last came and when one last changed its state.
	lastNew, lastUse time.Time
}

// connState is the state of a connection and since when it is in it.
type connState struct {
	state http.ConnState
	since time.Time
}

// set is the ConnState hook.
func (c *conns) set(conn net.Conn, state http.ConnState) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastUse = now
	switch state {
	case http.StateNew:
		c.lastNew = now
		c.states[conn] = connState{state, now}
	case http.StateClosed, http.StateHijacked:
		delete(c.states, conn)
	default:
		c.states[conn] = connState{state, now}
	}
}

// idleFor reports that no connection is left, or that nothing happened on any for d.
func (c *conns) idleFor(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.states) == 0 {
		// One that was accepted a moment ago may not be known here yet.
		return time.Since(c.lastNew) > min(d, quiet)
	}
	if time.Since(c.lastUse) <= d {
		return false
	}
	for _, s := range c.states {
		if s.state == http.StateActive {
			return false
		}
	}
	return true
}

// unread reports that a request has arrived on a connection but was not read yet.
func (c *conns) unread() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn, s := range c.states {
		if s.state != http.StateActive && unreadBytes(conn) > 0 {
			return true
		}
	}
	return false
}

// settled reports that the connections left can be closed: none was used for d, and none is waiting
// for its first request.
func (c *conns) settled(d time.Duration) bool {
	c.mu.Lock()
	for _, s := range c.states {
		if s.state == http.StateNew {
			c.mu.Unlock()
			return false
		}
	}
	c.mu.Unlock()
	return c.idleFor(d) && !c.unread()
}

// noneNewFor reports that no connection came for d.
func (c *conns) noneNewFor(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.lastNew) > d
}
