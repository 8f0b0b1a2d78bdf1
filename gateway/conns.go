// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// conns follows the connections of a port.
type conns struct {
	mu     sync.Mutex
	states map[net.Conn]*connState
	// lastNew and lastUse are when a connection last came and when one last changed its state.
	lastNew, lastUse time.Time
	// cut counts connections that were closed for others.
	cut func()
}

// connState is the state of a connection and since when it is in it.
type connState struct {
	state http.ConnState
	since time.Time
	among *conns
	// due tells that the sweep before this one found it owed for too long.
	due bool

	mu sync.Mutex
	// shared tells that several calls may run on it (HTTP/2). calls is how many do.
	shared bool
	calls  int
	// awaited is how many of them wait for the caller, who sends a body or takes an answer. Since lull all do.
	awaited int
	lull    time.Time
	// cut tells that the connection was closed, for others, while they did.
	cut bool
}

type connKey struct{}

// enter is the ConnContext hook.
func (c *conns) enter(ctx context.Context, conn net.Conn) context.Context {
	s := &connState{state: http.StateNew, since: time.Now(), among: c}
	c.mu.Lock()
	c.states[conn], c.lastNew, c.lastUse = s, s.since, s.since
	c.mu.Unlock()
	return context.WithValue(ctx, connKey{}, s)
}

// connection is that of the call, nil where it came without one.
func (c *call) connection() *connState {
	s, _ := c.r.Context().Value(connKey{}).(*connState)
	return s
}

// join counts a call on its connection.
func (c *call) join() {
	if s := c.connection(); s != nil {
		c.joined = s
		s.mu.Lock()
		s.shared = c.r.ProtoMajor == 2
		s.calls++
		s.mu.Unlock()
	}
}

// part is the end of what join began.
func (c *call) part() {
	if s := c.joined; s != nil {
		s.mu.Lock()
		s.calls--
		s.lull = time.Now()
		s.mu.Unlock()
	}
}

// await notes that the call waits for its caller from now on; done says that it no longer does, and
// whether the connection is still there.
func (c *call) await() *connState {
	s := c.connection()
	if c.keyed.late != nil {
		return nil // the caller is another call's matter
	}
	if s != nil {
		s.mu.Lock()
		if s.awaited++; s.shared {
			s.lull = time.Now()
		}
		s.mu.Unlock()
	}
	return s
}

func (s *connState) done() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited--
	return !s.cut
}

// slow reports that all calls on the connection wait for the caller, and since when.
func (s *connState) slow() (since time.Time, slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since = s.since
	if s.shared {
		since = s.lull
	}
	return since, s.awaited > 0 && s.awaited >= s.calls
}

// owed reports that none of our calls runs on a connection that is in use, and since when: net/http waits for what the
// caller still owes, such as the rest of a body that nobody wants.
func (s *connState) owed() (since time.Time, owed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since = s.since
	if s.lull.After(since) {
		since = s.lull
	}
	return since, s.state == http.StateActive && s.calls == 0
}

// give ends the connection for another one's sake, if its calls still wait for the caller: what has
// come of their bodies is not used.
func (s *connState) give() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut || s.calls > 0 && (s.awaited == 0 || s.awaited < s.calls) {
		return false
	}
	s.cut = true
	return true
}

// set is the ConnState hook.
func (c *conns) set(conn net.Conn, state http.ConnState) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastUse = now
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(c.states, conn)
	default:
		if s := c.states[conn]; s != nil {
			s.state, s.since = state, now
		}
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
